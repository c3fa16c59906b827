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
from trashdata.console import Reporter
from trashdata.errors import UserError, printable
from trashdata.jobs.files import write_atomically
from trashdata.jobs.records import ShardRecord
from trashdata.jobs.run import Run, ShardWriter
from trashdata.photos import Photo

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
class FirstPass:
    """How photos are predicted.

    ``weights``: of the models; ``read_photos``: photos in the order of the images, perhaps ahead.
    """

    predictor: Predictor
    refine: Refine | None
    weights: Sequence[float]
    channels: int
    read_photos: Callable[[Sequence[ImageRecord]], Iterable[Photo]]

    def run(
        self,
        run: Run,
        images: Sequence[ImageRecord],
        reporter: Reporter,
        check_unchanged: Callable[[Mapping[str, str]], None],
    ) -> tuple[Counts, list[PhotoFigures], dict[str, str]]:
        """Predict what an interrupted run has not.

        Returns
        -------
        Pixels by predicted class and confidence, the photos' figures, the photos' SHA-256.
        """
        shards = list(_shards(len(images)))
        done = [record for name, _, _ in shards if (record := run.record_of(name)) is not None]
        photos = {name: digest for record in done for name, digest in record.photos.items()}
        check_unchanged(photos)
        with reporter.progress("Predicting", len(images)) as tick:
            tick(len(photos))
            for name, start, stop in shards:
                if run.record_of(name) is None:
                    record = self._predict_shard(run, name, start, images[start:stop], tick)
                    photos |= record.photos
        histogram = np.zeros((self.channels, STEPS + 1), dtype=np.int64)
        figures: list[PhotoFigures] = []
        for name, _, _ in shards:
            tally = msgspec.msgpack.decode(_tally_path(run.journal, name).read_bytes(), type=Tally)
            histogram += _unpacked(tally.histogram, self.channels)
            figures += tally.photos
        return histogram, figures, photos

    def _predict_shard(
        self,
        run: Run,
        name: str,
        start: int,
        images: Sequence[ImageRecord],
        tick: Callable[[], None],
    ) -> ShardRecord:
        writer = ShardWriter(run.journal, run.roots, name)
        writer.intend([])
        histogram = np.zeros((self.channels, STEPS + 1), dtype=np.int64)
        figures = []
        for number, (image, photo) in enumerate(zip(images, self.read_photos(images), strict=True)):
            prediction, own, counts = self._predict(image, photo.pixels[..., ::-1])
            keep_prediction(prediction_path(run.journal, start + number), prediction)
            writer.photos[image.file_name] = photo.sha256
            histogram += counts
            figures.append(own)
            tick()
        tally = Tally(figures, zlib.compress(histogram.astype("<i8").tobytes(), 1))
        write_atomically(_tally_path(run.journal, name), msgspec.msgpack.encode(tally))
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


def _shards(count: int) -> Iterator[tuple[str, int, int]]:
    """Name, first place and end of each shard."""
    for start in range(0, count, SHARD):
        yield f"predict-{start:09}", start, min(start + SHARD, count)


def _tally_path(journal: Path, name: str) -> Path:
    return journal / f"{name}.tally"


def _unpacked(histogram: bytes, channels: int) -> Counts:
    flat = np.frombuffer(zlib.decompress(histogram), dtype="<i8")
    return flat.astype(np.int64, copy=False).reshape(channels, STEPS + 1)
