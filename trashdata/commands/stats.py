"""``trashdata stats``: what is in a COCO file, as tables and as one picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trashdata.console import Reporter
from trashdata.options import (
    ConfigOption,
    DataOption,
    ImagesOption,
    JsonOption,
    JsonSummaryOption,
    OverwriteOption,
    QuietOption,
    VerboseOption,
    command_app,
    finish,
    reporter_for,
)
from trashdata.outcome import Outcome
from trashdata.paths import (
    DEFAULT_DATA,
    Places,
    file_labels,
    output_path,
    refuse_existing,
    refuse_input_as_output,
)

if TYPE_CHECKING:
    from trashdata.coco.document import Document
    from trashdata.statistics import Comparison, Statistics

app = command_app()

_NAMED = 10


@app.command("stats")
def command(
    data: DataOption = DEFAULT_DATA,
    images: ImagesOption = None,
    json: JsonOption = "train_all.json",
    compare: Annotated[
        str | None,
        typer.Option(
            "--compare",
            metavar="OTHER.json",
            help="Second COCO file, set beside the first; classes are matched by name.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="STATS.png",
            help="Picture to write.",
            show_default="no picture, tables only",
        ),
    ] = None,
    overwrite: OverwriteOption = False,
    config: ConfigOption = None,
    json_summary: JsonSummaryOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Count objects, photos, areas, sizes and co-occurring classes of a COCO file.

    Photos are not read. Areas are the `area` fields, or the mask's where that is missing.

    Example: trashdata stats --data demo/input/data --json train.json --out stats.png
    """
    reporter = reporter_for(quiet=quiet, verbose=verbose, json_summary=json_summary)
    outcome = stats(
        data,
        images=images,
        json=json,
        compare=compare,
        out=out,
        overwrite=overwrite,
        verbose=verbose,
        reporter=reporter,
    )
    finish(outcome, json_summary=json_summary)


def stats(
    data: Path | str = DEFAULT_DATA,
    *,
    images: Path | str | None = None,
    json: str = "train_all.json",
    compare: str | None = None,
    out: Path | str | None = None,
    overwrite: bool = False,
    verbose: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Count what is in a COCO file, or in two side by side, and draw it to ``out`` if given.

    For the numbers alone, see `trashdata.statistics.statistics`.

    Raises
    ------
    UserError : a fault in a JSON, or an ``out`` that exists, is an input, is no PNG, or lies
        outside of the working folder.
    """
    from trashdata.coco.read import read_document
    from trashdata.statistics import statistics
    from trashdata.statistics.tables import show

    reporter = reporter or Reporter()
    places = Places.of(data, images)
    picture = None if out is None else output_path(out)
    paths = [places.input_json(name) for name in (json, compare) if name is not None]
    labels = file_labels(paths)
    inputs: dict[str, str] = {}
    sides: list[Statistics] = []
    for path, label in zip(paths, labels, strict=True):
        document = read_document(path, masks=False)
        for warning in document.warnings:
            reporter.warn(warning)
        if picture is not None:
            _check_picture(picture, document, places, overwrite=overwrite)
        sides.append(statistics(document))
        inputs[label] = document.sha256
    comparison = _compared(sides, labels)
    if picture is not None:
        from trashdata.runs.files import write_atomically
        from trashdata.statistics.figure import draw

        write_atomically(picture, draw(comparison))
    show(comparison, reporter, verbose=verbose)
    _note_lacking(comparison, reporter)
    if picture is not None:
        reporter.note(f"The picture is {picture}.")
    return _outcome(comparison, inputs, picture, reporter)


def _check_picture(picture: Path, document: Document, places: Places, *, overwrite: bool) -> None:
    from trashdata.photos import photo_path

    if picture.exists():
        photos = [photo_path(places.images, image) for image in document.images]
        refuse_input_as_output(picture, [document.path, *photos])
    refuse_existing(picture, overwrite=overwrite)


def _compared(sides: list[Statistics], labels: tuple[str, ...]) -> Comparison:
    from trashdata.statistics import compare as compare_sides

    return compare_sides(*sides, labels=labels)


def _note_lacking(comparison: Comparison, reporter: Reporter) -> None:
    for side, label in enumerate(comparison.labels):
        lacking = comparison.lacking(side)
        if lacking:
            rest = f" and {len(lacking) - _NAMED:,} more" if len(lacking) > _NAMED else ""
            reporter.note(f"{label} does not have: {', '.join(lacking[:_NAMED])}{rest}.")


def _outcome(
    comparison: Comparison, inputs: dict[str, str], picture: Path | None, reporter: Reporter
) -> Outcome:
    from trashdata.statistics.summary import summary

    first = comparison.sides[0]
    return Outcome(
        command="stats",
        inputs=inputs,
        outputs=[] if picture is None else [str(picture)],
        counts={
            "photos": first.photo_count,
            "objects": first.object_count,
            "classes": len(first.class_names),
        },
        warnings=reporter.warnings,
        figures={"statistics": [summary(side) for side in comparison.sides]},
    )
