"""``trashdata predict``: label the photos of a COCO file with trained models."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trashdata.console import Reporter
from trashdata.errors import UserError
from trashdata.inference.choices import (
    CrfOption,
    DeviceOption,
    EnsembleOption,
    Format,
    ModelsOption,
    TtaOption,
    WeightsOption,
)
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
    VerboseOption,
    command_app,
    finish,
    reporter_for,
)
from trashdata.outcome import Outcome
from trashdata.paths import DEFAULT_DATA, Places

if TYPE_CHECKING:
    from trashdata.inference.ensemble import EnsembleOptions
    from trashdata.inference.predict_run import Job
    from trashdata.runs.old_run import Run

app = command_app()


@app.command("predict")
def command(
    data: DataOption = DEFAULT_DATA,
    images: ImagesOption = None,
    json: JsonOption = "test.json",
    model: ModelsOption = None,
    out: Annotated[str, typer.Option("--out", help="Folder in the data folder.")] = "predictions",
    format: Annotated[  # noqa: A002
        Format,
        typer.Option(
            "--format",
            help="Palette PNGs, COCO results, or a CSV of image_id,PredictionString.",
        ),
    ] = "masks",
    size_out: Annotated[
        int, typer.Option("--size-out", min=1, max=4096, help="Side of the maps in the CSV.")
    ] = 256,
    tta: TtaOption = "none",
    ensemble: EnsembleOption = "soft",
    weights: WeightsOption = "miou",
    crf: CrfOption = False,
    exif: ExifOption = "auto",
    device: DeviceOption = "auto",
    dry_run: DryRunOption = False,
    overwrite: OverwriteOption = False,
    config: ConfigOption = None,
    json_summary: JsonSummaryOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Label the photos of a COCO file with one or more trained models.

    Example: trashdata predict --data demo/input/data --json test.json --tta flip
    """
    from trashdata.inference.ensemble import EnsembleOptions

    reporter = reporter_for(quiet=quiet, verbose=verbose, json_summary=json_summary)
    outcome = predict(
        data,
        EnsembleOptions(model or (), tta, ensemble, weights, crf, device),
        json=json,
        out=out,
        format=format,
        size_out=size_out,
        images=images,
        exif=exif,
        dry_run=dry_run,
        overwrite=overwrite,
        reporter=reporter,
    )
    finish(outcome, json_summary=json_summary)


def predict(
    data: Path | str = DEFAULT_DATA,
    options: EnsembleOptions | None = None,
    *,
    json: str = "test.json",
    out: str = "predictions",
    format: Format = "masks",  # noqa: A002
    size_out: int = 256,
    images: Path | str | None = None,
    exif: Exif = "auto",
    dry_run: bool = False,
    overwrite: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Label every photo of a COCO file, and write the labels to ``<out>/`` in the data folder.

    ``format``: ``masks`` writes what `trashdata masks` would; ``coco`` writes ``predictions.json``,
    COCO results with a score for each connected region; ``csv`` writes ``predictions.csv``,
    size_out x size_out class ids a photo. Annotations in the file are not looked at.

    Raises
    ------
    UserError : a fault in the JSON or a photo, a model that is not there or knows other classes,
        options that don't fit; nothing is written.
    """
    from trashdata.inference.ensemble import EnsembleOptions, check_photos
    from trashdata.inference.predict_run import identity_of
    from trashdata.runs.old_run import Run

    reporter = reporter or Reporter()
    options = options or EnsembleOptions()
    places = Places.of(data, images)
    job = _job(
        places, options, reporter, json=json, out=out, form=format, size_out=size_out, exif=exif
    )
    check_photos(job.images, places, exif, reporter)
    identity = identity_of(job, options)
    run = Run(places.data / job.folder, identity, {"data": places.data}, overwrite=overwrite)
    if dry_run:
        run.check()
        reporter.note(f"Would predict {len(job.images)} photos into {run.folder}.")
    else:
        _write(run, job, reporter)
    return _outcome(job, reporter)


def _job(
    places: Places,
    options: EnsembleOptions,
    reporter: Reporter,
    *,
    json: str,
    out: str,
    form: Format,
    size_out: int,
    exif: Exif,
) -> Job:
    from trashdata.coco.read import read_document
    from trashdata.inference.ensemble import load_ensemble
    from trashdata.inference.predict_run import Job
    from trashdata.inference.predictor import evaluated_images
    from trashdata.masks.names import mask_names

    folder = places.output_name(out)
    document = read_document(places.input_json(json), masks=False)
    for warning in document.warnings:
        reporter.warn(warning)
    images = evaluated_images(document)
    if not images:
        raise UserError(
            document.name, expected="photos to predict", found="none", advice="check --json"
        )
    ensemble = load_ensemble(options, document, reporter)
    names = mask_names(document) if form == "masks" else {}
    return Job(ensemble, document, images, places, folder, names, form, size_out, exif)


def _write(run: Run, job: Job, reporter: Reporter) -> None:
    from trashdata.inference.predict_run import check_unchanged, write_predictions
    from trashdata.runs.records import ShardRecord

    with run:
        if run.finished is not None:
            check_unchanged(job, [ShardRecord(photos=run.finished.photos)])
            reporter.note(f"Done already: {run.folder} is complete.")
            return
        run.refuse_taken(("data", path) for path in job.outputs())
        run.refuse_deleting(job.places.images / image.file_name for image in job.images)
        run.start()
        write_predictions(run, job, reporter)
        reporter.note(f"Predicted  {len(job.images)} photos, in {run.folder}")


def _outcome(job: Job, reporter: Reporter) -> Outcome:
    models = {f"model {model.name}": model.sha256 for model in job.ensemble.models}
    outputs = [str(job.places.data / job.folder)]
    counts = {"photos": len(job.images), "models": len(job.ensemble.models)}
    inputs = {job.document.name: job.document.sha256, **models}
    return Outcome("predict", inputs, outputs, counts, reporter.warnings)
