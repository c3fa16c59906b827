"""Inputs of evaluate: the truth, and models or predictions for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from trashdata.coco.document import Document, ImageRecord
from trashdata.coco.read import read_document
from trashdata.console import Reporter
from trashdata.errors import UserError
from trashdata.evaluate.options import EvaluateOptions
from trashdata.inference.confusion import Matrix
from trashdata.inference.ensemble import check_photos, load_ensemble
from trashdata.inference.prediction_reader import read_predictions, score_predictions
from trashdata.inference.predictor import evaluate_ensemble, evaluated_images
from trashdata.paths import DataFolders


@dataclass(frozen=True)
class Scored:
    """Models or predictions to be scored.

    ``name``: for titles; ``path``: of predictions; ``hashes``: SHA-256 by name; ``matrix``: returns
    the confusion matrix, and calls its argument ``tick`` after each photo.
    """

    name: str
    path: Path | None
    hashes: dict[str, str]
    matrix: Callable[..., Matrix]


@dataclass(frozen=True)
class Inputs:
    """The truth, its photos, and what is scored."""

    document: Document
    photos: list[ImageRecord]
    scored: Scored


def read_inputs(folders: DataFolders, options: EvaluateOptions, reporter: Reporter) -> Inputs:
    """Read the truth; load the models and check the photos, or read the predictions.

    Raises
    ------
    UserError : a fault in the JSON, a photo or the predictions, models or predictions for other
        classes.
    """
    document = read_document(folders.input_json(options.json))
    for warning in document.warnings:
        reporter.warn(warning)
    _check_truth(document)
    photos = evaluated_images(document)
    if options.predictions is None:
        scored = _models(folders, options, document, reporter)
        check_photos(photos, folders, options.exif, reporter)
    else:
        scored = _predictions(folders.input_json(options.predictions), document)
    return Inputs(document, photos, scored)


def _check_truth(document: Document) -> None:
    if not document.images or not document.annotations:
        raise UserError(
            document.name,
            expected="photos with annotations to compare with",
            found="no annotation" if document.images else "no photo",
            advice="pass a labelled file with --json",
        )


def _models(
    folders: DataFolders, options: EvaluateOptions, document: Document, reporter: Reporter
) -> Scored:
    ensemble = load_ensemble(options, document, reporter)
    name = " + ".join(model.name for model in ensemble.models)
    hashes = {f"model {model.name}": model.sha256 for model in ensemble.models}
    matrix = partial(evaluate_ensemble, ensemble, document, folders, exif=options.exif)
    return Scored(name, None, hashes, matrix)


def _predictions(path: Path, document: Document) -> Scored:
    predicted, hashes = read_predictions(document, path)
    return Scored(path.name, path, hashes, partial(score_predictions, document, predicted))
