"""Smoothing of outlines that run along pixel edges, before they are enlarged."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Half a pixel turns stairs of one pixel into a straight diagonal, and rounds true corners little.
_CUT_PX = 0.5


def without_stairs(polygon: NDArray[np.float64]) -> NDArray[np.float64]:
    """A flat polygon x0, y0, x1, y1, ... with its corners cut, if all its edges are axis-parallel.

    Such outlines come from masks (traced polygons, RLE); enlarged as they are, each pixel of the
    edge would become a block. Other polygons are returned unchanged.

    >>> without_stairs(np.array([0.0, 0, 3, 0, 3, 2, 0, 2])).tolist()
    [0.5, 0.0, 2.5, 0.0, 3.0, 0.5, 3.0, 1.5, 2.5, 2.0, 0.5, 2.0, 0.0, 1.5, 0.0, 0.5]
    """
    points = polygon.reshape(-1, 2)
    edges = np.roll(points, -1, axis=0) - points
    if (edges != 0).all(axis=1).any() or (points != np.round(points)).any():
        return polygon
    lengths = np.abs(edges).sum(axis=1, keepdims=True)
    step = np.divide(edges, lengths, out=np.zeros_like(edges), where=lengths > 0)
    step *= np.minimum(lengths / 2, _CUT_PX)
    cut = np.stack((points + step, points + edges - step), axis=1).reshape(-1, 2)
    kept: NDArray[np.bool_] = np.any(cut != np.roll(cut, 1, axis=0), axis=1)
    return cut[kept].ravel()
