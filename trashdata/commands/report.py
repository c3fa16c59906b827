"""``trashdata report``: a set, its folds, its photos and a training run as one HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trashdata.console import Reporter
from trashdata.options import (
    ConfigOption,
    DataOption,
    Exif,
    ExifOption,
    ImagesOption,
    JsonOption,
    JsonSummaryOption,
    OverwriteOption,
    QuietOption,
    SeedOption,
    VerboseOption,
    WorkersOption,
    command_app,
    cores,
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
from trashdata.report.limits import DEFAULT_PHOTOS, MAX_PHOTOS

if TYPE_CHECKING:
    from trashdata.report.run import Report

app = command_app()


@app.command("report")
def command(
    data: DataOption = DEFAULT_DATA,
    images: ImagesOption = None,
    json: JsonOption = "train_all.json",
    compare: Annotated[
        str | None,
        typer.Option(
            "--compare",
            metavar="OTHER.json",
            help="Second COCO file, set beside the first in the statistics.",
            show_default=False,
        ),
    ] = None,
    run: Annotated[
        str | None,
        typer.Option(
            "--run",
            metavar="RUN",
            help="Training run to show: its folder, or its name under runs.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", metavar="REPORT.html", help="HTML file to write.")
    ] = Path("report.html"),
    num: Annotated[
        int,
        typer.Option("--num", min=1, max=MAX_PHOTOS, help="Photos in the gallery at most."),
    ] = DEFAULT_PHOTOS,
    seed: SeedOption = 42,
    workers: WorkersOption = None,
    exif: ExifOption = "auto",
    overwrite: OverwriteOption = False,
    config: ConfigOption = None,
    json_summary: JsonSummaryOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Show a COCO file as one HTML file: charts, folds, a gallery with masks, a training run.

    The file needs no network. Folds are shown where kfold_report.json lies beside the COCO file.

    Example: trashdata report --data demo/input/data --json train.json --out report.html
    """
    reporter = reporter_for(quiet=quiet, verbose=verbose, json_summary=json_summary)
    outcome = report(
        data,
        images=images,
        json=json,
        compare=compare,
        run=run,
        out=out,
        num=num,
        seed=seed,
        workers=workers,
        exif=exif,
        overwrite=overwrite,
        reporter=reporter,
    )
    finish(outcome, json_summary=json_summary)


def report(
    data: Path | str = DEFAULT_DATA,
    *,
    images: Path | str | None = None,
    json: str = "train_all.json",
    compare: str | None = None,
    run: str | None = None,
    out: Path | str = "report.html",
    num: int = DEFAULT_PHOTOS,
    seed: int = 42,
    workers: int | None = None,
    exif: Exif = "auto",
    overwrite: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Write one HTML file that shows a set; it needs no other file and no network.

    The gallery holds at most ``num`` photos, the more the smaller: see
    `trashdata.report.limits`. A photo that is missing or broken is shown as
    masks on gray. The same input gives the same bytes.

    Raises
    ------
    UserError : a fault in a JSON or the run's folder, or an ``out`` that exists, is no HTML, or
        lies outside of the working folder.
    """
    from trashdata.report.run import make_page, prepare
    from trashdata.runs.files import write_atomically

    reporter = reporter or Reporter()
    places = Places.of(data, images)
    path = output_path(out, ".html")
    paths = [places.input_json(name) for name in (json, compare) if name is not None]
    refuse_input_as_output(path, paths)
    refuse_existing(path, overwrite=overwrite)
    plan = prepare(paths, file_labels(paths), run=run, num=num, seed=seed, reporter=reporter)
    page = make_page(plan, places, exif=exif, workers=workers or cores(), reporter=reporter)
    write_atomically(path, page)
    _describe(plan, path, len(page), reporter)
    return Outcome(
        command="report",
        inputs=plan.inputs,
        outputs=[str(path)],
        counts=plan.counts | {"bytes": len(page)},
        warnings=reporter.warnings,
    )


def _describe(plan: Report, path: Path, size: int, reporter: Reporter) -> None:
    shown, photos = plan.counts["shown"], plan.counts["photos"]
    rest = "" if shown == photos else f" of {photos:,}"
    reporter.note(f"The report is {path}: {shown:,}{rest} photos, {size / 1e6:.1f} MB.")
