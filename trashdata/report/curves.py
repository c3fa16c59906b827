"""Line charts over epochs as SVG paths."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 360, 220
"""Of the drawing, in the SVG's own units."""

_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 352, 10, 190
_STEPS = 4


class Line(NamedTuple):
    """A line; NaN is a gap."""

    name: str
    colour: str
    values: NDArray[np.float64]


class Drawn(NamedTuple):
    """A line as an SVG path, and its last value as text."""

    name: str
    colour: str
    path: str
    last: str


class Chart(NamedTuple):
    """A chart; ``ticks_x``, ``ticks_y``: position and text of each grid line."""

    title: str
    lines: list[Drawn]
    ticks_x: list[tuple[float, str]]
    ticks_y: list[tuple[float, str]]


def draw_chart(
    title: str, epochs: NDArray[np.float64], lines: Sequence[Line], top: float | None = None
) -> Chart:
    """Draw lines (E,) over epochs (E,); the y axis is from 0 to ``top`` or a round number."""
    known = [float(value) for line in lines for value in line.values if np.isfinite(value)]
    highest = top if top is not None else _round_up(max(known, default=1.0))
    first, last = float(epochs[0]), float(epochs[-1])
    # A single epoch is drawn at the left.
    x = _LEFT + (epochs - first) / max(last - first, 1.0) * (_RIGHT - _LEFT)

    def heights_of(values: NDArray[np.float64]) -> NDArray[np.float64]:
        shares = np.clip(np.where(np.isinf(values), np.nan, values) / highest, 0, 1)
        return np.asarray(_BOTTOM - shares * (_BOTTOM - _TOP))

    drawn = [Drawn(n, c, _path(x, heights_of(values)), _last(values)) for n, c, values in lines]
    heights = np.linspace(0, highest, _STEPS + 1)
    ticks_y = list(zip(heights_of(heights).round(1).tolist(), _words(heights), strict=True))
    marked = _whole_steps(epochs)
    ticks_x = [(round(float(x[k]), 1), f"{epochs[k]:.0f}") for k in marked]
    return Chart(title, drawn, ticks_x, ticks_y)


def _path(x: NDArray[np.float64], y: NDArray[np.float64]) -> str:
    """An SVG path with gaps at NaN.

    >>> _path(np.array([0.0, 1.0, 2.0]), np.array([5.0, np.nan, 6.0]))
    'M0,5h0M2,6h0'
    """
    parts: list[str] = []
    for run in np.split(np.arange(len(x)), np.flatnonzero(np.isnan(y))):
        points = [f"{x[k]:.4g},{y[k]:.4g}" for k in run if not np.isnan(y[k])]
        if points:
            # A single point is visible by the line's round caps.
            parts.append("M" + "L".join(points) + ("h0" if len(points) == 1 else ""))
    return "".join(parts)


def _last(values: NDArray[np.float64]) -> str:
    known = values[np.isfinite(values)]
    return f"{known[-1]:.3f}" if len(known) else "–"


def _round_up(value: float) -> float:
    """The next of 1, 2, 4, 5 times a power of ten.

    >>> _round_up(3.2), _round_up(0.07), _round_up(0.0)
    (4.0, 0.1, 1.0)
    """
    if value <= 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(value))
    return next(float(f"{k * power:.6g}") for k in (1, 2, 4, 5, 10) if value <= k * power)


def _words(heights: NDArray[np.float64]) -> list[str]:
    return [f"{value:.3g}" for value in heights.tolist()]


def _whole_steps(epochs: NDArray[np.float64]) -> list[int]:
    """At most six indices, evenly spaced, including the first and the last."""
    count = min(len(epochs), 6)
    return sorted({round(k) for k in np.linspace(0, len(epochs) - 1, count).tolist()})
