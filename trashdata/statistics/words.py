"""Formatting of numbers and spans for tables and the picture."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

LACKING = "–"
ARROW = " → "


def whole(value: float) -> str:
    """Format a count; NaN as a dash.

    >>> whole(1350.0), whole(float("nan"))
    ('1,350', '–')
    """
    return LACKING if math.isnan(value) else f"{value:,.0f}"


def percent(value: float) -> str:
    """Format a percentage without its sign, small ones with two digits.

    >>> [percent(value) for value in (0, 0.0001, 0.0123, 4.567, 23)]
    ['0', '<0.001', '0.012', '4.6', '23.0']
    """
    if math.isnan(value):
        return LACKING
    if 0 < value < 0.001:
        return "<0.001"
    return f"{value:.2g}" if value < 0.995 else f"{value:.1f}"


def arrows(
    columns: Sequence[NDArray[np.float64]], text: Callable[[float], str] = whole
) -> list[str]:
    """Format one or two columns (R,), row by row, right-aligned.

    >>> arrows([np.array([9.0, 120.0]), np.array([10.0, np.nan])])
    ['  9 → 10', '120 →  –']
    """
    texts = [[text(value) for value in column] for column in columns]
    widths = [max(map(len, column), default=0) for column in texts]
    rows = zip(*texts, strict=True)
    return [ARROW.join(map(str.rjust, row, widths)) for row in rows]
