"""Self-intersection of outlines."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Pairs of edges that are compared at once, and at most for one polygon.
_BLOCK = 1 << 18
_MAX_PAIRS = 1 << 25


def crossing(polygon: NDArray[np.float64]) -> tuple[float, float] | None:
    """A point where two edges of a closed outline cross, strictly inside both, or None.

    Outlines that only touch themselves, such as those of regions with a cut hole, don't cross.

    Parameters
    ----------
    polygon : flat x0, y0, x1, y1, ... in pixels.

    Notes
    -----
    Edges are sorted by their left ends, so that only those that overlap in x are compared. After 33
    million pairs an outline counts as not crossing; so many overlapping edges are not drawn by
    hand.

    Examples
    --------
    >>> bow_tie = np.array([0, 0, 4, 4, 4, 0, 0, 4], dtype=np.float64)
    >>> crossing(bow_tie), crossing(np.array([0.0, 0, 4, 0, 4, 4, 0, 4]))
    ((2.0, 2.0), None)
    """
    start = polygon.reshape(-1, 2)
    end = np.roll(start, -1, axis=0)
    order = np.argsort(np.minimum(start[:, 0], end[:, 0]), kind="stable")
    start, end = start[order], end[order]
    left = np.minimum(start[:, 0], end[:, 0])
    right = np.maximum(start[:, 0], end[:, 0])
    # Edges from the next one on that begin before this one ends.
    behind = np.maximum(np.searchsorted(left, right, side="left") - np.arange(len(left)) - 1, 0)
    if behind.sum() > _MAX_PAIRS:
        return None
    sums = np.concatenate(([0], np.cumsum(behind)))
    first = 0
    while first < len(left):
        last = max(first + 1, int(np.searchsorted(sums, sums[first] + _BLOCK, side="right")) - 1)
        found = _first(start, end, np.arange(first, last), behind[first:last])
        if found is not None:
            return found
        first = last
    return None


def _first(
    start: NDArray[np.float64],
    end: NDArray[np.float64],
    edges: NDArray[np.int64],
    behind: NDArray[np.int64],
) -> tuple[float, float] | None:
    one = np.repeat(edges, behind)
    offset = np.arange(len(one)) - np.repeat(np.cumsum(behind) - behind, behind)
    other = one + 1 + offset
    a, b, c, d = start[one], end[one], start[other], end[other]
    side_a, side_b = _side(c, d, a), _side(c, d, b)
    apart = _opposite(_side(a, b, c), _side(a, b, d)) & _opposite(side_a, side_b)
    if not apart.any():
        return None
    k = int(np.argmax(apart))
    share = side_a[k] / (side_a[k] - side_b[k])
    x, y = a[k] + share * (b[k] - a[k])
    return float(x), float(y)


def _side(
    a: NDArray[np.float64], b: NDArray[np.float64], point: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Twice the area of the triangle, positive on one side of the line through a and b."""
    u, v = b - a, point - a
    area: NDArray[np.float64] = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    return area


def _opposite(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.bool_]:
    # A point on the line, up to rounding, is no crossing.
    tiny = 1e-6
    opposite: NDArray[np.bool_] = ((one > tiny) & (other < -tiny)) | (
        (one < -tiny) & (other > tiny)
    )
    return opposite
