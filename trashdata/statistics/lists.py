"""The four histograms above the classes, of photos and objects."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .comparison import Comparison
from .ranges import Ranges, area_ranges, class_ranges, object_ranges

_SIZES = 8


class CountList(NamedTuple):
    """R rows: ``counts`` holds an array (R,) for each side."""

    title: str
    labels: tuple[str, ...]
    counts: list[NDArray[np.float64]]


def photo_lists(comparison: Comparison) -> list[CountList]:
    """Objects per photo, classes per photo, areas of objects, sizes of photos."""
    sides = comparison.sides
    objects = [side.objects_per_photo for side in sides]
    classes = [side.classes_per_photo for side in sides]
    most_objects, most_classes = (
        max(int(column.max(initial=0)) for column in numbers) for numbers in (objects, classes)
    )
    areas = [side.relative_area for side in sides]
    return [
        _counted("objects on a photo", object_ranges(most_objects), objects),
        _counted("classes on a photo", class_ranges(most_classes), classes),
        _counted("area of an object, of the photo", area_ranges(), areas),
        _sizes(comparison),
    ]


def _counted(
    title: str, ranges: Ranges, values: list[NDArray[np.int64]] | list[NDArray[np.float64]]
) -> CountList:
    counts = [ranges.counts(column).astype(np.float64) for column in values]
    return CountList(title, ranges.names, counts)


def _sizes(comparison: Comparison) -> CountList:
    """The most frequent photo sizes over all sides, and the rest."""
    found = [{(w, h): n for w, h, n in side.sizes.tolist()} for side in comparison.sides]
    every = sorted({size for photos in found for size in photos})
    every.sort(key=lambda size: -sum(photos.get(size, 0) for photos in found))
    kept = every[:_SIZES]
    labels = [f"{width}×{height}" for width, height in kept]
    counts = [[photos.get(size, 0) for size in kept] for photos in found]
    if len(every) > len(kept):
        labels.append(f"{len(every) - len(kept):,} others")
        for photos, row in zip(found, counts, strict=True):
            row.append(sum(photos.values()) - sum(row))
    columns = [np.array(row, dtype=np.float64) for row in counts]
    return CountList("size of a photo", tuple(labels), columns)
