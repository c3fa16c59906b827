"""Bins of histograms, and their names."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

# Two per decade: neighbouring ranges differ by a factor of about three.
_AREA_EDGES = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
_SINGLE_CLASSES = 8


@dataclass(frozen=True)
class Ranges:
    """``starts[k]`` is the least number in range k; the first range includes all below."""

    starts: tuple[float, ...]
    names: tuple[str, ...]

    def counts(self, values: NDArray[np.int64] | NDArray[np.float64]) -> NDArray[np.int64]:
        """Number of values in each range."""
        index = np.searchsorted(self.starts[1:], values, side="right")
        return np.bincount(index, minlength=len(self.starts))


def object_ranges(most: int) -> Ranges:
    """Ranges of objects on a photo: 0, 1, 2, then twice as wide each time.

    >>> object_ranges(7).names
    ('0', '1', '2', '3–4', '5–8')
    """
    starts, ends = [0], [0]
    while ends[-1] < most:
        starts.append(ends[-1] + 1)
        ends.append(max(1, 2 * ends[-1]))
    return Ranges(tuple(starts), tuple(map(_name, starts, ends)))


def _name(start: int, end: int) -> str:
    return str(start) if start == end else f"{start:,}–{end:,}"


def class_ranges(most: int) -> Ranges:
    """Ranges of classes on a photo, one each; the last range holds the rest.

    >>> class_ranges(2).names, class_ranges(80).names[-2:]
    (('0', '1', '2'), ('8', '9 or more'))
    """
    starts = tuple(range(min(most, _SINGLE_CLASSES) + 1))
    names = tuple(map(str, starts))
    if most <= _SINGLE_CLASSES:
        return Ranges(starts, names)
    rest = _SINGLE_CLASSES + 1
    return Ranges((*starts, rest), (*names, f"{rest} or more"))


def area_ranges() -> Ranges:
    """Ranges of object areas as fractions of the photo, named in percent.

    >>> area_ranges().names[:2], area_ranges().names[-1]
    (('under 0.01 %', '0.01–0.03 %'), '30 % and more')
    """
    percent = [f"{100 * edge:g}" for edge in _AREA_EDGES]
    between = [f"{a}–{b} %" for a, b in pairwise(percent)]
    names = (f"under {percent[0]} %", *between, f"{percent[-1]} % and more")
    return Ranges((0.0, *_AREA_EDGES), names)
