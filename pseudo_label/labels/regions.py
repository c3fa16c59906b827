"""Regions of sure pixels: one for each connected region of a class, without loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from trashdata.coco.regions import indices_present
from trashdata.mask_codec.rle import Window
from trashdata.mask_codec.trace import Region, trace_windows
from trashdata.palette import IGNORE_INDEX

from ..predicting.confidence import STEPS, Labels, Steps


@dataclass(frozen=True)
class SureRegion:
    """A region of a class; ``score``: mean confidence 0 to 1 of its pixels, None if unknown."""

    class_index: int
    region: Region
    score: float | None


@dataclass(frozen=True)
class _Part:
    class_index: int
    window: Window
    score: float | None


def sure_regions(
    labels: Labels, min_area: int, confidence: Sequence[NDArray[np.uint16]] | Steps | None = None
) -> tuple[Labels, list[SureRegion]]:
    """Find the 8-connected regions of each class, and drop the small ones.

    Parameters
    ----------
    labels : (H, W) uint8; 0 is background, 255 is unsure; not changed.
    min_area : regions of fewer pixels become unsure.
    confidence : (C, H, W) uint16 in steps, by class index; None if unknown.

    Returns
    -------
    labels : what is left, (H, W) uint8.
    regions : by rising class index, then from top to bottom.
    """
    left = labels.copy()
    parts: list[_Part] = []
    for index in indices_present(labels):
        if index not in (0, IGNORE_INDEX):
            steps = None if confidence is None else confidence[index]
            parts += _class_parts(left, index, min_area, steps)
    traced = trace_windows([part.window for part in parts])
    return left, [
        SureRegion(part.class_index, region, part.score)
        for part, (region,) in zip(parts, traced, strict=True)
    ]


def _class_parts(
    labels: Labels, index: int, min_area: int, steps: NDArray[np.uint16] | None
) -> list[_Part]:
    """The regions of one class; small ones are made unsure in ``labels``."""
    bitmap = (labels == index).view(np.uint8)
    count, numbers, stats, _ = cv2.connectedComponentsWithStats(bitmap, connectivity=8)
    small = stats[:, cv2.CC_STAT_AREA] < min_area
    small[0] = False
    if small.any():
        labels[small[numbers]] = IGNORE_INDEX
    parts = []
    for number in range(1, count):
        if small[number]:
            continue
        x, y, width, height, area = (int(value) for value in stats[number])
        inside = numbers[y : y + height, x : x + width] == number
        score = None
        if steps is not None:
            total = int(steps[y : y + height, x : x + width][inside].sum(dtype=np.int64))
            score = round(total / area / STEPS, 4)
        window = Window(np.ascontiguousarray(inside).view(np.uint8), x, y, area)
        parts.append(_Part(index, window, score))
    return parts
