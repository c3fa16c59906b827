"""``trashdata evaluate``: score models, or predictions of any origin, on a labelled set."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trashdata.completion import complete_json
from trashdata.console import Reporter
from trashdata.errors import UserError
from trashdata.inference.choices import (
    CrfOption,
    DeviceOption,
    EnsembleOption,
    ModelsOption,
    TtaOption,
    WeightsOption,
)
from trashdata.options import (
    ConfigOption,
    DataOption,
    Exif,
    ExifOption,
    ImagesOption,
    JsonSummaryOption,
    OverwriteOption,
    QuietOption,
    VerboseOption,
    command_app,
    finish,
    reporter_for,
)
from trashdata.outcome import Outcome
from trashdata.paths import DEFAULT_DATA, Places, refuse_input_as_output
from trashdata.paths import output_path as sheet_path
from trashdata.runs.single_file import refuse_existing

if TYPE_CHECKING:
    from trashdata.coco.document import Document
    from trashdata.inference.confusion import Matrix, Scores
    from trashdata.inference.ensemble import EnsembleOptions

app = command_app()


@app.command("evaluate")
def command(
    data: DataOption = DEFAULT_DATA,
    images: ImagesOption = None,
    json: Annotated[
        str, typer.Option("--json", help="COCO file with the truth.", autocompletion=complete_json)
    ] = "val.json",
    model: ModelsOption = None,
    predictions: Annotated[
        Path | None,
        typer.Option(
            "--predictions",
            metavar="DIR_OR_JSON",
            help="Label PNGs, COCO results or a COCO file to score instead of a model; a path,"
            " or a name in the data folder.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="CONFUSION.png",
            help="Picture of the confusion matrix.",
            show_default="no picture, tables only",
        ),
    ] = None,
    tta: TtaOption = "none",
    ensemble: EnsembleOption = "soft",
    weights: WeightsOption = "miou",
    crf: CrfOption = False,
    exif: ExifOption = "auto",
    device: DeviceOption = "auto",
    overwrite: OverwriteOption = False,
    config: ConfigOption = None,
    json_summary: JsonSummaryOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Score models or predictions on a labelled COCO file: IoU of each class, and their mean.

    The mean is over the classes with a true or predicted pixel, the background among them.

    Example: trashdata evaluate --data demo/input/data --json val.json --out confusion.png
    """
    from trashdata.inference.ensemble import EnsembleOptions

    reporter = reporter_for(quiet=quiet, verbose=verbose, json_summary=json_summary)
    outcome = evaluate(
        data,
        EnsembleOptions(model or (), tta, ensemble, weights, crf, device),
        json=json,
        predictions=predictions,
        out=out,
        images=images,
        exif=exif,
        overwrite=overwrite,
        reporter=reporter,
    )
    finish(outcome, json_summary=json_summary)


def evaluate(
    data: Path | str = DEFAULT_DATA,
    options: EnsembleOptions | None = None,
    *,
    json: str = "val.json",
    predictions: Path | str | None = None,
    out: Path | str | None = None,
    images: Path | str | None = None,
    exif: Exif = "auto",
    overwrite: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Score models, or the predictions in a folder or JSON, on a labelled COCO file.

    Pixels are compared at the photos' own sizes; ignore regions and padding don't count. With
    ``predictions`` no photo is read.

    Raises
    ------
    UserError : a fault in the JSON, a photo or the predictions, models or predictions for other
        classes, an ``out`` that can't be written to; nothing is written.
    """
    from trashdata.coco.read import read_document
    from trashdata.inference.confusion import channel_names, scores
    from trashdata.inference.ensemble import EnsembleOptions
    from trashdata.inference.saved import classes_of

    reporter = reporter or Reporter()
    options = options or EnsembleOptions()
    places = Places.of(data, images)
    picture = None if out is None else sheet_path(out)
    given = None if predictions is None else places.input_json(predictions)
    if given is not None and options.models:
        raise UserError(
            "--predictions", expected="it without --model", found="both", advice="drop one of them"
        )
    document = read_document(places.input_json(json))
    for warning in document.warnings:
        reporter.warn(warning)
    _check_truth(document)
    if picture is not None:
        refuse_input_as_output(picture, [document.path, *([given] if given else [])])
        refuse_existing(picture, overwrite=overwrite)
    if given is None:
        matrix, title, inputs = _score_models(options, document, places, exif, reporter)
    else:
        matrix, title, inputs = _score_predictions(given, document, reporter)
    names = channel_names([name for _, name in classes_of(document)])
    found = scores(matrix, names)
    _show(title, names, matrix, found, reporter)
    if picture is not None:
        _draw(picture, matrix, names, title, reporter)
    outputs = [str(picture)] if picture is not None else []
    inputs = {document.name: document.sha256, **inputs}
    return _outcome(document, inputs, outputs, matrix, found, reporter)


def _check_truth(document: Document) -> None:
    if not document.images or not document.annotations:
        raise UserError(
            document.name,
            expected="photos with annotations to compare with",
            found="no annotation" if document.images else "no photo",
            advice="pass a labelled file with --json",
        )


def _score_models(
    options: EnsembleOptions,
    document: Document,
    places: Places,
    exif: Exif,
    reporter: Reporter,
) -> tuple[Matrix, str, dict[str, str]]:
    from trashdata.inference.ensemble import check_photos, load_ensemble
    from trashdata.inference.predictor import evaluate_ensemble, evaluated_images

    ensemble = load_ensemble(options, document, reporter)
    photos = evaluated_images(document)
    check_photos(photos, places, exif, reporter)
    with reporter.progress("Photos", len(photos)) as tick:
        matrix = evaluate_ensemble(ensemble, document, places, exif=exif, tick=tick)
    title = f"{' + '.join(model.name for model in ensemble.models)} on {document.name}"
    return matrix, title, {f"model {model.name}": model.sha256 for model in ensemble.models}


def _score_predictions(
    path: Path, document: Document, reporter: Reporter
) -> tuple[Matrix, str, dict[str, str]]:
    from trashdata.inference.given import given_predictions, score_given
    from trashdata.inference.predictor import evaluated_images

    predicted, inputs = given_predictions(document, path)
    with reporter.progress("Photos", len(evaluated_images(document))) as tick:
        matrix = score_given(document, predicted, tick)
    return matrix, f"{path.name} on {document.name}", inputs


def _show(title: str, names: list[str], matrix: Matrix, found: Scores, reporter: Reporter) -> None:
    hits, true, predicted = matrix.diagonal(), matrix.sum(axis=1), matrix.sum(axis=0)
    rows = [
        (
            name,
            _percent(found.iou[name]),
            _percent(hits[k] / true[k] if true[k] else None),
            _percent(hits[k] / predicted[k] if predicted[k] else None),
            int(true[k]),
        )
        for k, name in enumerate(names)
    ]
    header = ("class", "IoU %", "recall %", "precision %", "true pixels")
    reporter.table(title, header, rows)
    reporter.note(f"mIoU       {found.miou:.4f}, over {len(_present(found))} classes")
    reporter.note(f"Foreground {found.miou_foreground:.4f}")
    reporter.note(f"Accuracy   {found.pixel_accuracy:.4f} of the pixels")
    reporter.note(f"Weighted   {found.frequency_weighted_iou:.4f} IoU by frequency")


def _present(found: Scores) -> list[str]:
    return [name for name, iou in found.iou.items() if iou is not None]


def _percent(share: Any) -> object:
    return "–" if share is None else round(100 * float(share), 1)


def _draw(picture: Path, matrix: Matrix, names: list[str], title: str, reporter: Reporter) -> None:
    from trashdata.inference.confusion_plot import draw_confusion
    from trashdata.runs.files import write_atomically

    write_atomically(picture, draw_confusion(matrix, names, title))
    reporter.note(f"Picture    {picture}")


def _outcome(
    document: Document,
    inputs: dict[str, str],
    outputs: list[str],
    matrix: Matrix,
    found: Scores,
    reporter: Reporter,
) -> Outcome:
    from dataclasses import asdict

    from trashdata.inference.predictor import evaluated_images

    figures = {**asdict(found), "confusion": matrix.tolist()}
    counts = {"photos": len(evaluated_images(document)), "pixels": int(matrix.sum())}
    return Outcome("evaluate", inputs, outputs, counts, reporter.warnings, figures)
