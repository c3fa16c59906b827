"""Summary of a run: the table of classes, and counts."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from ..predicting.predictions import Predictions
from ..predicting.thresholds import in_units, kept_pixels
from .stage import LabelCounts


class ClassRow(msgspec.Struct, frozen=True):
    """A row of the table.

    ``threshold``: 0 to 1; ``predicted``: pixels whose most probable class it is; ``reached``: those
    that reach the threshold (None without models); ``pixels``, ``annotations``: as written.
    """

    name: str
    threshold: float | None
    predicted: int | None
    reached: int | None
    pixels: int
    annotations: int


class LabelSummary(msgspec.Struct, frozen=True):
    """``kept``: photos that were labelled; ``ignored``, ``ignored_pixels``: photos with unsure
    regions that training is to ignore, and how many pixels these have."""

    photos: int
    kept: int
    classes: list[ClassRow]
    ignored: int
    ignored_pixels: int


def summarise(
    names: Sequence[str], photos: int, found: Predictions | None, shards: Sequence[LabelCounts]
) -> LabelSummary:
    """Add up the counts of the shards."""
    pixels = np.sum([shard.pixels for shard in shards], axis=0).tolist()
    annotations = np.sum([shard.annotations for shard in shards], axis=0).tolist()
    nothing: list[None] = [None] * len(names)
    columns: tuple[Sequence[float | None], ...] = (nothing, nothing, nothing)
    if found is not None:
        predicted = found.histogram.sum(axis=1).tolist()
        reached = kept_pixels(found.histogram, found.thresholds).tolist()
        columns = (in_units(found.thresholds), predicted, reached)
    rows = zip(names, *columns, pixels, annotations, strict=True)
    return LabelSummary(
        photos=photos,
        kept=sum(shard.photos for shard in shards),
        classes=[ClassRow(*row) for row in rows],
        ignored=sum(shard.ignored for shard in shards),
        ignored_pixels=sum(shard.ignored_pixels for shard in shards),
    )
