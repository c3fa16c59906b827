"""The first stage: predict every photo once, store the prediction, count confidences.

Predictions are stored on disk, in whole steps, until the run ends (one to four bytes per pixel):
reading them again is much faster than predicting, and the second stage uses the same predictions
that the thresholds were computed from.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec
import numpy as np

from trashdata.coco.document import ImageRecord
from trashdata.console import Tick
from trashdata.errors import UserError, printable
from trashdata.inference.predictor import to_rgb
from trashdata.photos import Photo
from trashdata.runs.files import write_atomically
from trashdata.runs.records import ShardRecord
from trashdata.runs.stage import Stage
from trashdata.runs.writer import ShardWriter

from ..shards import PhotoShard, split_photos
from .confidence import STEPS, Counts, Probabilities, Steps, confidence_histogram, top_class
from .ensemble import Predictor, Refine, Views, combine
from .stored_prediction import StoredPrediction, prediction_path, write_prediction


class PhotoFigures(msgspec.Struct, frozen=True, array_like=True):
    """``agreement``: of models or views, None if there is one; ``confidence``: mean of pixels."""

    agreement: float | None
    confidence: float

    @property
    def score(self) -> float:
        """The score that photos are ranked by."""
        return self.confidence if self.agreement is None else self.agreement


class PredictedCounts(msgspec.Struct, frozen=True, array_like=True):
    """Counts of a shard; ``histogram`` is compressed."""

    photos: list[PhotoFigures]
    histogram: bytes


@dataclass(frozen=True)
class PredictedPhoto:
    """A prediction, its figures, and its pixels by predicted class and confidence."""

    prediction: StoredPrediction
    figures: PhotoFigures
    histogram: Counts


@dataclass(frozen=True)
class PredictContext:
    """Context of the shards: how photos are predicted, and where the predictions are stored.

    ``weights``: of the models; ``read_photos``: yields photos in the order of the images;
    ``journal``, ``roots``: of the run.
    """

    predictor: Predictor
    refine: Refine | None
    weights: Sequence[float]
    channels: int
    read_photos: Callable[[Sequence[ImageRecord]], Iterable[Photo]]
    journal: Path
    roots: Mapping[str, Path]


def predict_stage(
    context: PredictContext, images: Sequence[ImageRecord]
) -> Stage[PredictContext, PhotoShard[ImageRecord]]:
    """The stage that predicts these photos; it runs in this process, as models use all cores."""
    shards = split_photos(images, "predict-{:09}")
    return Stage("Predicting", predict_shard, context, shards, here=True)


def predict_shard(
    context: PredictContext, shard: PhotoShard[ImageRecord], tick: Tick | None = None
) -> ShardRecord:
    """Predict a shard's photos; ``tick`` is called after each."""
    writer = ShardWriter(context.journal, context.roots, shard.name)
    writer.intend([])
    histogram = _no_counts(context.channels)
    figures = []
    photos = zip(shard.photos, context.read_photos(shard.photos), strict=True)
    for index, (image, photo) in enumerate(photos, start=shard.start):
        predicted = predict_photo(context, image, photo)
        write_prediction(prediction_path(context.journal, index), predicted.prediction)
        writer.photos[image.file_name] = photo.sha256
        histogram += predicted.histogram
        figures.append(predicted.figures)
        if tick is not None:
            tick()
    counts = PredictedCounts(figures, zlib.compress(histogram.astype("<i8").tobytes(), 1))
    write_atomically(_counts_path(context.journal, shard.name), msgspec.msgpack.encode(counts))
    return writer.record()


def predict_photo(context: PredictContext, image: ImageRecord, photo: Photo) -> PredictedPhoto:
    """Predict one photo."""
    pixels = to_rgb(photo)
    refine = partial(context.refine, pixels) if context.refine is not None else None
    strips = (_checked(views, image) for views in context.predictor(pixels))
    ensemble = combine(strips, context.weights, refine)
    steps = ensemble.steps
    if image.valid_box is not None:
        steps = _inside(steps, image.valid_box)
    histogram = confidence_histogram(*top_class(steps), context.channels)
    agreement = None if ensemble.agreement is None else round(ensemble.agreement, 6)
    figures = PhotoFigures(agreement, round(_mean_confidence(histogram), 6))
    return PredictedPhoto(StoredPrediction.of(steps, ensemble.agreed), figures, histogram)


def read_counts(
    context: PredictContext, shards: Iterable[str]
) -> tuple[Counts, list[PhotoFigures]]:
    """Counts of finished shards: pixels by class and confidence, and the photos' figures."""
    histogram = _no_counts(context.channels)
    figures: list[PhotoFigures] = []
    for name in shards:
        content = _counts_path(context.journal, name).read_bytes()
        counts = msgspec.msgpack.decode(content, type=PredictedCounts)
        histogram += _unpacked(counts.histogram, context.channels)
        figures += counts.photos
    return histogram, figures


def stored_size(context: PredictContext, image: ImageRecord) -> int:
    """Bytes of a photo's prediction on the disk."""
    (photo,) = context.read_photos([image])
    return predict_photo(context, image, photo).prediction.size


def _checked(views: Views, image: ImageRecord) -> Iterator[tuple[int, Probabilities]]:
    """The views; refuses values that are not finite."""
    for model, probabilities in views:
        if not np.isfinite(probabilities).all():
            raise UserError(
                printable(image.file_name),
                expected="probabilities from the model",
                found="NaN or infinity",
                advice="train the model again, or with 32 bits",
            )
        yield model, probabilities


def _inside(steps: Steps, box: tuple[int, int, int, int]) -> Steps:
    """Set the confidences (C, H, W) outside of the box x, y, width, height to 0."""
    x, y, width, height = box
    inside = np.zeros_like(steps)
    window = (slice(None), slice(y, y + height), slice(x, x + width))
    inside[window] = steps[window]
    return inside


def _mean_confidence(histogram: Counts) -> float:
    """Mean confidence of the pixels in a histogram, 0 to 1; 0 without any."""
    counts = histogram.sum(axis=0)
    total = int(counts.sum())
    return int(counts @ np.arange(STEPS + 1)) / total / STEPS if total else 0.0


def _counts_path(journal: Path, shard: str) -> Path:
    return journal / f"{shard}.tally"


def _no_counts(channels: int) -> Counts:
    return np.zeros((channels, STEPS + 1), dtype=np.int64)


def _unpacked(histogram: bytes, channels: int) -> Counts:
    flat = np.frombuffer(zlib.decompress(histogram), dtype="<i8")
    return flat.astype(np.int64, copy=False).reshape(channels, STEPS + 1)
