"""Inputs of predict: a COCO file, its photos, and models for its classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from trashdata.coco.document import Document, ImageRecord
from trashdata.coco.read import read_document
from trashdata.console import Reporter
from trashdata.errors import UserError
from trashdata.inference.ensemble import check_photos, load_ensemble
from trashdata.inference.predictor import Ensemble, evaluated_images
from trashdata.masks.names import mask_names
from trashdata.paths import DataFolders
from trashdata.predict.options import PredictOptions


@dataclass(frozen=True)
class Inputs:
    """``images``: to be predicted; ``names``: of their masks by image id, if masks are written."""

    document: Document
    images: list[ImageRecord]
    ensemble: Ensemble
    names: Mapping[int, str]


def read_inputs(folders: DataFolders, options: PredictOptions, reporter: Reporter) -> Inputs:
    """Read the file, load the models, and check the photos.

    Raises
    ------
    UserError : a fault in the JSON or a photo, a model that is missing or has other classes.
    """
    document = read_document(folders.input_json(options.json), masks=False)
    for warning in document.warnings:
        reporter.warn(warning)
    images = evaluated_images(document)
    if not images:
        raise UserError(
            document.name, expected="photos to predict", found="none", advice="check --json"
        )
    ensemble = load_ensemble(options, document, reporter)
    names = mask_names(document) if options.format == "masks" else {}
    check_photos(images, folders, options.exif, reporter)
    return Inputs(document, images, ensemble, names)
