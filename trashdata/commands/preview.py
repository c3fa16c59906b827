"""``trashdata preview``: a contact sheet of photos with their labels drawn over them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trashdata.coco.keys import DONOR_ANNOTATION_ID, REPEAT_OF, VALID_BOX
from trashdata.completion import complete_class
from trashdata.console import Reporter
from trashdata.errors import UserError, printable
from trashdata.options import (
    ConfigOption,
    DataOption,
    DryRunOption,
    Exif,
    ExifOption,
    ImagesOption,
    JsonOption,
    JsonSummaryOption,
    OverwriteOption,
    QuietOption,
    SeedOption,
    VerboseOption,
    command_app,
    finish,
    reporter_for,
)
from trashdata.outcome import Outcome
from trashdata.paths import (
    DEFAULT_DATA,
    Places,
    output_path,
    refuse_existing,
    refuse_input_as_output,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from trashdata.coco.document import AnnotationRecord, Document, ImageRecord
    from trashdata.preview.contact_sheet import LegendEntry, Tile

app = command_app()

# A sheet is held in memory whole; 20 x 20 photos are 200 MB, and more are no preview.
MAX_PHOTOS = 400


@app.command("preview")
def command(
    out: Annotated[
        Path,
        typer.Option("--out", metavar="SHEET.png", help="Picture to write.", show_default=False),
    ],
    data: DataOption = DEFAULT_DATA,
    images: ImagesOption = None,
    json: JsonOption = "train.json",
    num: Annotated[int, typer.Option("--num", min=1, max=MAX_PHOTOS, help="Photos at most.")] = 16,
    patch: Annotated[
        list[str] | None,
        typer.Option(
            "--patch",
            metavar="CLASS",
            help="Only photos that hold an object of this class; repeat for more.",
            autocompletion=complete_class,
            show_default="photos of all classes",
        ),
    ] = None,
    seed: SeedOption = 42,
    exif: ExifOption = "auto",
    dry_run: DryRunOption = False,
    overwrite: OverwriteOption = False,
    config: ConfigOption = None,
    json_summary: JsonSummaryOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Draw a contact sheet of photos with their masks, outlines and class names.

    Pasted objects have a white edge and a plus before their name.

    Example: trashdata preview --data demo/input/data --patch Battery --out sheet.png
    """
    reporter = reporter_for(quiet=quiet, verbose=verbose, json_summary=json_summary)
    outcome = preview(
        data,
        images=images,
        json=json,
        num=num,
        patch=patch or (),
        out=out,
        seed=seed,
        exif=exif,
        dry_run=dry_run,
        overwrite=overwrite,
        reporter=reporter,
    )
    finish(outcome, json_summary=json_summary)


def preview(
    data: Path | str = DEFAULT_DATA,
    *,
    out: Path | str,
    images: Path | str | None = None,
    json: str = "train.json",
    num: int = 16,
    patch: Sequence[str] = (),
    seed: int = 42,
    exif: Exif = "auto",
    dry_run: bool = False,
    overwrite: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Draw a contact sheet of ``num`` photos, drawn at random, with what their labels say.

    Shows what `trashdata masks` would paint. With ``patch``, only photos that hold an object of
    one of these classes. The same data and seed give the same bytes.

    Raises
    ------
    UserError : a fault in the JSON or a photo, an unknown class, no photo to show, or an ``out``
        that exists, is an input, is no PNG, or lies outside of the working folder.
    """
    from trashdata.coco.read import read_document
    from trashdata.photos import read_photo
    from trashdata.preview.contact_sheet import compose, encode_png
    from trashdata.runs.files import write_atomically

    reporter = reporter or Reporter()
    places = Places.of(data, images)
    sheet = output_path(out)
    document = read_document(places.input_json(json))
    for warning in document.warnings:
        reporter.warn(warning)
    _check_sheet(sheet, document, places, overwrite=overwrite)
    chosen = choose_photos(document, num=num, patch=patch, seed=seed)
    _check_photos(chosen, places.images, exif, reporter)
    inputs = {document.name: document.sha256}
    if dry_run:
        names = ", ".join(image.file_name for image in chosen)
        reporter.note(f"Would show {len(chosen)} photos in {sheet}: {names}.")
        return _outcome(document, chosen, sheet, inputs, reporter)
    tiles: list[Tile] = []
    with reporter.progress("Photos", len(chosen)) as tick:
        for image in chosen:
            photo = read_photo(places.images, image, exif)
            inputs[image.file_name] = photo.sha256
            tiles.append(_tile(document, image, photo.pixels, patch))
            tick()
    note, legend = _note(document, chosen), legend_entries(document, chosen)
    write_atomically(sheet, encode_png(compose(document.name, note, legend, tiles)))
    outcome = _outcome(document, chosen, sheet, inputs, reporter)
    reporter.table(
        f"{len(chosen)} photos in {sheet}",
        ("class", "objects"),
        [(entry.name, entry.count) for entry in legend if entry.count is not None],
    )
    return outcome


def _check_sheet(sheet: Path, document: Document, places: Places, *, overwrite: bool) -> None:
    from trashdata.photos import photo_path

    if sheet.exists():
        photos = [photo_path(places.images, image) for image in document.images]
        refuse_input_as_output(sheet, [document.path, *photos])
    refuse_existing(sheet, overwrite=overwrite)


def choose_photos(
    document: Document, *, num: int, patch: Sequence[str] = (), seed: int = 42
) -> list[ImageRecord]:
    """Draw at most ``num`` photos at random; they stand by rising id.

    With a smaller ``num`` and the same seed, the photos are among those of a larger one.
    """
    import numpy as np

    from trashdata.classes import find_classes

    if not 1 <= num <= MAX_PHOTOS:
        expected, advice = f"1 to {MAX_PHOTOS} photos", "choose another number"
        raise UserError("--num", expected=expected, found=str(num), advice=advice)
    wanted = {category.id for category in find_classes(document, patch, "--patch")}
    candidates = [
        image
        for image in document.images
        # A repeated image is the same photo once more.
        if REPEAT_OF not in image.trashdata
        and (not patch or any(a.category_id in wanted for a in _annotations(document, image)))
    ]
    if not candidates:
        which = f" with {' or '.join(printable(name) for name in patch)}" if patch else ""
        advice = "choose another --json" + (" or another --patch" if patch else "")
        expected = f"photos{which} to show"
        raise UserError(document.name, expected=expected, found="none", advice=advice)
    drawn = np.random.default_rng(seed).permutation(len(candidates))[:num]
    return [candidates[index] for index in sorted(drawn.tolist())]


def _check_photos(
    chosen: Sequence[ImageRecord],
    root: Path,
    exif: Exif,
    reporter: Reporter,
) -> None:
    """Find what is wrong with the photos before the first one is drawn."""
    from trashdata.photos import check_photo

    turned = [image.file_name for image in chosen if check_photo(root, image, exif) != 1]
    if turned and exif == "auto":
        reporter.warn(
            f"{len(turned)} of {len(chosen)} photos, {turned[0]} for one, carry an EXIF turn or "
            "mirror that their size says nothing of; they are shown as stored, see --exif."
        )


def _annotations(document: Document, image: ImageRecord) -> list[AnnotationRecord]:
    return document.annotations_of.get(image.id, [])


def _is_pasted(annotation: AnnotationRecord) -> bool:
    return DONOR_ANNOTATION_ID in annotation.trashdata


def _tile(
    document: Document,
    image: ImageRecord,
    pixels: NDArray[np.uint8],
    patch: Sequence[str],
) -> Tile:
    from trashdata.coco.document import segmentation_shape
    from trashdata.mask_codec.raster import rasterise
    from trashdata.masks.labelmap import paint_instances, painting_order
    from trashdata.preview.contact_sheet import Shown, Subject, Tile, draw_photo

    annotations = _annotations(document, image)
    shapes = [segmentation_shape(annotation, image) for annotation in annotations]
    windows = rasterise(shapes, image.width, image.height)
    order = painting_order(annotations, [window.area for window in windows], document.ignore_ids)
    instances = paint_instances(windows, order, (image.height, image.width))
    names = {category.id: category.name for category in document.categories}
    objects = [
        Shown(name, document.class_index[row.category_id], _is_pasted(row), wanted=name in patch)
        for row in annotations
        for name in [names[row.category_id]]
    ]
    note = _objects_text(document, annotations)
    subject = Subject(pixels, instances, objects, image.valid_box)
    return Tile(draw_photo(subject), image.file_name, note)


def _objects_text(document: Document, annotations: Sequence[AnnotationRecord]) -> str:
    """How many objects, and how many of them were pasted; ignore regions are none."""
    objects = [row for row in annotations if row.category_id not in document.ignore_ids]
    pasted = sum(map(_is_pasted, objects))
    some = "1 object" if len(objects) == 1 else f"{len(objects):,} objects"
    count = some if objects else "no objects"
    return f"{count}, {pasted:,} pasted" if pasted else count


def _note(document: Document, chosen: Sequence[ImageRecord]) -> str:
    shown = [row for image in chosen for row in _annotations(document, image)]
    total = len(document.images)
    return f"{len(chosen):,} of {total:,} photos, {_objects_text(document, shown)}"


def legend_entries(document: Document, chosen: Sequence[ImageRecord]) -> list[LegendEntry]:
    """The classes that occur in these photos, in the order of their ids, and what else is drawn."""
    from trashdata.preview.contact_sheet import IGNORE, LegendEntry

    shown = [row for image in chosen for row in _annotations(document, image)]
    counts = Counter(row.category_id for row in shown)
    entries = [
        LegendEntry(category.name, document.class_index[category.id], counts[category.id])
        for category in document.class_categories
        if counts[category.id]
    ]
    pasted = sum(map(_is_pasted, shown))
    if pasted:
        entries.append(LegendEntry("pasted", 0, pasted, pasted=True))
    padded = any(VALID_BOX in image.trashdata for image in chosen)
    if padded or any(counts[category] for category in document.ignore_ids):
        entries.append(LegendEntry("ignore or padding", IGNORE))
    return entries


def _outcome(
    document: Document,
    chosen: Sequence[ImageRecord],
    sheet: Path,
    inputs: dict[str, str],
    reporter: Reporter,
) -> Outcome:
    shown = [row for image in chosen for row in _annotations(document, image)]
    return Outcome(
        command="preview",
        inputs=inputs,
        outputs=[str(sheet)],
        counts={
            "photos": len(chosen),
            "objects": sum(row.category_id not in document.ignore_ids for row in shown),
            "pasted": sum(map(_is_pasted, shown)),
        },
        warnings=reporter.warnings,
        figures={"photos": [image.file_name for image in chosen]},
    )
