"""The labels of each photo as arrays: its classes, numbers of objects, and shares of area."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from trashdata.coco.areas import object_areas
from trashdata.coco.document import AnnotationRecord, Document

# Photos with more classes or objects than these share the last bin.
_CLASS_BINS = (1, 2, 3, 4, 5)
_OBJECT_BINS = (1, 2, 3, 5, 9, 17)


Values: TypeAlias = NDArray[np.int32] | NDArray[np.float64]


@dataclass(frozen=True)
class Labels:
    """Rows are photos, or groups of photos that stay together; columns are classes.

    ``presence`` (N, C) int32: photos of the row that hold the class; ``counts`` (N, C) int32:
    its objects; ``area`` (N, C) float64: the sum of object area / photo area; ``bare`` (N,)
    int32: photos without objects; ``sizes`` (N,) int64: photos in the row.
    """

    presence: NDArray[np.int32]
    counts: NDArray[np.int32]
    area: NDArray[np.float64]
    bare: NDArray[np.int32]
    sizes: NDArray[np.int64]

    @classmethod
    def of_photos(cls, counts: NDArray[np.int32], area: NDArray[np.float64]) -> Labels:
        """A row for each photo, of the objects (N, C) and their areas (N, C) on it."""
        bare = np.asarray(~counts.any(axis=1), dtype=np.int32)
        return cls((counts > 0).astype(np.int32), counts, area, bare, np.ones(len(counts), int))

    def __len__(self) -> int:
        return len(self.sizes)

    def shares(self) -> tuple[Values, Values, Values]:
        """The three arrays (N, C), in the order of `trashdata.splitting.options.SHARES`."""
        return self.presence, self.counts, self.area

    @cached_property
    def balanced(self) -> tuple[Values, Values, Values]:
        """The arrays to balance: `shares`, with photos without objects as one more class."""
        if not self.bare.any():
            return self.shares()
        one_more = self.bare[:, None]
        presence = np.hstack([self.presence, one_more])
        counts = np.hstack([self.counts, one_more])
        area: NDArray[np.float64] = np.hstack([self.area, one_more.astype(np.float64)])
        return presence, counts, area

    def rows(self, chosen: NDArray[np.int64]) -> Labels:
        """These rows, in this order."""
        shares = self.presence[chosen], self.counts[chosen], self.area[chosen]
        return Labels(*shares, self.bare[chosen], self.sizes[chosen])

    def grouped(self, groups: NDArray[np.int64]) -> Labels:
        """Rows summed by group; ``groups`` (N,) holds 0 to G - 1, each at least once."""
        number = int(groups.max(initial=-1)) + 1
        if number == len(self):
            order = np.empty(number, dtype=np.int64)
            order[groups] = np.arange(number)
            return self.rows(order)
        presence = np.zeros((number, self.presence.shape[1]), dtype=np.int32)
        counts, area = np.zeros_like(presence), np.zeros(presence.shape)
        np.add.at(presence, groups, self.presence)
        np.add.at(counts, groups, self.counts)
        np.add.at(area, groups, self.area)
        bare = np.bincount(groups, weights=self.bare).astype(np.int32)
        sizes = np.bincount(groups, weights=self.sizes).astype(np.int64)
        return Labels(presence, counts, area, bare, sizes)


def photo_labels(document: Document) -> Labels:
    """The labels of every photo, in the document's order, without the ignore category.

    Raises
    ------
    UserError : an annotation has neither a positive ``area`` nor a valid segmentation.
    """
    objects: Sequence[AnnotationRecord] = document.annotations
    if document.ignore_ids:
        objects = [a for a in objects if a.category_id not in document.ignore_ids]
    photos, classes = len(document.images), len(document.class_categories)
    # Images are sorted by id.
    ids = np.array([image.id for image in document.images], dtype=np.int64)
    rows = np.searchsorted(ids, np.array([a.image_id for a in objects], dtype=np.int64))
    index = document.class_index
    columns = np.array([index[a.category_id] - 1 for a in objects], dtype=np.int64)
    pixels = np.array([i.width * i.height for i in document.images], dtype=np.float64)
    cells, size = rows * classes + columns, photos * classes
    counts = np.bincount(cells, minlength=size).astype(np.int32).reshape(photos, classes)
    shares = object_areas(document, objects) / pixels[rows]
    area = np.bincount(cells, shares, minlength=size).astype(np.float64, copy=False)
    return Labels.of_photos(counts, area.reshape(photos, classes))


def start_labels(labels: Labels) -> NDArray[np.bool_]:
    """The labels that the start is stratified by, (N, L) bool.

    The classes of each row; then the three labels of the original method: its rarest class, its
    number of classes, and its number of objects, in bins. A row without objects has no label.
    """
    present = labels.presence > 0
    # A class on no photo would give columns that are all False.
    present = present[:, present.any(axis=0)]
    frequency = present.sum(axis=0)
    order = np.argsort(frequency, kind="stable")
    rarest = np.zeros_like(present)
    filled = present.any(axis=1)
    if present.shape[1]:
        first = order[np.argmax(present[:, order], axis=1)]
        rarest[np.flatnonzero(filled), first[filled]] = True
    columns = [
        present,
        rarest,
        _binned(present.sum(axis=1), _CLASS_BINS),
        _binned(labels.counts.sum(axis=1), _OBJECT_BINS),
    ]
    return np.hstack(columns)


def _binned(numbers: NDArray[np.int64], lowest: tuple[int, ...]) -> NDArray[np.bool_]:
    """One column per bin, (N, bins) bool; numbers under the lowest bin are in none.

    >>> _binned(np.array([0, 1, 4, 99]), (1, 3)).astype(int).tolist()
    [[0, 0], [1, 0], [0, 1], [0, 1]]
    """
    bins = np.searchsorted(lowest, numbers, side="right")
    columns: NDArray[np.bool_] = bins[:, None] == np.arange(1, len(lowest) + 1)
    return columns
