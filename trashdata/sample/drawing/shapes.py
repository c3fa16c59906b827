"""Outlines and their anti-aliased coverage. All lengths are in frame units (half a frame's side).

A coverage (side, side), 0 to 1, is made by :func:`polygon` from corners, or by :func:`soft` from a
signed distance (negative inside).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trashdata.sample.drawing.raster import Gray, Points, clipped, filled_polygon, length
from trashdata.sample.drawing.sprite import Frame


def soft(frame: Frame, distance: Gray) -> Gray:
    """Coverage where a signed distance is negative, with an edge of one pixel."""
    return clipped(np.float32(0.5) - distance * np.float32(frame.side / 2), 0, 1)


def band(frame: Frame, values: Gray, low: float, high: float) -> Gray:
    """Coverage where low < values < high."""
    return soft(frame, np.maximum(low - values, values - high))


def polygon(frame: Frame, points: Points | Sequence[tuple[float, float]]) -> Gray:
    """Coverage of a polygon with corners (N, 2), x and y."""
    pixels = (np.asarray(points, np.float64) + 1) * (frame.side / 2) - 0.5
    return filled_polygon(pixels, frame.shape)


def disc(frame: Frame, x: float, y: float, radius: float) -> Gray:
    """Signed distance to a circle."""
    return length(frame.x - x, frame.y - y) - np.float32(radius)


def ellipse(frame: Frame, centre: tuple[float, float], radii: tuple[float, float]) -> Gray:
    """Signed distance to an ellipse, near enough for its edge."""
    reach = length((frame.x - centre[0]) / radii[0], (frame.y - centre[1]) / radii[1])
    return (reach - 1) * np.float32(min(radii))


def box(
    x: Gray, y: Gray, *, centre: tuple[float, float], half: tuple[float, float], radius: float
) -> Gray:
    """Signed distance to a box with half-sizes `half` and corners rounded by `radius`.

    x and y (H, W) are the coordinates; bent ones make a bent box.
    """
    across = np.abs(x - centre[0]) - np.float32(half[0] - radius)
    down = np.abs(y - centre[1]) - np.float32(half[1] - radius)
    outside = length(np.maximum(across, 0), np.maximum(down, 0))
    inside: Gray = np.minimum(np.maximum(across, down), 0)
    return outside + inside - np.float32(radius)


def profile(frame: Frame, stations: Sequence[tuple[float, float]]) -> Gray:
    """Half-width (side, 1) of an upright, symmetric thing at each row.

    `stations` are (y, half-width) from top to bottom, with straight lines between them.
    """
    heights, widths = zip(*stations, strict=True)
    widths_there: Gray = np.interp(frame.y[:, :1], heights, widths).astype(np.float32)
    return widths_there


def within_profile(frame: Frame, width: Gray, top: float, bottom: float) -> Gray:
    """Coverage of an upright, symmetric thing of half-width (side, 1) from top to bottom."""
    sides = np.abs(frame.x) - width
    ends = np.maximum(top - frame.y, frame.y - bottom)
    return soft(frame, np.maximum(sides, ends))


def roughened(points: Points, *, amount: float, rng: np.random.Generator, steps: int = 7) -> Points:
    """Cut each edge (N, 2) into `steps` and push the new corners about, as if it were torn."""
    following = np.roll(points, -1, axis=0)
    share = np.arange(steps)[None, :, None] / steps
    edge = points[:, None] * (1 - share) + following[:, None] * share
    return (edge + rng.normal(0, amount, edge.shape)).reshape(-1, 2)


def shard(rng: np.random.Generator, *, corners: int, radius: float, uneven: float) -> Points:
    """A random star-shaped outline (corners, 2) around 0."""
    angles = (np.arange(corners) + rng.uniform(-0.3, 0.3, corners)) * 2 * np.pi / corners
    reach = radius * (1 - uneven * rng.random(corners))
    return np.stack([np.cos(angles) * reach, np.sin(angles) * reach], axis=1)


def mirrored(points: Points, normal: tuple[float, float], offset: float) -> Points:
    """Mirror points (N, 2) at the line normal . p = offset, as a fold would; normal has length 1.

    Examples
    --------
    >>> mirrored(np.array([[3.0, 1.0]]), (1.0, 0.0), 2.0).tolist()
    [[1.0, 1.0]]
    """
    direction = np.asarray(normal, np.float64)
    beyond = points @ direction - offset
    return points - 2 * beyond[:, None] * direction
