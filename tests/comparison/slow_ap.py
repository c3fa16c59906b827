"""Average precision by plain loops over pixels, as its definition has it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pixels = frozenset[tuple[int, int]]
# To the last bit those of COCO, since an IoU of small regions often is just 0.6.
THRESHOLDS = np.linspace(0.5, 0.95, 10).tolist()
RECALLS = np.linspace(0, 1, 101).tolist()


@dataclass(frozen=True)
class Scene:
    """One photo, (H, W) each: true label map, where it is a crowd, prediction and confidence."""

    truth: NDArray[np.uint8]
    crowd: NDArray[np.bool_]
    labels: NDArray[np.uint8]
    confidence: NDArray[np.float32]


def pixels_of_regions(labels: NDArray[np.uint8], index: int) -> Iterator[Pixels]:
    """The 8-connected regions of one class, by flooding."""
    left = {(y, x) for y, x in np.argwhere(labels == index).tolist()}
    while left:
        reached, edge = set(), [min(left)]
        while edge:
            y, x = edge.pop()
            if (y, x) in left:
                left.remove((y, x))
                reached.add((y, x))
                edge += [(y + dy, x + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
        yield frozenset(reached)


def slow_ap(scenes: Sequence[Scene], index: int, min_area: int) -> float:
    """AP of one class, averaged over the ten thresholds; NaN without true regions that count."""
    found = [_found(scene, index) for scene in scenes]
    wanted = sum(
        not crowd and len(region) >= min_area for true, _ in found for region, crowd in true
    )
    if not wanted:
        return float("nan")
    return float(np.mean([_at(found, one, min_area, wanted) for one in THRESHOLDS]))


Found = tuple[list[tuple[Pixels, bool]], list[tuple[Pixels, float, bool]]]


def _found(scene: Scene, index: int) -> Found:
    """True regions, and whether each is a crowd; predicted ones, scores, whether it spilled."""
    ignored = {(y, x) for y, x in np.argwhere(scene.truth == 255).tolist()}
    true = [
        (region, any(scene.crowd[pixel] for pixel in region))
        for region in pixels_of_regions(scene.truth, index)
    ]
    spilled = set()
    for region in pixels_of_regions(scene.labels, index):
        if len(region & ignored) > len(region) / 2:
            spilled |= region
    seen = scene.labels.copy()
    seen[scene.truth == 255] = 0
    predicted = []
    for region in pixels_of_regions(seen, index):
        score = float(np.mean([float(scene.confidence[pixel]) for pixel in region]))
        predicted.append((region, score, region <= spilled))
    return true, predicted


def _at(found: Sequence[Found], threshold: float, min_area: int, wanted: int) -> float:
    """Precision at 101 recalls, at one threshold."""
    decided: list[tuple[float, bool]] = []
    for true, predicted in found:
        free = [region for region, crowd in true if not crowd]
        crowds = [region for region, crowd in true if crowd]
        for region, score, spilled in sorted(predicted, key=lambda one: -one[1]):
            matches = [other for other in free if _iou(region, other) >= threshold]
            counted = [other for other in matches if len(other) >= min_area]
            if counted:
                free.remove(max(counted, key=lambda other: _iou(region, other)))
                decided.append((score, True))
            elif matches:
                free.remove(max(matches, key=lambda other: _iou(region, other)))
            elif not (
                spilled
                or len(region) < min_area
                or any(len(region & other) / len(region) >= threshold for other in crowds)
            ):
                decided.append((score, False))
    decided.sort(key=lambda one: -one[0])
    right = 0
    points = []
    for number, (_, hit) in enumerate(decided, start=1):
        right += hit
        points.append((right / wanted, right / number))
    best = [max((p for r, p in points if r >= recall), default=0.0) for recall in RECALLS]
    return float(np.mean(best))


def _iou(one: Pixels, other: Pixels) -> float:
    return len(one & other) / len(one | other)
