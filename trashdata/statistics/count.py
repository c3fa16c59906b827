"""The statistics of a COCO document, counted over its columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from trashdata.coco.document import Document
from trashdata.coco.keys import DONOR_ANNOTATION_ID, REPEAT_OF
from trashdata.provenance import Provenance

from .columns import Columns, columns_of

LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)
"""The reported quantiles of areas."""

# Photos whose classes are multiplied at once: 8 MB at 254 classes, and float32 counts exactly.
_CHUNK = 8192


@dataclass(frozen=True)
class Origin:
    """Counts of synthetic photos and labels, by the provenance in the file.

    ``synthetic``, ``repeats``, ``pseudo_labelled``: photos, where a repeat of a synthetic one is
    both; ``pasted``, ``pseudo_labels``: objects.
    """

    synthetic: int
    repeats: int
    pseudo_labelled: int
    pasted: int
    pseudo_labels: int


@dataclass(frozen=True)
class Statistics:
    """Statistics of a COCO file of N photos, M objects and C classes, by rising category id.

    Every annotation is an object, crowd regions too, except those of the ignore category. Repeats
    of a photo count as photos.

    Attributes
    ----------
    name : the file's name.
    class_names, class_ids : of each class, (C,).
    objects, photos : objects of each class, and photos that hold it, (C,) int64.
    pixels : sum of the areas of each class's objects in pixels, (C,); where objects overlap,
        each counts.
    objects_per_photo, classes_per_photo : (N,) int64, by rising image id.
    class_of, relative_area : class of each object, (M,), and its area as a fraction of its photo.
    area_quantiles : of the relative areas of each class at `LEVELS`, (C, 5); NaN for a class
        without objects.
    together : photos that hold both classes, (C, C) int64; the diagonal is ``photos``.
    sizes : width, height and number of photos, (S, 3) int64, the most frequent first.
    total_pixels : of all photos.
    crowds, ignored : crowd regions among the objects, and annotations of the ignore category.
    """

    name: str
    class_names: tuple[str, ...]
    class_ids: tuple[int, ...]
    objects: NDArray[np.int64]
    photos: NDArray[np.int64]
    pixels: NDArray[np.float64]
    objects_per_photo: NDArray[np.int64]
    classes_per_photo: NDArray[np.int64]
    class_of: NDArray[np.int64]
    relative_area: NDArray[np.float64]
    area_quantiles: NDArray[np.float64]
    together: NDArray[np.int64]
    sizes: NDArray[np.int64]
    total_pixels: int
    crowds: int
    ignored: int
    origin: Origin

    @property
    def photo_count(self) -> int:
        """N."""
        return len(self.objects_per_photo)

    @property
    def object_count(self) -> int:
        """M."""
        return len(self.class_of)

    @cached_property
    def empty_photos(self) -> int:
        """Photos without an object."""
        return int((self.objects_per_photo == 0).sum())


def statistics(document: Document) -> Statistics:
    """Count objects, photos, areas, sizes and co-occurrence of classes in a COCO document.

    Raises
    ------
    UserError : an annotation has neither a positive ``area`` nor a valid segmentation.
    """
    columns = columns_of(document)
    photo_count, classes = len(columns.sizes), columns.classes
    held_photo, held_class = np.divmod(_pairs(columns), max(classes, 1))
    categories = document.class_categories
    return Statistics(
        name=document.name,
        class_names=tuple(category.name for category in categories),
        class_ids=tuple(category.id for category in categories),
        objects=np.bincount(columns.class_of, minlength=classes),
        photos=np.bincount(held_class, minlength=classes),
        pixels=_class_sums(columns),
        objects_per_photo=np.bincount(columns.photo_of, minlength=photo_count),
        classes_per_photo=np.bincount(held_photo, minlength=photo_count),
        class_of=columns.class_of,
        relative_area=columns.relative_area,
        area_quantiles=_class_quantiles(columns),
        together=_together(held_photo, held_class, classes),
        sizes=_sizes(columns.sizes),
        total_pixels=int(columns.sizes.prod(axis=1).sum()),
        crowds=int(columns.crowd.sum()),
        ignored=len(document.annotations) - len(columns.class_of),
        origin=_origin(document),
    )


def quantiles(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The values' quantiles at `LEVELS`, (5,); NaN if there are none.

    >>> quantiles(np.array([0.0, 0.5, 1.0])).tolist()
    [0.1, 0.25, 0.5, 0.75, 0.9]
    """
    return np.quantile(values, LEVELS) if len(values) else np.full(len(LEVELS), np.nan)


def _pairs(columns: Columns) -> NDArray[np.int64]:
    """Pairs of photo and class, as sorted unique numbers photo * C + class."""
    # Thirty times as fast as np.unique.
    pairs = np.sort(columns.photo_of * columns.classes + columns.class_of)
    return pairs[np.diff(pairs, prepend=-1) > 0]


def _class_sums(columns: Columns) -> NDArray[np.float64]:
    """Sum of the areas of each class in pixels, (C,)."""
    sums = np.bincount(columns.class_of, weights=columns.area, minlength=columns.classes)
    return sums.astype(np.float64, copy=False)


def _class_quantiles(columns: Columns) -> NDArray[np.float64]:
    order = np.argsort(columns.class_of, kind="stable")
    starts = np.searchsorted(columns.class_of[order], np.arange(1, columns.classes))
    parts = np.split(columns.relative_area[order], starts)[: columns.classes]
    return np.array([quantiles(part) for part in parts]).reshape(columns.classes, len(LEVELS))


def _together(
    photos: NDArray[np.int64], classes: NDArray[np.int64], number: int
) -> NDArray[np.int64]:
    """Photos that hold both classes, (C, C), from rising pairs of photo and class."""
    together = np.zeros((number, number), dtype=np.int64)
    for rows, columns in _chunks(photos, classes):
        present = np.zeros((_CHUNK, number), dtype=np.float32)
        present[rows, columns] = 1
        together += (present.T @ present).astype(np.int64)
    return together


def _chunks(
    photos: NDArray[np.int64], classes: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """The pairs of up to `_CHUNK` neighbouring photos at a time; photos counted from the first."""
    last = int(photos[-1]) if len(photos) else -1
    for first in range(0, last + 1, _CHUNK):
        start, end = np.searchsorted(photos, (first, first + _CHUNK))
        yield photos[start:end] - first, classes[start:end]


def _sizes(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Width, height and number of photos, (S, 3): frequent first, then small."""
    # One number for both: a photo has at most 10^9 pixels.
    kinds, counts = np.unique(sizes[:, 0] << 32 | sizes[:, 1], return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return np.column_stack([kinds >> 32, kinds & 0xFFFFFFFF, counts])[order]


def _origin(document: Document) -> Origin:
    photos = [image.trashdata for image in document.images if image.trashdata]
    ignored = document.ignore_ids
    own_keys = [a for a in document.annotations if a.trashdata]
    objects = [a.trashdata for a in own_keys if a.category_id not in ignored]
    return Origin(
        # Computed only if needed, since it groups all annotations by photo.
        synthetic=len(Provenance(document).synthetic) if photos or objects else 0,
        repeats=sum(REPEAT_OF in provenance for provenance in photos),
        pseudo_labelled=sum("models" in provenance for provenance in photos),
        pasted=sum(DONOR_ANNOTATION_ID in provenance for provenance in objects),
        pseudo_labels=sum("models" in provenance for provenance in objects),
    )
