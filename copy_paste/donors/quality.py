"""Filters for donors: no tiny objects, slivers or crumbs, and no duplicates.

They use the labels alone; no photo is opened.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from trashdata.mask_codec.rle import Window

MIN_THICKNESS_PX = 4
"""A sliver holds no square of this side: resized and blended, it is mostly edge."""
MIN_LARGEST_PART = 0.25
"""An object whose largest connected part holds less of it is a scatter of crumbs."""
MAX_DUPLICATE_SHIFT_PX = 3
"""Boxes of duplicates differ by no more than this at each side."""
MIN_DUPLICATE_OVERLAP = 0.9
"""Intersection over union of the shapes of duplicates, each brought into the same grid."""
_GRID = 16


def fault_of_shape(bitmap: NDArray[np.uint8], polygons: int = 2) -> str | None:
    """Why an object's shape makes it a poor donor, or None.

    Parameters
    ----------
    bitmap : (H, W) uint8, 0 or 1, the window around what is visible of the object.
    polygons : number of its polygons; with a single one the slow search for parts is skipped.
    """
    square = np.ones((MIN_THICKNESS_PX, MIN_THICKNESS_PX), dtype=np.uint8)
    if not cv2.erode(bitmap, square, borderType=cv2.BORDER_CONSTANT, borderValue=0).any():
        return "thinner than 4 pixels"
    if polygons == 1:
        return None
    _, _, parts, _ = cv2.connectedComponentsWithStats(bitmap, connectivity=8)
    areas = parts[1:, cv2.CC_STAT_AREA]
    if int(areas.max()) < MIN_LARGEST_PART * int(areas.sum()):
        return "scattered in small parts"
    return None


class Silhouette:
    """An object's class, position and shape, for finding duplicates; 32 bytes of shape."""

    __slots__ = ("box", "kind", "shape")

    def __init__(self, class_index: int, photo_size: tuple[int, int], window: Window) -> None:
        self.kind = class_index, photo_size
        self.box = window.box
        small = cv2.resize(
            window.bitmap * np.uint8(255), (_GRID, _GRID), interpolation=cv2.INTER_AREA
        )
        self.shape = np.packbits(small > 127)

    def near(self, other: Silhouette) -> bool:
        """Whether both describe the same object at the same position."""
        ours, theirs = _corners(self.box), _corners(other.box)
        if max(abs(a - b) for a, b in zip(ours, theirs, strict=True)) > MAX_DUPLICATE_SHIFT_PX:
            return False
        shared = int(np.bitwise_count(self.shape & other.shape).sum())
        either = int(np.bitwise_count(self.shape | other.shape).sum())
        return shared >= MIN_DUPLICATE_OVERLAP * either


def _corners(box: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    x, y, width, height = box
    return x, y, x + width, y + height


def find_duplicates(silhouettes: Sequence[Silhouette]) -> set[int]:
    """Indices of silhouettes that repeat an earlier one in class, photo size, position and shape.

    These are objects annotated twice, or objects of a photo that is in the set twice, or of two
    photos taken in quick succession.
    """
    cells: defaultdict[tuple[object, ...], list[int]] = defaultdict(list)
    duplicates = set()
    for number, silhouette in enumerate(silhouettes):
        column, row = (value // (MAX_DUPLICATE_SHIFT_PX + 1) for value in silhouette.box[:2])
        around = ((column + i, row + j) for i in (-1, 0, 1) for j in (-1, 0, 1))
        earlier = (k for cell in around for k in cells.get((silhouette.kind, *cell), ()))
        if any(silhouette.near(silhouettes[k]) for k in earlier):
            duplicates.add(number)
        else:
            cells[silhouette.kind, column, row].append(number)
    return duplicates
