"""What the first pass says of all photos together: thresholds, and which photos are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from trashdata.coco.document import ImageRecord
from trashdata.inference.predictor import photos_ahead
from trashdata.paths import Places
from trashdata.photos import ExifRule, Photo
from trashdata.runs.stage import Work

from ..options import PseudoOptions
from .agreement import kept_photos, surest_first
from .confidence import Counts
from .first_pass import FirstPass, PhotoFigures, predict_stage, read_counts
from .models import Models
from .thresholds import Thresholds, balanced_thresholds, equal_thresholds


@dataclass(frozen=True)
class Predictions:
    """What the first pass found, and what follows from it.

    ``histogram``: pixels by predicted class and confidence; ``figures``, ``kept``: by index of
    the photo; ``order``: indices from the surest to the least sure; ``photos``: SHA-256 by name.
    """

    histogram: Counts
    figures: Sequence[PhotoFigures]
    photos: Mapping[str, str]
    thresholds: Thresholds
    kept: Sequence[bool]
    order: Sequence[int]


def first_pass(
    models: Models, channels: int, places: Places, options: PseudoOptions, work: Work
) -> FirstPass:
    """How these models predict; on a cluster, or else in this process."""
    return FirstPass(
        predictor=models.predictor if work.workers.scheduler is None else models.sent,
        refine=models.refine,
        weights=models.weights,
        channels=channels,
        read_photos=partial(_read_ahead, places=places, exif=options.exif),
        journal=work.journal or Path(),
        roots=work.roots,
    )


def predict(
    context: FirstPass,
    images: Sequence[ImageRecord],
    places: Places,
    options: PseudoOptions,
    work: Work,
) -> Predictions:
    """The first pass, the thresholds, and the choice of photos."""
    stage = predict_stage(context, images)
    photos = work.carry_out(stage, places.images.joinpath)
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


def _read_ahead(images: Sequence[ImageRecord], places: Places, exif: ExifRule) -> Iterator[Photo]:
    return (photo for _, photo in photos_ahead(images, places, exif))


def thresholds_for(options: PseudoOptions, histogram: Counts) -> Thresholds:
    """The thresholds that the options ask for."""
    kind, value = options.setting
    if kind == "portion":
        return balanced_thresholds(histogram, value)
    return equal_thresholds(value, len(histogram))
