"""Rows of bars with their numbers, for one or two sides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .sheet import DARK, DIM, PALE, Colour, Sheet, text_width
from .words import LACKING, arrows, whole

_SIZE = 7
_GAP = 0.06
_LINEAR_UP_TO = 20  # wider ranges are drawn on a logarithmic scale


@dataclass(frozen=True)
class Bars:
    """R rows: ``values``, an array (R,) for each side, NaN for no value.

    ``colours`` (R,) are those of the last side; with two sides, the first one is pale.
    """

    values: Sequence[NDArray[np.float64]]
    colours: Sequence[Colour]
    text: Callable[[float], str] = whole
    logarithmic: bool = False

    def lengths(self) -> list[NDArray[np.float64]]:
        """Lengths of the bars from 0 to 1, (R,) for each side; values above 0 are visible."""
        positive = _positive(self.values)
        columns = [np.nan_to_num(column) for column in self.values]
        if not len(positive):
            return columns
        least, largest = positive.min(), positive.max()
        if not self.logarithmic or least == largest:
            return [column / largest for column in columns]
        # On a logarithmic scale the least value gets a twelfth of the width.
        step = np.log(largest / least) / 11
        return [
            np.where(column > 0, 1 + np.log(np.maximum(column, least) / least) / step, 0) / 12
            for column in columns
        ]


def is_wide(columns: Sequence[NDArray[np.float64]]) -> bool:
    """Whether the range of the numbers is so wide that the least would be invisible.

    >>> is_wide([np.array([0.0, 3.0, 30.0])]), is_wide([np.array([3.0]), np.array([300.0])])
    (False, True)
    """
    positive = _positive(columns)
    return bool(len(positive) and positive.max() > _LINEAR_UP_TO * positive.min())


def _positive(columns: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    every = np.concatenate(list(columns)) if columns else np.empty(0)
    return every[every > 0]


def draw_bars(
    sheet: Sheet, bars: Bars, left: float, top: float, width: float, *, row: float
) -> None:
    """Draw the rows into a column that begins at ``left``, ``top``; each is ``row`` inches high."""
    count = len(bars.colours)
    if not count:
        return
    texts = [" ".join(text.split()) for text in arrows(bars.values, bars.text)]
    room = width - max(text_width(text, _SIZE) for text in texts) - _GAP
    axes = sheet.axes(left, top, width, count * row)
    axes.set_xlim(0, width)
    axes.set_ylim(count - 0.5, -0.5)
    lengths = [room * column for column in bars.lengths()]
    rows = np.arange(count)
    thick = 0.72 / len(lengths)
    for side, column in enumerate(lengths):
        last = side == len(lengths) - 1
        middle = rows + (side - (len(lengths) - 1) / 2) * thick
        colours = list(bars.colours) if last else PALE
        axes.barh(middle, column, height=thick, color=colours, linewidth=0)
    for index, text in enumerate(texts):
        end = max(column[index] for column in lengths)
        colour = DIM if text in {"0", LACKING} else DARK
        axes.text(end + _GAP, index, text, fontsize=_SIZE, color=colour, va="center_baseline")


def draw_labels(
    sheet: Sheet, labels: Sequence[str], right: float, top: float, row: float, *, size: float
) -> None:
    """Draw labels that end at ``right``, one per row."""
    for index, label in enumerate(labels):
        middle = top + (index + 0.5) * row
        sheet.text(right, middle, label, size=size, align="right")
