"""The statistics for the page's template: plain rows with bars and texts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from trashdata.errors import printable
from trashdata.statistics import LEVELS, Comparison
from trashdata.statistics.lists import CountList, photo_lists
from trashdata.statistics.tables import co_occurrence_rows, overview
from trashdata.statistics.words import percent, whole

from .gallery import colours

MAX_MATRIX = 24
"""Up to so many classes co-occurrence is shown as a matrix."""

_MEDIAN = LEVELS.index(0.5)


class Bar(NamedTuple):
    """A bar: its length from 0 to 100, and its text."""

    length: float
    text: str


class ClassRow(NamedTuple):
    """A row of a class: its index in the gallery (None: not in the first file), and numbers."""

    name: str
    colour: str
    class_index: int | None
    objects: list[Bar]
    photos: list[Bar]
    pixels: list[str]
    area: list[str]


class Histogram(NamedTuple):
    """A histogram: labels, and a bar for each side."""

    title: str
    rows: list[tuple[str, list[Bar]]]


class Cell(NamedTuple):
    """A share in a matrix; ``tint`` from 0 to 1, None for an empty cell."""

    tint: float | None
    text: str
    title: str


class Matrix(NamedTuple):
    """A square table of shares."""

    title: str
    names: list[str]
    rows: list[list[Cell]]


def statistics_charts(comparison: Comparison) -> dict[str, Any]:
    """The template's values for one or two files."""
    return {
        "labels": [printable(label) for label in comparison.labels],
        "facts": facts(comparison),
        "overview": [tuple(map(printable, row)) for row in overview(comparison)],
        "classes": class_rows(comparison),
        "histograms": [histogram(counts) for counts in photo_lists(comparison)],
        "matrices": matrices(comparison),
        "co_occurrences": co_occurrences(comparison),
    }


def facts(comparison: Comparison) -> list[tuple[str, str]]:
    """Key numbers of the first file, and their labels."""
    side = comparison.sides[0]
    origin = side.origin
    found = [
        (side.photo_count, "photo", "photos"),
        (side.object_count, "object", "objects"),
        (len(side.class_names), "class", "classes"),
        (origin.synthetic, "synthetic photo", "synthetic photos"),
        (origin.pasted, "pasted object", "pasted objects"),
        (origin.pseudo_labels, "pseudo-label", "pseudo-labels"),
    ]
    return [(whole(n), one if n == 1 else many) for n, one, many in found if n or one == "object"]


def bars(columns: Sequence[NDArray[np.float64]]) -> list[list[Bar]]:
    """Bars of each side's numbers (R,), row by row, on a common scale from 0."""
    most = max((float(np.nanmax(c, initial=0)) for c in columns), default=0) or 1
    pairs = zip(*(column.tolist() for column in columns), strict=True)
    return [[_bar(value, most) for value in row] for row in pairs]


def _bar(value: float, most: float) -> Bar:
    return Bar(0.0 if math.isnan(value) else round(100 * value / most, 2), whole(value))


def class_rows(comparison: Comparison) -> list[ClassRow]:
    """Rows of the classes, the one with the most objects first."""
    first = len(comparison.sides[0].class_names)
    # The classes of the first file come first, and keep their colours.
    colour = colours(len(comparison.names))
    objects, photos = (bars(comparison.values(key)) for key in ("objects", "photos"))
    pixels = _words(comparison.shares("pixels"))
    area = _words([100 * q[:, _MEDIAN] for q in comparison.values("area_quantiles")])
    return [
        ClassRow(
            printable(comparison.names[k]),
            colour[k],
            k if k < first else None,
            objects[k],
            photos[k],
            pixels[k],
            area[k],
        )
        for k in comparison.order
    ]


def _words(columns: Sequence[NDArray[np.float64]]) -> list[list[str]]:
    pairs = zip(*(column.tolist() for column in columns), strict=True)
    return [[percent(value) for value in row] for row in pairs]


def histogram(counts: CountList) -> Histogram:
    """A histogram from a list of counts."""
    rows = zip(counts.labels, bars(counts.counts), strict=True)
    title = counts.title[0].upper() + counts.title[1:]
    return Histogram(title, [(label, row) for label, row in rows])


def matrices(comparison: Comparison) -> list[Matrix]:
    """For each file, the share of the row class's photos that also hold the column class.

    Empty for more than `MAX_MATRIX` classes, or fewer than two.
    """
    if not 1 < len(comparison.names) <= MAX_MATRIX:
        return []
    order = comparison.order
    names = [printable(comparison.names[k]) for k in order]
    return [
        Matrix(printable(label), names, _cells(shares[np.ix_(order, order)], names))
        for label, shares in zip(comparison.labels, comparison.together(), strict=True)
    ]


def _cells(shares: NDArray[np.float64], names: Sequence[str]) -> list[list[Cell]]:
    return [
        [_cell(share, row, column) for share, column in zip(line, names, strict=True)]
        for line, row in zip(shares.tolist(), names, strict=True)
    ]


def _cell(share: float, row: str, column: str) -> Cell:
    if math.isnan(share):
        return Cell(None, "", "")
    text = f"{100 * share:.0f}"
    return Cell(share, text, f"{text} % of the photos with {row} also hold {column}")


def co_occurrences(comparison: Comparison) -> list[tuple[str, ...]]:
    """Classes that co-occur most with each class, where there are too many for a matrix."""
    if len(comparison.names) <= MAX_MATRIX:
        return []
    rows = co_occurrence_rows(comparison, comparison.order)
    return [tuple(map(printable, row)) for row in rows]
