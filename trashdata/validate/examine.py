"""All faults of a file: the document first, then its masks, then its photos."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from trashdata.coco.diagnose import LISTS, holds_non_finite, holds_surrogate
from trashdata.coco.document import AnnotationRecord, CategoryRecord, ImageRecord
from trashdata.coco.read import MAX_PIXELS, ignore_ids
from trashdata.console import Reporter
from trashdata.errors import UserError, printable
from trashdata.runs.workers import run_shards

from . import references
from .annotations import Item, annotation_findings
from .findings import Finding, RenameTop, SetTop, in_order
from .images import image_findings
from .loose import LooseFile
from .photos import photo_findings
from .records import typed, whole_number_of, whole_text, without_non_finite

# Least number of annotations per shard.
_SHARD = 500


def examine(
    loose: LooseFile,
    photos: Path | None,
    *,
    workers: int = 1,
    scheduler: str | None = None,
    reporter: Reporter | None = None,
    look_at_photos: bool = True,
) -> list[Finding]:
    """Find every fault of a file.

    Parameters
    ----------
    photos : the image root; None if photos are not to be opened.
    scheduler : of a Dask cluster that opens the photos.
    look_at_photos : False opens only photos that may have values missing in records.
    """
    reporter = reporter or Reporter()
    images, image_types = typed(loose, "images", ImageRecord, photos)
    annotations, annotation_types = typed(loose, "annotations", AnnotationRecord)
    categories, category_types = typed(loose, "categories", CategoryRecord)
    findings = [*_top_findings(loose), *image_types, *annotation_types, *category_types]
    findings += references.id_faults(loose.lists["images"], images, "images")
    findings += references.id_faults(loose.lists["annotations"], annotations, "annotations")
    findings += references.id_faults(loose.lists["categories"], categories, "categories")
    findings += references.image_names(images)
    findings += references.category_names(categories)
    image_ids, category_ids = (_ids(loose.lists[key]) for key in ("images", "categories"))
    findings += references.unknown_references(annotations, image_ids, category_ids)
    findings += references.category_gaps(category_ids)
    findings += image_findings(loose.lists["images"], images, photos)
    findings += _mask_findings(loose, images, annotations, workers, reporter)
    if photos is not None and look_at_photos:
        findings += photo_findings(
            images, photos, workers=workers, scheduler=scheduler, reporter=reporter
        )
    return in_order(findings)


def _key_findings(loose: LooseFile) -> Iterator[Finding]:
    """Top-level keys with broken text, with unused names for them."""
    taken = set(loose.top)
    for key in loose.top if loose.broken else ():
        if holds_surrogate(key):
            whole = whole_text(key)
            while whole in taken:
                whole += "_"
            taken.add(whole)
            found = f"half a character in the key {printable(key)}"
            yield Finding("text-broken", found, fix=RenameTop(key, whole))


def _ids(records: Sequence[Any]) -> set[int]:
    """The existing ids, including those of records with other faults."""
    ids = (record.get("id") for record in records if isinstance(record, dict))
    return {number for number in map(whole_number_of, ids) if number is not None}


def _top_findings(loose: LooseFile) -> Iterator[Finding]:
    if loose.marked:
        yield Finding("byte-order-mark", "one")
    for key in loose.missing:
        yield Finding("key-missing", f"no list {key}", fix=SetTop(key, []))
    # Values that msgspec decodes have neither NaN nor lone surrogates.
    for key in loose.top if loose.broken else ():
        value = None if key in LISTS else json.loads(bytes(loose.top[key]))
        if holds_non_finite(value):
            fix = SetTop(key, without_non_finite(value))
            yield Finding("not-a-number", f"NaN or Infinity in {printable(key)}", fix=fix)
        if holds_surrogate(value):
            fix = SetTop(key, whole_text(value))
            yield Finding("text-broken", f"half a character in {printable(key)}", fix=fix)
    yield from _key_findings(loose)
    try:
        ignore_ids(loose.path, loose.top)
    except msgspec.DecodeError:
        return  # NaN, already reported
    except UserError as error:
        info = json.loads(bytes(loose.top["info"]))
        fix = SetTop("info", {k: v for k, v in info.items() if k != "trashdata"})
        yield Finding("record-malformed", f"{error.found} in info.trashdata", fix=fix)


# --- masks, photo by photo ------------------------------------------------------------------

_Work = tuple[ImageRecord, list[Item]]


def _mask_findings(
    loose: LooseFile,
    images: Sequence[ImageRecord | None],
    annotations: Sequence[AnnotationRecord | None],
    workers: int,
    reporter: Reporter,
) -> Iterator[Finding]:
    ignored = _ignored(loose)
    by_image: dict[int, _Work] = {}
    for image in images:
        if image is not None and _has_size(image):
            by_image.setdefault(image.id, (image, []))
    for index, item in enumerate(annotations):
        if item is not None and item.image_id in by_image:
            record: dict[str, Any] = loose.lists["annotations"][index]
            by_image[item.image_id][1].append(Item(index, record, item.category_id in ignored))
    shards = _shards(work for work in by_image.values() if work[1])
    with reporter.progress("Masks", sum(len(items) for s in shards for _, items in s)) as tick:
        for number, findings in run_shards(_check_shard, shards, None, workers=workers):
            yield from findings
            tick(sum(len(items) for _, items in shards[number]))


def _ignored(loose: LooseFile) -> frozenset[int]:
    try:
        return ignore_ids(loose.path, loose.top)
    except (UserError, msgspec.DecodeError):
        return frozenset()


def _has_size(image: ImageRecord) -> bool:
    return min(image.width, image.height) >= 1 and image.width * image.height <= MAX_PIXELS


def _shards(works: Iterator[_Work]) -> list[list[_Work]]:
    shards: list[list[_Work]] = [[]]
    held = 0
    for work in works:
        if held >= _SHARD:
            shards.append([])
            held = 0
        shards[-1].append(work)
        held += len(work[1])
    return shards


def _check_shard(_: None, shard: list[_Work]) -> list[Finding]:
    return [finding for image, items in shard for finding in annotation_findings(image, items)]
