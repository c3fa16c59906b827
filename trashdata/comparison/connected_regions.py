"""Connected regions of label maps, as run-length encoded masks."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from trashdata.coco.regions import indices_present
from trashdata.palette import IGNORE_INDEX

Labels: TypeAlias = NDArray[np.uint8]
Bitmap: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Regions:
    """The regions of one photo.

    ``numbers``: (H, W) int32, 0 where there is no region, else 1 to R; ``classes``: (R,) int64
    indices, rising; ``areas``: (R,) int64 pixels.
    """

    numbers: NDArray[np.int32]
    classes: NDArray[np.int64]
    areas: NDArray[np.int64]

    def sums(self, values: NDArray[np.bool_] | NDArray[np.float32]) -> NDArray[np.float64]:
        """The sum of values (H, W) over the pixels of each region, (R,)."""
        sums = np.bincount(
            self.numbers.ravel(), weights=values.ravel(), minlength=1 + len(self.classes)
        )
        return sums[1:].astype(np.float64, copy=False)

    def only(self, kept: Bitmap) -> Regions:
        """These regions (R,), numbered anew without gaps."""
        new = np.concatenate([[0], np.cumsum(kept) * kept]).astype(np.int32)
        return Regions(new[self.numbers], self.classes[kept], self.areas[kept])


def connected_regions(labels: Labels, channels: int) -> Regions:
    """The 8-connected regions of each class.

    Parameters
    ----------
    labels : (H, W) uint8; 0 is background, 255 is ignored, and both have no regions.
    channels : number of classes with the background.

    Returns
    -------
    Regions by rising class, then in an order that depends on the label map alone.

    Raises
    ------
    ValueError : a class is not under ``channels``.

    Examples
    --------
    >>> connected_regions(np.uint8([[1, 0, 2], [0, 1, 0]]), 3).numbers.tolist()
    [[1, 0, 2], [0, 1, 0]]
    """
    numbers = np.zeros(labels.shape, dtype=np.int32)
    classes = [np.zeros(0, dtype=np.int64)]
    used = 0
    for index in indices_present(labels):
        if index in (0, IGNORE_INDEX):
            continue
        if index >= channels:
            raise ValueError(f"a label map holds class {index}, which is not under {channels}")
        bitmap = (labels == index).view(np.uint8)
        # Most classes cover a small part of a photo.
        x, y, width, height = cv2.boundingRect(bitmap)
        window = slice(y, y + height), slice(x, x + width)
        count, parts = cv2.connectedComponents(bitmap[window], connectivity=8)
        np.add(parts, used, out=numbers[window], where=parts > 0)
        used += count - 1
        classes.append(np.full(count - 1, index, dtype=np.int64))
    areas = np.bincount(numbers.ravel(), minlength=1 + used)[1:]
    return Regions(numbers, np.concatenate(classes), areas)


def encode_numbers(numbers: NDArray[np.int32], count: int) -> list[bytes]:
    """The compressed COCO ``counts`` of where (H, W) int32 numbers are 1, 2, ... ``count``.

    The same bytes as pycocotools' own encoder gives, without a bitmap of the photo's size for each
    region.
    """
    if not count:
        return []
    height, width = numbers.shape
    # COCO goes through a photo column by column.
    pixels = numbers.T.ravel()
    starts = np.flatnonzero(np.concatenate([[True], pixels[1:] != pixels[:-1]]))
    ends = np.append(starts[1:], pixels.size)
    order = np.argsort(pixels[starts], kind="stable")
    bounds = np.searchsorted(pixels[starts][order], np.arange(1, count + 2))
    # Foreground begins and ends by turns.
    edges = np.stack([starts[order], ends[order]], axis=1)
    codes = []
    for first, last in pairwise(bounds):
        runs = np.diff(edges[first:last].ravel(), prepend=0, append=pixels.size)
        # No background after the last pixel.
        counts = runs.tolist() if runs[-1] else runs[:-1].tolist()
        codes.append({"size": [height, width], "counts": counts})
    return [code["counts"] for code in coco_mask.frPyObjects(codes, height, width)]
