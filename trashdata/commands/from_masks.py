"""``trashdata from-masks``: label PNGs to COCO."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trashdata.coco.keys import IGNORE_CATEGORY_IDS, MADE_BY
from trashdata.console import Reporter
from trashdata.errors import UserError, printable
from trashdata.options import (
    ConfigOption,
    DataOption,
    DryRunOption,
    ImagesOption,
    JsonSummaryOption,
    OverwriteOption,
    QuietOption,
    SegmentationForm,
    SegmentationOption,
    VerboseOption,
    WorkersOption,
    command_app,
    cores,
    finish,
    reporter_for,
)
from trashdata.outcome import Outcome
from trashdata.paths import DEFAULT_DATA, Places, refuse_input_as_output
from trashdata.runs.single_file import refuse_existing

if TYPE_CHECKING:
    from trashdata.classes import CLASS_FILE, ClassFile
    from trashdata.runs.files import Spool

app = command_app()

SHARD = 50


@app.command("from-masks")
def command(
    masks_dir: Annotated[
        Path, typer.Argument(metavar="MASKS_DIR", help="Folder of label PNGs, subfolders too.")
    ],
    out: Annotated[
        str,
        typer.Option(
            "--out", metavar="NAME.json", help="File in the data folder.", show_default=False
        ),
    ],
    classes: Annotated[
        Path | None,
        typer.Option(
            "--classes",
            metavar="FILE.json",
            help="What the indices mean.",
            show_default="MASKS_DIR/classes.json",
        ),
    ] = None,
    data: DataOption = DEFAULT_DATA,
    images: ImagesOption = None,
    segmentation: SegmentationOption = "polygon",
    workers: WorkersOption = None,
    dry_run: DryRunOption = False,
    overwrite: OverwriteOption = False,
    config: ConfigOption = None,
    json_summary: JsonSummaryOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Turn label PNGs into a COCO file: an annotation per connected region, without loss.

    Example: trashdata from-masks demo/input/data/masks --data demo/input/data --out traced.json
    """
    reporter = reporter_for(quiet=quiet, verbose=verbose, json_summary=json_summary)
    outcome = from_masks(
        masks_dir,
        data,
        out=out,
        classes=classes,
        images=images,
        segmentation=segmentation,
        workers=workers or cores(),
        dry_run=dry_run,
        overwrite=overwrite,
        reporter=reporter,
    )
    finish(outcome, json_summary=json_summary)


def from_masks(
    masks_dir: Path | str,
    data: Path | str = DEFAULT_DATA,
    *,
    out: str,
    classes: Path | str | None = None,
    images: Path | str | None = None,
    segmentation: SegmentationForm = "polygon",
    workers: int = 1,
    dry_run: bool = False,
    overwrite: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Turn the label PNGs of a folder into ``<out>.json`` in the data folder.

    One annotation per 8-connected region of a class; what is 255 becomes one crowd annotation
    per image, of the category ``ignore``. `trashdata masks` paints the very masks again.

    Raises
    ------
    UserError : a mask is no 8-bit label PNG, holds an index that ``classes`` lacks, or is of
        another size than its photo; two photos fit one mask; or the output exists.
    """
    from trashdata.classes import read_class_file
    from trashdata.masks.files import mask_files, photo_names

    reporter = reporter or Reporter()
    places = Places.of(data, images)
    target = places.data / f"{places.output_name(out)}.json"
    folder = Path(masks_dir)
    names = mask_files(folder)
    class_path = folder / CLASS_FILE if classes is None else Path(classes)
    class_file = read_class_file(class_path)
    _check_class_file(class_path, class_file, reporter)
    refuse_input_as_output(target, [class_path])
    refuse_existing(target, overwrite=overwrite)
    photos, missing = photo_names(places.images, folder, names)
    if missing:
        reporter.warn(
            f"{len(missing)} of {len(names)} masks have no photo under {places.images}, the first "
            f"is {missing[0]}; their file_name ends in .jpg."
        )
    there = frozenset(names) - frozenset(missing)
    content = _Content(
        folder, names, places.images, photos, there, class_path.name, class_file, segmentation
    )
    inputs = {class_path.name: hashlib.sha256(class_path.read_bytes()).hexdigest()}
    counts = {"images": len(names), "classes": len(class_file.classes)}
    if dry_run:
        reporter.note(f"Would write what {len(names)} masks hold to {target}.")
    else:
        counts |= _write(content, target, workers, reporter)
    return Outcome("from-masks", inputs, [str(target)], counts, reporter.warnings)


def _check_class_file(path: Path, content: ClassFile, reporter: Reporter) -> None:
    where = printable(str(path))
    if (content.background, content.ignore) != (0, 255):
        raise UserError(
            where,
            expected="background 0 and ignore 255",
            found=f"background {content.background} and ignore {content.ignore}",
            advice="renumber the masks",
        )
    for field in ("id", "name"):
        values = [getattr(row, field) for row in content.classes]
        twice = next((value for value in values if values.count(value) > 1), None)
        if twice is not None:
            found = f"{printable(str(twice))!r} twice"
            raise UserError(
                where, expected=f"{field}s of their own", found=found, advice="correct one of them"
            )
    ranked = sorted(content.classes, key=lambda row: row.id)
    if [row.index for row in ranked] != list(range(1, len(ranked) + 1)):
        reporter.warn(
            f"{path.name}: its indices do not follow the ids, and 'trashdata masks' numbers "
            "classes by rising id; masks painted again will have other indices."
        )


@dataclass(frozen=True)
class _Content:
    """What every shard needs; a mask's image id is 1 + its place in ``names``.

    ``photos``: ``file_name`` by mask, under ``images``; ``there``: the masks that have a photo.
    """

    folder: Path
    names: list[str]
    images: Path
    photos: dict[str, str]
    there: frozenset[str]
    class_name: str
    class_file: ClassFile
    form: SegmentationForm

    @property
    def ignore_id(self) -> int:
        return max((row.id for row in self.class_file.classes), default=0) + 1


@dataclass(frozen=True)
class _ShardResult:
    """Encoded records, a line each, annotations without id; annotations by category id."""

    images: bytes
    annotations: bytes
    counts: dict[int, int]


def _write(content: _Content, target: Path, workers: int, reporter: Reporter) -> dict[str, int]:
    from trashdata.runs.files import Spool
    from trashdata.runs.workers import run_shards

    ids = range(1, len(content.names) + 1)
    shards = [tuple(ids[start : start + SHARD]) for start in range(0, len(ids), SHARD)]
    totals = dict.fromkeys((row.id for row in content.class_file.classes), 0)
    with (
        Spool(target.parent) as images,
        Spool(target.parent) as annotations,
        reporter.progress("Masks", len(ids)) as tick,
    ):
        for index, result in run_shards(_trace_shard, shards, content, workers=workers):
            images.add(index, result.images)
            annotations.add(index, result.annotations)
            for category, count in result.counts.items():
                totals[category] = totals.get(category, 0) + count
            tick(len(shards[index]))
        _write_json(content, target, images, annotations, ignored=content.ignore_id in totals)
    rows = [(row.index, row.name, totals[row.id]) for row in content.class_file.classes]
    if content.ignore_id in totals:
        rows.append((255, "ignore", totals[content.ignore_id]))
    title = f"{sum(totals.values())} annotations of {len(ids)} images in {target}"
    reporter.table(title, ("index", "class", "annotations"), rows)
    return {"annotations": sum(totals.values())}


def _trace_shard(content: _Content, shard: tuple[int, ...]) -> _ShardResult:
    import msgspec

    from trashdata.mask_codec.png import read_label_png

    encode = msgspec.json.Encoder().encode
    images: list[bytes] = []
    annotations: list[bytes] = []
    counts: dict[int, int] = {}
    for image_id in shard:
        name = content.names[image_id - 1]
        labels = read_label_png(content.folder / name)
        height, width = labels.shape
        photo = content.photos[name]
        if name in content.there:
            _check_size(content, name, width, height)
        images.append(
            encode({"id": image_id, "file_name": photo, "width": width, "height": height})
        )
        for annotation in _annotations(content, image_id, labels):
            category = annotation.category_id
            counts[category] = counts.get(category, 0) + 1
            annotations.append(encode(annotation))
    return _ShardResult(_lines(images), _lines(annotations), counts)


def _check_size(content: _Content, name: str, width: int, height: int) -> None:
    """Refuse a mask of another size than its photo, which EXIF may turn."""
    from trashdata.photo_bytes import PhotoError, read_header
    from trashdata.photos import sides_swap

    try:
        photo = read_header(content.images / content.photos[name])
    except PhotoError:
        return  # No photo is read here, and 'trashdata validate' names those that can't be.
    sizes = [(photo.width, photo.height)]
    if sides_swap(photo):
        sizes.append((photo.height, photo.width))
    if (width, height) not in sizes:
        raise UserError(
            printable(str(content.folder / name)),
            expected=f"{photo.width} x {photo.height} pixels, as its photo has",
            found=f"{width} x {height}",
            advice="make the mask anew from the photo as it is",
        )


def _lines(records: list[bytes]) -> bytes:
    return b"".join(record + b"\n" for record in records)


def _annotations(content: _Content, image_id: int, labels: Any) -> list[Any]:
    """The annotations of one mask, by class index, the ignore region last."""
    from trashdata.coco.regions import (
        class_regions,
        ignore_annotation,
        indices_present,
        region_annotation,
    )

    categories = {row.index: row.id for row in content.class_file.classes}
    present = indices_present(labels)
    indices = [index for index in present if index not in (0, 255)]
    for index in indices:
        if index not in categories:
            raise _unknown_index(content, image_id, index)
    annotations = [
        region_annotation(
            region, content.form, labels.shape, image_id=image_id, category_id=categories[index]
        )
        for index, regions in class_regions(labels, indices)
        for region in regions
    ]
    if 255 in present:
        _check_ignore_name(content)
        annotations.append(
            ignore_annotation(labels, image_id=image_id, category_id=content.ignore_id)
        )
    return annotations


def _check_ignore_name(content: _Content) -> None:
    if any(row.name == "ignore" for row in content.class_file.classes):
        raise UserError(
            content.class_name,
            expected="no class called ignore beside masks that hold 255, which becomes that",
            found="one",
            advice="give the class another name",
        )


def _unknown_index(content: _Content, image_id: int, index: int) -> UserError:
    known = sorted(row.index for row in content.class_file.classes)
    return UserError(
        printable(str(content.folder / content.names[image_id - 1])),
        expected=f"0, 255 and the class indices of {content.class_name} "
        f"({', '.join(map(str, known)) or 'none'})",
        found=f"index {index}",
        advice=f"correct the mask, or add the class to {content.class_name}",
    )


def _write_json(
    content: _Content, target: Path, images: Spool, annotations: Spool, *, ignored: bool
) -> None:
    import msgspec

    from trashdata.coco.document import IGNORE_NAME, IGNORE_SUPERCATEGORY
    from trashdata.coco.write import write_document
    from trashdata.runs.files import open_atomically

    categories = [
        {"id": row.id, "name": row.name, "supercategory": row.name}
        for row in sorted(content.class_file.classes, key=lambda row: row.id)
    ]
    if ignored:
        category = {"name": IGNORE_NAME, "supercategory": IGNORE_SUPERCATEGORY}
        categories.append({"id": content.ignore_id, **category})
    info = {
        "description": "Traced from label masks, one annotation per connected region",
        "trashdata": {
            MADE_BY: "trashdata from-masks",
            IGNORE_CATEGORY_IDS: [content.ignore_id] if ignored else [],
        },
    }
    # The keys in the order that COCO files have.
    top = {"info": msgspec.json.encode(info), "licenses": b"[]", "images": b"", "annotations": b""}
    lists = {
        "images": images.lines(),
        "annotations": (
            b'{"id":%d,%b' % (number, line[1:])
            for number, line in enumerate(annotations.lines(), start=1)
        ),
        "categories": map(msgspec.json.encode, categories),
    }
    with open_atomically(target) as stream:
        write_document(stream, top, lists)
