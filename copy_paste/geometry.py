"""Where a rectangle of a source photo comes to lie: the same map for pixels and for polygons.

All rectangles have whole-numbered corners. So ``cv2.resize``, which maps pixel edges to pixel
edges, and the linear map of the polygons agree exactly.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

Box = tuple[int, int, int, int]


class Transform(msgspec.Struct, frozen=True, array_like=True):
    """Cut ``crop`` (x, y, width, height) from the source, resize it to ``size`` (width, height),
    flip it, turn it by ``angle`` degrees counter-clockwise about its centre, and put its upper
    left corner (before turning) at ``place`` (x, y)."""

    crop: Box
    size: tuple[int, int]
    place: tuple[int, int]
    hflip: bool = False
    vflip: bool = False
    angle: float = 0.0

    def at(self, x: int, y: int) -> Transform:
        """The same, put elsewhere."""
        return msgspec.structs.replace(self, place=(x, y))


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


def map_polygons(
    polygons: Sequence[NDArray[np.float64]], transform: Transform
) -> list[NDArray[np.float64]]:
    """Flat polygons x0, y0, x1, y1, ... under the map, on hundredths of a pixel.

    Rounding first and rasterising afterwards keeps the JSON short and the mask its own.
    """
    left, top, crop_width, crop_height = transform.crop
    width, height = transform.size
    flat = np.concatenate(polygons)
    points = (flat.reshape(-1, 2) - (left, top)) * (width / crop_width, height / crop_height)
    if transform.hflip:
        points[:, 0] = width - points[:, 0]
    if transform.vflip:
        points[:, 1] = height - points[:, 1]
    if transform.angle:
        matrix = rotation(transform)
        points = points @ matrix[:, :2].T + matrix[:, 2]
    points = np.round(points + transform.place, 2)
    if len(polygons) == 1:
        return [points.ravel()]
    ends = np.cumsum([len(polygon) for polygon in polygons])[:-1]
    return np.split(points.ravel(), ends)


def bounds(polygons: Sequence[NDArray[np.float64]]) -> tuple[float, float, float, float]:
    """Smallest x, smallest y, largest x, largest y of flat polygons."""
    flat = polygons[0] if len(polygons) == 1 else np.concatenate(polygons)
    x, y = flat[::2], flat[1::2]
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())
