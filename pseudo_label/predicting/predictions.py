"""The predictions of all photos: thresholds, and which photos are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from trashdata.coco.document import ImageRecord
from trashdata.inference.predictor import photos_ahead
from trashdata.paths import DataFolders
from trashdata.photos import ExifRule, Photo
from trashdata.runs.stage import Work

from ..options import PseudoOptions
from .agreement import kept_photos, surest_first
from .confidence import Counts
from .models import Models
from .stage import PhotoFigures, PredictContext, predict_stage, read_counts
from .thresholds import Thresholds, balanced_thresholds, equal_thresholds


@dataclass(frozen=True)
class Predictions:
    """The results of the first stage.

    ``histogram``: pixels by predicted class and confidence; ``figures``, ``kept``: by index of
    the photo; ``order``: indices from the surest to the least sure; ``photos``: SHA-256 by name.
    """

    histogram: Counts
    figures: Sequence[PhotoFigures]
    photos: Mapping[str, str]
    thresholds: Thresholds
    kept: Sequence[bool]
    order: Sequence[int]


def predict_context(
    models: Models, channels: int, folders: DataFolders, options: PseudoOptions, work: Work
) -> PredictContext:
    """The context of the first stage, on a cluster or in this process."""
    return PredictContext(
        predictor=models.predictor if work.workers.scheduler is None else models.sent,
        refine=models.refine,
        weights=models.weights,
        channels=channels,
        read_photos=partial(_read_ahead, folders=folders, exif=options.exif),
        journal=work.journal or Path(),
        roots=work.roots,
    )


def predict(
    context: PredictContext,
    images: Sequence[ImageRecord],
    folders: DataFolders,
    options: PseudoOptions,
    work: Work,
) -> Predictions:
    """Predict the photos, compute the thresholds, and choose the photos to keep."""
    stage = predict_stage(context, images)
    photos = work.carry_out(stage, folders.images.joinpath)
    histogram, figures = read_counts(context, [shard.name for shard in stage.shards])
    scores = [photo.score for photo in figures]
    return Predictions(
        histogram,
        figures,
        photos,
        thresholds_for(options, histogram),
        kept_photos(
            scores, least=options.min_image_score, fraction=options.keep_images, seed=options.seed
        ),
        surest_first(scores, options.seed),
    )


def _read_ahead(
    images: Sequence[ImageRecord], folders: DataFolders, exif: ExifRule
) -> Iterator[Photo]:
    return (photo for _, photo in photos_ahead(images, folders, exif))


def thresholds_for(options: PseudoOptions, histogram: Counts) -> Thresholds:
    """The thresholds that the options ask for."""
    kind, value = options.setting
    if kind == "portion":
        return balanced_thresholds(histogram, value)
    return equal_thresholds(value, len(histogram))
