"""Loading of an ensemble from a command's options, and checks of photos."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from trashdata.coco.document import Document, ImageRecord
from trashdata.console import Reporter
from trashdata.errors import UserError, printable
from trashdata.inference.backend import import_smp, pick_device
from trashdata.inference.crf import import_crf
from trashdata.inference.options import EnsembleOptions
from trashdata.inference.predictor import Ensemble
from trashdata.inference.saved import RUNS, LoadedModel, check_classes, find_run, load_model
from trashdata.paths import DataFolders
from trashdata.photos import ExifRule, check_photo

_READERS = 8


def load_ensemble(
    options: EnsembleOptions,
    document: Document,
    reporter: Reporter,
    runs: Path = RUNS,
) -> Ensemble:
    """Load the models and put them on the device.

    Raises
    ------
    UserError : a model that is missing or can't be loaded, classes that are not the document's,
        weights that don't fit, no such device, a missing library.
    """
    paths = [find_run(name, runs) for name in options.model] or [find_run(None, runs)]
    if not options.model:
        reporter.note(f"Model      {paths[0]}, the newest run")
    if options.crf:
        import_crf()
    import_smp()
    device = pick_device(options.device)
    models = [load_model(path) for path in paths]
    for model in models:
        check_classes(model, document)
        model.module.to(device)
    weights = model_weights(options.weights, models)
    return Ensemble(models, weights, options.tta, options.ensemble, options.crf)


def model_weights(text: str, models: Sequence[LoadedModel]) -> list[float]:
    """The weight of each model, not normalised."""
    if text == "equal" or (text == "miou" and len(models) == 1):
        return [1.0] * len(models)
    if text == "miou":
        return _by_miou(models)
    try:
        weights = [float(part) for part in text.split(",")]
    except ValueError:
        weights = []
    sound = len(weights) == len(models) and sum(weights) > 0
    if not sound or not all(math.isfinite(weight) and weight >= 0 for weight in weights):
        raise UserError(
            f"--weights {printable(text)}",
            expected=f"miou, equal, or {len(models)} numbers of at least 0, not all 0",
            found=f"{len(weights)} numbers" if weights else "something else",
            advice="give one number for each --model, with commas between them",
        )
    return weights


def _by_miou(models: Sequence[LoadedModel]) -> list[float]:
    weights = []
    for model in models:
        miou = model.card.val_miou
        if miou is None or not miou > 0:
            raise UserError(
                "--weights miou",
                expected=f"a validation mIoU above 0 in model {printable(model.name)}",
                found="none" if miou is None else f"{miou:g}",
                advice="pass --weights equal, or a number for each model",
            )
        weights.append(miou)
    return weights


def check_photos(
    images: Sequence[ImageRecord], folders: DataFolders, exif: ExifRule, reporter: Reporter
) -> None:
    """Check all photos before the first one is predicted."""
    with ThreadPoolExecutor(_READERS) as pool:
        answers = pool.map(lambda image: check_photo(folders.images, image, exif), images)
        turned = [image for image, answer in zip(images, answers, strict=True) if answer != 1]
    if turned and exif == "auto":
        reporter.warn(
            f"{len(turned)} of {len(images)} photos, {turned[0].file_name} for one, have an EXIF "
            "rotation or mirror that their size can't confirm; they are read as stored, see --exif."
        )
