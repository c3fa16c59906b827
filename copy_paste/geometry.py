"""Map of a rectangle of a source photo into a new photo, the same for pixels and polygons.

All rectangles have whole-numbered corners. So ``cv2.resize``, which maps pixel edges to pixel
edges, and the linear map of the polygons agree exactly.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

Box = tuple[int, int, int, int]


def scaled_size(size: tuple[int, int], longer: int | None) -> tuple[int, int]:
    """Width and height scaled to a longer side of so many pixels, each at least 1.

    >>> scaled_size((4032, 3024), 512), scaled_size((3, 5000), 500), scaled_size((640, 480), None)
    ((512, 384), (1, 500), (640, 480))
    """
    if longer is None:
        return size
    width, height = (max(1, round(side * longer / max(size))) for side in size)
    return width, height


class Transform(msgspec.Struct, frozen=True, array_like=True):
    """Cut ``crop`` (x, y, width, height) from the source, resize it to ``size`` (width, height),
    flip it, turn it by ``angle`` degrees counter-clockwise about its centre, and put its upper
    left corner (before turning) at ``position`` (x, y)."""

    crop: Box
    size: tuple[int, int]
    position: tuple[int, int]
    hflip: bool = False
    vflip: bool = False
    angle: float = 0.0

    def at(self, x: int, y: int) -> Transform:
        """The same transform at another position."""
        return msgspec.structs.replace(self, position=(x, y))


def rotation(transform: Transform) -> NDArray[np.float64]:
    """The 2 x 3 matrix that turns about the centre of the resized crop, y pointing down."""
    width, height = transform.size
    radians = math.radians(transform.angle)
    cosine, sine = math.cos(radians), math.sin(radians)
    x, y = width / 2, height / 2
    return np.array(
        [
            [cosine, sine, x - cosine * x - sine * y],
            [-sine, cosine, y + sine * x - cosine * y],
        ]
    )


def map_points(points: NDArray[np.float64], transform: Transform) -> NDArray[np.float64]:
    """Map points (N, 2), without moving them to the position."""
    left, top, crop_width, crop_height = transform.crop
    width, height = transform.size
    mapped: NDArray[np.float64] = points - (left, top)
    mapped *= (width / crop_width, height / crop_height)
    if transform.hflip:
        mapped[:, 0] = width - mapped[:, 0]
    if transform.vflip:
        mapped[:, 1] = height - mapped[:, 1]
    if transform.angle:
        matrix = rotation(transform)
        mapped = mapped @ matrix[:, :2].T + matrix[:, 2]
    return mapped


def put(points: NDArray[np.float64], position: tuple[int, int]) -> NDArray[np.float64]:
    """Mapped points (N, 2) at their position, rounded to hundredths of a pixel.

    Rounding before rasterising keeps the JSON short and consistent with the mask.
    """
    return np.round(points + position, 2)


@dataclass(frozen=True, slots=True)
class Outlines:
    """The polygons of several objects as one array of points (N, 2), mapped together.

    ``objects``: for each object the ranges (start, stop) of its polygons in ``points``.
    """

    points: NDArray[np.float64]
    objects: tuple[tuple[tuple[int, int], ...], ...]

    @classmethod
    def of(cls, objects: Sequence[Sequence[NDArray[np.float64]]]) -> Outlines:
        """Gather flat polygons x0, y0, x1, y1, ..., one sequence per object."""
        ranges, start = [], 0
        for polygons in objects:
            of_object = []
            for polygon in polygons:
                stop = start + len(polygon) // 2
                of_object.append((start, stop))
                start = stop
            ranges.append(tuple(of_object))
        parts = [polygon for polygons in objects for polygon in polygons]
        flat = np.concatenate(parts) if parts else np.zeros(0)
        return cls(flat.reshape(-1, 2), tuple(ranges))

    def split(self, points: NDArray[np.float64]) -> list[list[NDArray[np.float64]]]:
        """Mapped points as flat polygons, one list per object."""
        flat = points.ravel()
        return [[flat[2 * start : 2 * stop] for start, stop in ranges] for ranges in self.objects]

    def bounds(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Smallest x and y, largest x and y of each object, (objects, 4)."""
        starts = [ranges[0][0] for ranges in self.objects]
        low = np.minimum.reduceat(points, starts, axis=0)
        high = np.maximum.reduceat(points, starts, axis=0)
        return np.concatenate((low, high), axis=1)


def bounds(polygons: Sequence[NDArray[np.float64]]) -> tuple[float, float, float, float]:
    """Smallest x, smallest y, largest x, largest y of flat polygons."""
    flat = polygons[0] if len(polygons) == 1 else np.concatenate(polygons)
    x, y = flat[::2], flat[1::2]
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())
