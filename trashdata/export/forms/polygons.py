"""One polygon per object, for formats that allow only one.

Parts are joined by bridges of zero width: out along a line and back along the same line.
Rasterisers that fill an outline, such as OpenCV's, draw such a polygon as its parts.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trashdata.coco.document import (
    AnnotationRecord,
    ImageRecord,
    RleRecord,
    decode_segmentation,
    segmentation_shape,
)

Corners = NDArray[np.float64]


def object_polygon(annotation: AnnotationRecord, image: ImageRecord) -> Corners:
    """The object as one polygon, (N, 2) x and y in pixels; (0, 2) if it is empty."""
    segmentation = decode_segmentation(annotation)
    if isinstance(segmentation, list):
        parts = [np.array(part, dtype=np.float64).reshape(-1, 2) for part in segmentation]
    else:
        assert segmentation is None or isinstance(segmentation, RleRecord)
        parts = _traced(annotation, image)
    return join(parts) if parts else np.zeros((0, 2))


def _traced(annotation: AnnotationRecord, image: ImageRecord) -> list[Corners]:
    from trashdata.mask_codec.raster import rasterise
    from trashdata.mask_codec.trace import trace_windows

    windows = rasterise([segmentation_shape(annotation, image)], image.width, image.height)
    (regions,) = trace_windows(windows)
    return [part.astype(np.float64) for region in regions for part in region.polygons]


def join(parts: Sequence[Corners]) -> Corners:
    """Join polygons (N, 2) into one, each by a bridge between the nearest corners.

    Examples
    --------
    >>> one, other = np.array([[0., 0], [2, 0], [2, 2]]), np.array([[5., 0], [7, 0], [7, 2]])
    >>> join([one, other]).tolist()
    [[0.0, 0.0], [2.0, 0.0], [5.0, 0.0], [7.0, 0.0], [7.0, 2.0], [5.0, 0.0], [2.0, 0.0], [2.0, 2.0]]
    """
    joined, *rest = parts
    # Nearest first, so that bridges stay short and seldom cross another part.
    while rest:
        nearest = [_nearest(joined, part) for part in rest]
        index = min(range(len(rest)), key=lambda k: nearest[k][0])
        _, corner, part_corner = nearest[index]
        part = rest.pop(index)
        detour = np.concatenate([part[part_corner:], part[: part_corner + 1]])
        joined = np.concatenate([joined[: corner + 1], detour, joined[corner:]])
    return joined


def _nearest(one: Corners, other: Corners) -> tuple[float, int, int]:
    """Squared distance of the two nearest corners, and their indices."""
    distances = ((one[:, None] - other[None]) ** 2).sum(axis=2)
    corner, other_corner = np.unravel_index(int(distances.argmin()), distances.shape)
    return float(distances[corner, other_corner]), int(corner), int(other_corner)
