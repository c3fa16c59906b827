"""First pass: predict every photo once, keep the prediction, count confidences.

Predictions are kept on disk, in whole steps, until the run ends (one to four bytes a pixel):
they cost far more than reading them again, and the second pass then can't see other ones than
those that the thresholds were made of.
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
from trashdata.console import Reporter, Tick
from trashdata.errors import UserError, printable
from trashdata.photos import Photo
from trashdata.runs.files import write_atomically
from trashdata.runs.old_run import Run
from trashdata.runs.records import ShardRecord
from trashdata.runs.workers import run_shards
from trashdata.runs.writer import ShardWriter

from .confidence import STEPS, Counts, Probabilities, confidence_histogram, top_class
from .kept import KeptPrediction, keep_prediction, prediction_path
from .members import Photo as Pixels
from .members import Predictor, Refine, Views, combine

SHARD = 50


class PhotoFigures(msgspec.Struct, frozen=True, array_like=True):
    """``agreement``: of the members, None if there is one; ``confidence``: mean over pixels."""

    agreement: float | None
    confidence: float

    @property
    def score(self) -> float:
        """What photos are ranked by."""
        return self.confidence if self.agreement is None else self.agreement


class Tally(msgspec.Struct, frozen=True, array_like=True):
    """What a shard counted; ``histogram`` is compressed."""

    photos: list[PhotoFigures]
    histogram: bytes


@dataclass(frozen=True)
class PhotoShard:
    """Photos that are predicted together; ``start``: the place of the first among all."""

    name: str
    start: int
    images: tuple[ImageRecord, ...]


@dataclass(frozen=True)
class FirstPass:
    """How photos are predicted, and where the predictions are kept.

    ``weights``: of the models; ``read_photos``: photos in the order of the images, perhaps ahead;
    ``journal``, ``roots``: of the run.
    """

    predictor: Predictor
    refine: Refine | None
    weights: Sequence[float]
    channels: int
    read_photos: Callable[[Sequence[ImageRecord]], Iterable[Photo]]
    journal: Path
    roots: Mapping[str, Path]

    def run(
        self,
        run: Run,
        images: Sequence[ImageRecord],
        reporter: Reporter,
        check_unchanged: Callable[[Mapping[str, str]], None],
        scheduler: str | None = None,
    ) -> tuple[Counts, list[PhotoFigures], dict[str, str]]:
        """Predict what an interrupted run has not; ``scheduler``: of a cluster that does it.

        Returns
        -------
        Pixels by predicted class and confidence, the photos' figures, the photos' SHA-256.
        """
        shards = list(_shards(images))
        records = {shard.name: run.record_of(shard.name) for shard in shards}
        done = [record for record in records.values() if record is not None]
        photos = {name: digest for record in done for name, digest in record.photos.items()}
        check_unchanged(photos)
        left = [shard for shard in shards if records[shard.name] is None]
        with reporter.progress("Predicting", len(images)) as tick:
            tick(len(photos))
            for record in self._predict_all(left, scheduler, tick):
                photos |= record.photos
        histogram = np.zeros((self.channels, STEPS + 1), dtype=np.int64)
        figures: list[PhotoFigures] = []
        for shard in shards:
            content = _tally_path(self.journal, shard.name).read_bytes()
            tally = msgspec.msgpack.decode(content, type=Tally)
            histogram += _unpacked(tally.histogram, self.channels)
            figures += tally.photos
        return histogram, figures, photos

    def _predict_all(
        self, shards: Sequence[PhotoShard], scheduler: str | None, tick: Tick
    ) -> Iterator[ShardRecord]:
        if scheduler is None:
            for shard in shards:
                yield self.predict_shard(shard, tick)
            return
        done = run_shards(FirstPass.predict_shard, shards, self, workers=1, scheduler=scheduler)
        for number, record in done:
            tick(len(shards[number].images))
            yield record

    def predict_shard(self, shard: PhotoShard, tick: Tick | None = None) -> ShardRecord:
        """Predict some photos; ``tick`` is told of each."""
        writer = ShardWriter(self.journal, self.roots, shard.name)
        writer.intend([])
        histogram = np.zeros((self.channels, STEPS + 1), dtype=np.int64)
        figures = []
        photos = zip(shard.images, self.read_photos(shard.images), strict=True)
        for place, (image, photo) in enumerate(photos, start=shard.start):
            prediction, own, counts = self._predict(image, photo.pixels[..., ::-1])
            keep_prediction(prediction_path(self.journal, place), prediction)
            writer.photos[image.file_name] = photo.sha256
            histogram += counts
            figures.append(own)
            if tick is not None:
                tick()
        tally = Tally(figures, zlib.compress(histogram.astype("<i8").tobytes(), 1))
        write_atomically(_tally_path(self.journal, shard.name), msgspec.msgpack.encode(tally))
        return writer.record()

    def _predict(
        self, image: ImageRecord, pixels: Pixels
    ) -> tuple[KeptPrediction, PhotoFigures, Counts]:
        refine = partial(self.refine, pixels) if self.refine is not None else None
        strips = (_checked(views, image) for views in self.predictor(pixels))
        ensemble = combine(strips, self.weights, refine)
        steps = ensemble.steps
        if image.valid_box is not None:
            x, y, width, height = image.valid_box
            inside = np.zeros_like(steps)
            box = (slice(None), slice(y, y + height), slice(x, x + width))
            inside[box] = steps[box]
            steps = inside
        histogram = confidence_histogram(*top_class(steps), self.channels)
        counts = histogram.sum(axis=0)
        total = int(counts.sum())
        confidence = int(counts @ np.arange(STEPS + 1)) / total / STEPS if total else 0.0
        agreement = None if ensemble.agreement is None else round(ensemble.agreement, 6)
        figures = PhotoFigures(agreement, round(confidence, 6))
        return KeptPrediction.of(steps, ensemble.agreed), figures, histogram


def _checked(views: Views, image: ImageRecord) -> Iterator[tuple[int, Probabilities]]:
    """The views, unless a model has lost its mind."""
    for model, probabilities in views:
        if not np.isfinite(probabilities).all():
            raise UserError(
                printable(image.file_name),
                expected="probabilities from the model",
                found="NaN or infinity",
                advice="train the model again, or with 32 bits",
            )
        yield model, probabilities


def _shards(images: Sequence[ImageRecord]) -> Iterator[PhotoShard]:
    for start in range(0, len(images), SHARD):
        yield PhotoShard(f"predict-{start:09}", start, tuple(images[start : start + SHARD]))


def _tally_path(journal: Path, name: str) -> Path:
    return journal / f"{name}.tally"


def _unpacked(histogram: bytes, channels: int) -> Counts:
    flat = np.frombuffer(zlib.decompress(histogram), dtype="<i8")
    return flat.astype(np.int64, copy=False).reshape(channels, STEPS + 1)
