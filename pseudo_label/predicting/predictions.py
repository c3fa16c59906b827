"""What the first pass says of all photos together: thresholds, and which photos are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from trashdata.coco.document import ImageRecord
from trashdata.inference.predictor import photos_ahead
from trashdata.paths import Places
from trashdata.photos import ExifRule, Photo
from trashdata.runs.old_run import Run

from ..inputs import Job
from ..options import PseudoOptions
from .agreement import kept_photos, surest_first
from .confidence import Counts
from .first_pass import FirstPass, PhotoFigures
from .thresholds import Thresholds, balanced_thresholds, equal_thresholds


@dataclass(frozen=True)
class Predictions:
    """What the first pass found, and what follows from it.

    ``histogram``: pixels by predicted class and confidence; ``figures``, ``kept``, ``order``: by
    place of the photo, the last from the surest to the least sure; ``photos``: SHA-256 by name.
    """

    histogram: Counts
    figures: Sequence[PhotoFigures]
    photos: Mapping[str, str]
    thresholds: Thresholds
    kept: Sequence[bool]
    order: Sequence[int]


def predict(run: Run, job: Job) -> Predictions:
    """The first pass, the thresholds, and the choice of photos."""
    assert job.models is not None
    options, places = job.options, job.places
    first = FirstPass(
        predictor=job.models.predictor if job.scheduler is None else job.models.sent,
        refine=job.models.refine,
        weights=job.models.weights,
        channels=len(job.names),
        read_photos=partial(_read_ahead, places=places, exif=options.exif),
        journal=run.journal,
        roots=run.roots,
    )
    histogram, figures, photos = first.run(
        run, job.images, job.reporter, job.check_photos_unchanged, job.scheduler
    )
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
