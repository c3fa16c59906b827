"""Reading a COCO file: a fast path for valid files, a slow one that finds the fault."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice, pairwise
from operator import eq
from pathlib import Path
from typing import TypeVar

import msgspec

from trashdata.coco.diagnose import (
    LISTS,
    check_utf8,
    diagnose_json,
    diagnose_records,
    malformed,
    plain,
)
from trashdata.coco.document import (
    AnnotationRecord,
    CategoryRecord,
    Document,
    ImageRecord,
    RleRecord,
    decode_segmentation,
)
from trashdata.coco.faults import FAULTS, refuse
from trashdata.coco.keys import REPEAT_OF, VALID_BOX
from trashdata.coco.raw import RawRecords
from trashdata.errors import UserError, printable
from trashdata.mask_codec.raster import compress_counts
from trashdata.mask_codec.rle import parse_counts
from trashdata.names import leaves_root

MAX_PIXELS = 1_000_000_000
MAX_ID = 2**53
# File systems hold 255; a temporary name is some bytes longer.
MAX_NAME_BYTES = 240
_BOM = b"\xef\xbb\xbf"

Record = TypeVar("Record", ImageRecord, AnnotationRecord, CategoryRecord)


def read_document(path: Path, *, masks: bool = True, unique_annotations: bool = False) -> Document:
    """Read and check a COCO file.

    Parameters
    ----------
    path : the JSON file.
    masks : also check every segmentation, for commands that paint them.
    unique_annotations : refuse a repeated annotation id, for commands that refer to annotations by
        id; others only warn.

    Raises
    ------
    UserError : for every fault that `trashdata.coco.faults.FAULTS` says is refused.
    """
    content = read_bytes(path)
    digest = hashlib.sha256(content).hexdigest()
    warnings: list[str] = []
    content, marked = without_mark(content)
    if marked:
        fault = FAULTS["byte-order-mark"]
        warnings.append(f"{path.name}: has a byte-order mark; {fault.advice}.")
    check_utf8(path, content)
    top = _decode_top(path, content)
    images, raw_images = _records(path, content, top, "images", ImageRecord)
    annotations, raw_annotations = _records(path, content, top, "annotations", AnnotationRecord)
    categories, raw_categories = _records(path, content, top, "categories", CategoryRecord)
    document = Document(
        path=path,
        sha256=digest,
        top=top,
        images=images,
        raw_images=raw_images,
        annotations=annotations,
        raw_annotations=raw_annotations,
        categories=categories,
        raw_categories=raw_categories,
        ignore_ids=ignore_ids(path, top),
        warnings=warnings,
    )
    _check_ids(document)
    _check_annotation_ids(document, warnings, unique=unique_annotations)
    _check_references(document)
    _check_images(document)
    if masks:
        check_segmentations(document)
    return document


def read_bytes(path: Path) -> bytes:
    """The bytes of a JSON file."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        beside = sorted(file.name for file in path.parent.glob("*.json"))
        found = f"no such file among {', '.join(beside)}" if beside else "no JSON file there"
        raise UserError(
            str(path), expected="a COCO JSON file", found=found, advice="check --data and the name"
        ) from None
    except OSError as error:
        raise UserError(
            str(path),
            expected="a readable COCO JSON file",
            found=error.strerror or str(error),
            advice="check the path and its permissions",
        ) from None


def without_mark(content: bytes) -> tuple[bytes, bool]:
    """Remove a byte-order mark; returns the content, and whether there was one."""
    return content.removeprefix(_BOM), content.startswith(_BOM)


def _decode_top(path: Path, content: bytes) -> dict[str, msgspec.Raw]:
    try:
        top = msgspec.json.decode(content, type=dict[str, msgspec.Raw])
        for key in top.keys() - set(LISTS):
            # A raw value may hold a number such as 1e999, which commands that encode it again can't
            # write.
            msgspec.json.decode(top[key])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise diagnose_json(path, content, error) from None
    missing = [key for key in LISTS if key not in top]
    if missing:
        present = ", ".join(printable(key) for key in top) or "no key at all"
        raise refuse("key-missing", path.name, f"{present}, but not {', '.join(missing)}")
    return top


def _records(
    path: Path,
    content: bytes,
    top: dict[str, msgspec.Raw],
    key: str,
    record_type: type[Record],
) -> tuple[Sequence[Record], RawRecords]:
    """Typed records and their bytes, both by rising id."""
    try:
        records: list[Record] = msgspec.json.decode(top[key], type=list[record_type])  # type: ignore[valid-type]
    except msgspec.ValidationError as error:
        raise diagnose_records(path, top, key, record_type, error) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise diagnose_json(path, content, error) from None
    ids = [record.id for record in records]
    if ids == sorted(ids):
        return records, RawRecords(top[key], len(records))
    order = sorted(range(len(ids)), key=ids.__getitem__)
    return [records[index] for index in order], RawRecords(top[key], len(records), order)


class _Own(msgspec.Struct, frozen=True):
    ignore_category_ids: list[int] = []


class _Info(msgspec.Struct, frozen=True):
    trashdata: _Own = _Own()


def ignore_ids(path: Path, top: Mapping[str, bytes | msgspec.Raw]) -> frozenset[int]:
    """Ids of the ignore categories, as declared in ``info.trashdata``."""
    if "info" not in top or not bytes(top["info"]).lstrip().startswith(b"{"):
        return frozenset()
    try:
        info = msgspec.json.decode(top["info"], type=_Info)
    except msgspec.ValidationError as error:
        where = f"{path.name}: info.trashdata"
        raise refuse("record-malformed", where, plain(str(error))) from None
    return frozenset(info.trashdata.ignore_category_ids)


# --- checks ---------------------------------------------------------------------------------


def _check_ids(document: Document) -> None:
    kinds = (
        ("image", [image.id for image in document.images]),
        ("category", [category.id for category in document.categories]),
    )
    for kind, ids in kinds:
        for before, after in pairwise(ids):
            if before == after:
                where = f"{document.name}: {kind} {after}"
                raise refuse("id-twice", where, "it more than once")
    for kind, ids in (*kinds, ("annotation", [item.id for item in document.annotations])):
        if ids and max(abs(ids[0]), abs(ids[-1])) > MAX_ID:
            huge = max(ids, key=abs)
            raise refuse("id-huge", f"{document.name}: {kind} {huge}", str(huge))


def _check_annotation_ids(document: Document, warnings: list[str], *, unique: bool) -> None:
    ids = [annotation.id for annotation in document.annotations]
    if not any(map(eq, ids, islice(ids, 1, None))):
        return
    for before, after in pairwise(document.annotations):
        if before.id == after.id:
            fault = refuse(
                "annotation-id-twice",
                f"{document.name}: annotation {after.id}",
                "it more than once",
            )
            if unique:
                raise fault
            warnings.append(str(fault))


def _check_references(document: Document) -> None:
    name = document.name
    names: set[str] = set()
    for category in document.categories:
        if category.name in names:
            where = f"{name}: category {category.id}"
            raise refuse("name-twice", where, f"{printable(category.name)!r} a second time")
        names.add(category.name)
    images = {image.id for image in document.images}
    categories = {category.id for category in document.categories}
    images_asked = {annotation.image_id for annotation in document.annotations}
    categories_asked = {annotation.category_id for annotation in document.annotations}
    if images_asked <= images and categories_asked <= categories:
        return
    for annotation in document.annotations:
        if annotation.image_id not in images:
            where = f"{name}: annotation {annotation.id}"
            raise refuse("image-unknown", where, f"image_id {annotation.image_id}")
        if annotation.category_id not in categories:
            where = f"{name}: annotation {annotation.id}"
            raise refuse("category-unknown", where, f"category_id {annotation.category_id}")


def _check_images(document: Document) -> None:
    seen: dict[str, int] = {}
    for image in document.images:
        for kind, found in () if _is_plain(image) else image_faults(image):
            raise refuse(kind, f"{document.name}: image {image.id}", found)
        if REPEAT_OF in image.trashdata:
            continue
        if image.file_name in seen:
            found = f"file_name {printable(image.file_name)!r}, as image {seen[image.file_name]}"
            raise refuse("name-twice", f"{document.name}: image {image.id}", found)
        seen[image.file_name] = image.id


def _is_plain(image: ImageRecord) -> bool:
    """A fast check that is true for nearly all valid images."""
    name = image.file_name
    short = len(name) <= MAX_NAME_BYTES and name.isascii()
    sized = image.width >= 1 and image.height >= 1 and image.width * image.height <= MAX_PIXELS
    return short and sized and not image.trashdata and not leaves_root(name)


def image_faults(image: ImageRecord) -> Iterator[tuple[str, str]]:
    """Refused faults of a single image: their kinds, and what was found."""
    if leaves_root(image.file_name):
        yield "file-name-leaves", repr(printable(image.file_name))
    longest = max(len(part.encode("utf-8", "replace")) for part in image.file_name.split("/"))
    if longest > MAX_NAME_BYTES:
        yield "file-name-long", f"one of {longest} bytes"
    if image.width < 1 or image.height < 1 or image.width * image.height > MAX_PIXELS:
        yield "image-size", f"{image.width} x {image.height}"
    elif VALID_BOX in image.trashdata:
        box = image.trashdata[VALID_BOX]
        whole = isinstance(box, list) and len(box) == 4 and all(type(edge) is int for edge in box)
        if not whole or not (
            min(box) >= 0 and box[0] + box[2] <= image.width and box[1] + box[3] <= image.height
        ):
            yield "valid-box", printable(str(box))


def check_segmentations(document: Document) -> None:
    """Refuse the first annotation whose segmentation can't be rasterised."""
    for annotation in document.annotations:
        image = document.image_by_id[annotation.image_id]
        where = f"{document.name}: annotation {annotation.id}"
        try:
            segmentation = decode_segmentation(annotation)
        except msgspec.ValidationError as error:
            raise malformed(where, error, " in its segmentation") from None
        if not segmentation:
            raise refuse("segmentation-empty", where, "an empty segmentation")
        if isinstance(segmentation, RleRecord):
            faults = [rle_fault(segmentation, image)]
        else:
            faults = [polygon_fault(p, image.width, image.height) for p in segmentation]
        for fault in filter(None, faults):
            raise refuse(fault[0], where, fault[1])


def polygon_fault(polygon: Sequence[float], width: int, height: int) -> tuple[str, str] | None:
    """The refused fault of a polygon on a photo of this size: its kind, and what was found."""
    if len(polygon) < 6:
        kind = "polygon-four" if len(polygon) == 4 else "polygon-short"
        return kind, f"one of {len(polygon)} numbers"
    if len(polygon) % 2:
        return "polygon-odd", f"a polygon of {len(polygon)} numbers"
    for values, size in ((polygon[::2], width), (polygon[1::2], height)):
        low, high = min(values), max(values)
        if low < -size or high > 2 * size:
            worst = low if low < -size else high
            return "polygon-huge", f"{worst:g} on a side of {size} pixels"
    return None


def rle_fault(rle: RleRecord, image: ImageRecord) -> tuple[str, str] | None:
    """The refused fault of an RLE: its kind, and what was found."""
    if rle.size != (image.height, image.width):
        return "rle-size", f"size {list(rle.size)} on a photo of [{image.height}, {image.width}]"
    if holds_bytes_literal(rle.counts):
        return "rle-bytes", "the text b'...', which Python makes of bytes"
    total = _guard(lambda: _total_of(rle, image))
    pixels = image.width * image.height
    if total != pixels:
        found = "counts that can't be read" if total is None else f"a sum of {total}"
        return "rle-counts", f"{found} where the photo has {pixels}"
    return None


def holds_bytes_literal(counts: str | list[int]) -> bool:
    """Whether the counts are ``str(b"...")``, a common mistake in writing them."""
    return isinstance(counts, str) and counts.startswith(("b'", 'b"'))


def _total_of(rle: RleRecord, image: ImageRecord) -> int | None:
    if isinstance(rle.counts, list):
        return sum(rle.counts) if all(0 <= count <= MAX_PIXELS for count in rle.counts) else None
    runs = parse_counts([compress_counts(rle.counts, image.width, image.height)])
    return int(runs.totals()[0])


def _guard(total: Callable[[], int | None]) -> int | None:
    try:
        return total()
    except (ValueError, UnicodeEncodeError):
        return None
