"""Panels beside the bars of the classes: spans of areas, and co-occurrence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .count import LEVELS
from .sheet import DARK, DIM, PALE, Colour, Sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NUMBERED = 24
_DARK_FROM = 0.5
_RULE = "#dddddd"


def draw_areas(
    sheet: Sheet,
    spans: Sequence[NDArray[np.float64]],
    colours: Sequence[Colour],
    box: tuple[float, float, float, float],
) -> None:
    """Draw spans of relative areas on a logarithmic scale, one per row.

    ``spans``: quantiles (R, 5) at `LEVELS` for each side, NaN without objects; ``box``: left, top,
    width, and height of a row in inches.
    """
    left, top, width, row = box
    count = len(colours)
    known = np.concatenate([span.ravel() for span in spans])
    known = known[known > 0]
    if not len(known):
        return
    low, high = np.log10(known.min()) - 0.1, np.log10(known.max()) + 0.1
    axes = sheet.axes(left, top, width, count * row)
    axes.set_xlim(low, high)
    axes.set_ylim(count - 0.5, -0.5)
    for exponent in range(math.ceil(low), math.floor(high) + 1):
        axes.axvline(exponent, color=_RULE, linewidth=0.8, zorder=0)
        at = left + width * (exponent - low) / (high - low)
        sheet.text(
            at, top - 0.08, f"{10.0 ** (exponent + 2):g}", size=6.5, colour=DIM, align="center"
        )
    for side, span in enumerate(spans):
        last = side == len(spans) - 1
        shift = (side - (len(spans) - 1) / 2) * 0.36
        _draw_spans(
            axes, span, shift, list(colours) if last else [PALE] * count, thin=len(spans) > 1
        )


def _draw_spans(
    axes: Axes,
    span: NDArray[np.float64],
    shift: float,
    colours: Sequence[Colour],
    *,
    thin: bool,
) -> None:
    """Draw a thin line over 80 % of the objects, a thick one over half, a dot at the median."""
    held = np.flatnonzero((span > 0).all(axis=1))
    logs, rows = np.log10(span[held]), held + shift
    row_colours = [colours[index] for index in held.tolist()]
    outer, half, median = (LEVELS.index(level) for level in (0.1, 0.25, 0.5))
    axes.hlines(rows, logs[:, outer], logs[:, -1 - outer], colors=row_colours, linewidth=1)
    axes.hlines(
        rows, logs[:, half], logs[:, -1 - half], colors=row_colours, linewidth=3 if thin else 5
    )
    axes.scatter(
        logs[:, median], rows, s=7 if thin else 12, c="white", edgecolors="black", linewidths=0.6,
        zorder=3,
    )  # fmt: skip


def draw_together(
    sheet: Sheet, shares: NDArray[np.float64], left: float, top: float, *, cell: float, row: float
) -> None:
    """Draw a heat map of shares (U, U), from 0 to 1; with numbers for few classes.

    ``cell``, ``row``: width of a column and height of a row in inches.
    """
    count = len(shares)
    axes = sheet.axes(left, top, count * cell, count * row)
    axes.set_xlim(-0.5, count - 0.5)
    axes.set_ylim(count - 0.5, -0.5)
    axes.imshow(_cells(shares), aspect="auto", interpolation="nearest")
    lines = np.arange(count + 1) - 0.5
    axes.vlines(lines, -0.5, count - 0.5, color=_RULE, linewidth=0.5)
    axes.hlines(lines, -0.5, count - 0.5, color=_RULE, linewidth=0.5)
    if count > _NUMBERED:
        return
    for line, column in np.argwhere(shares > 0).tolist():
        share = shares[line, column]
        axes.text(
            column, line, f"{100 * share:.0f}", fontsize=6.5, ha="center", va="center_baseline",
            color="white" if share > _DARK_FROM else DARK,
        )  # fmt: skip


def _cells(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Colours (U, U, 3): zero is white, the diagonal and unknown values are gray."""
    cells = heat(np.nan_to_num(shares))
    cells[shares == 0] = 1
    cells[np.isnan(shares)] = 0.93
    cells[np.eye(len(shares), dtype=np.bool_)] = 0.8
    return cells


def heat(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Colours (..., 3) of shares from 0 to 1; the least differs visibly from white."""
    from matplotlib import colormaps

    colours: NDArray[np.float64] = colormaps["YlGnBu"](0.15 + 0.85 * shares)[..., :3]
    return colours


def draw_heat_scale(sheet: Sheet, left: float, top: float) -> None:
    """Draw the colour scale of `draw_together`."""
    axes = sheet.axes(left, top - 0.05, 1.2, 0.1)
    axes.imshow(heat(np.linspace(0, 1, 120))[None], aspect="auto")
    sheet.text(left - 0.06, top, "0", size=6.5, colour=DIM, align="right")
    sheet.text(
        left + 1.26, top, "100 % of the row's photos hold the column's class", size=6.5, colour=DIM
    )
