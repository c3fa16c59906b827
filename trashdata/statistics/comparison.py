"""One file's statistics, or two side by side with the classes matched by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .count import Statistics


@dataclass(frozen=True)
class Comparison:
    """One or two sides over the U classes that either has.

    ``labels``: the name of each side; ``names`` (U,): the first side's classes, then those that
    only the second has; ``indices``: the class's index on each side, (U,), -1 if it lacks the
    class.
    """

    sides: tuple[Statistics, ...]
    labels: tuple[str, ...]
    names: tuple[str, ...]
    indices: tuple[NDArray[np.int64], ...]

    def values(self, attribute: str) -> tuple[NDArray[np.float64], ...]:
        """An attribute (C, ...) of each side's classes, as (U, ...); NaN if it lacks a class."""
        pairs = zip(self.sides, self.indices, strict=True)
        return tuple(_values_at(getattr(side, attribute), indices) for side, indices in pairs)

    def shares(self, attribute: str) -> tuple[NDArray[np.float64], ...]:
        """Each class's percentage of each side's sum of an attribute (C,), as (U,)."""
        return tuple(100 * values / (np.nansum(values) or 1) for values in self.values(attribute))

    def photo_shares(self) -> tuple[NDArray[np.float64], ...]:
        """Percent of each side's photos that hold each class, (U,)."""
        pairs = zip(self.sides, self.values("photos"), strict=True)
        return tuple(100 * photos / max(side.photo_count, 1) for side, photos in pairs)

    def together(self) -> Iterator[NDArray[np.float64]]:
        """For each side, the share of the row class's photos that hold the column class, (U, U).

        NaN on the diagonal, for classes that a side lacks, and in rows of classes on no photo.
        """
        for side, indices in zip(self.sides, self.indices, strict=True):
            photos = np.where(side.photos > 0, side.photos, np.nan)
            rows = _values_at(side.together / photos[:, None], indices)
            shares = _values_at(rows.T, indices).T
            np.fill_diagonal(shares, np.nan)
            yield shares

    @cached_property
    def order(self) -> list[int]:
        """Indices into ``names``, from the most frequent class to the rarest.

        By the first side's objects, then photos; classes that only the second side has are last.
        """
        keys = []
        for objects, photos in zip(self.values("objects"), self.values("photos"), strict=True):
            keys += [-np.nan_to_num(objects, nan=-1), -np.nan_to_num(photos, nan=-1)]
        return [int(index) for index in np.lexsort(keys[::-1])]

    def lacking(self, side: int) -> list[str]:
        """Names of the classes that this side lacks."""
        return [self.names[index] for index in np.flatnonzero(self.indices[side] < 0)]


def compare(*sides: Statistics, labels: tuple[str, ...] = ()) -> Comparison:
    """Compare the statistics of one or two files.

    Parameters
    ----------
    sides : the statistics of each.
    labels : the name of each, by default the file's name.
    """
    names = tuple(dict.fromkeys(name for side in sides for name in side.class_names))
    indices = []
    for side in sides:
        index = {name: k for k, name in enumerate(side.class_names)}
        indices.append(np.array([index.get(name, -1) for name in names], dtype=np.int64))
    return Comparison(sides, labels or tuple(side.name for side in sides), names, tuple(indices))


def _values_at(
    values: NDArray[np.int64] | NDArray[np.float64], indices: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The rows of ``values`` at these indices, NaN at -1."""
    found = np.full((len(indices), *values.shape[1:]), np.nan)
    held = indices >= 0
    found[held] = values[indices[held]]
    return found
