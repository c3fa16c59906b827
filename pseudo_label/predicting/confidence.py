"""Confidences in steps of 1/10,000: what thresholds, histograms and scores are all made of.

Whole numbers can be added up in any order, so that nothing depends on how the work was split.
"""

from __future__ import annotations

from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

STEPS = 10_000
"""Confidence 1 in steps."""

Probabilities: TypeAlias = NDArray[np.float32]
Steps: TypeAlias = NDArray[np.uint16]
Labels: TypeAlias = NDArray[np.uint8]
Counts: TypeAlias = NDArray[np.int64]
Number = TypeVar("Number", np.uint16, np.float32)


def to_steps(probabilities: Probabilities) -> Steps:
    """Probabilities (C, H, W) from 0 to 1 in whole steps, rounded down, (C, H, W) uint16.

    What is under 1/C becomes 0: no class is chosen with less, and zeros take no room on disk.

    Examples
    --------
    >>> to_steps(np.float32([[[0.75]], [[0.25]]])).ravel().tolist()
    [7500, 0]
    """
    scaled = np.minimum(probabilities * np.float32(STEPS), np.float32(STEPS))
    steps: Steps = scaled.astype(np.uint16)
    steps[steps < STEPS // len(steps)] = 0
    return steps


def top_class(confidences: NDArray[Number]) -> tuple[Labels, NDArray[Number]]:
    """The most probable class of each pixel, (H, W) uint8, and its confidence, (H, W).

    ``confidences``: (C, H, W), in steps or as probabilities. Of equals the first class. Where no
    class has any (outside of the photo), both are 0.
    """
    # Faster than argmax along the first axis, which walks from plane to plane for every pixel.
    confidence = confidences[0].copy()
    labels = np.zeros(confidence.shape, dtype=np.uint8)
    for index in range(1, len(confidences)):
        plane = confidences[index]
        np.copyto(labels, np.uint8(index), where=plane > confidence)
        np.maximum(confidence, plane, out=confidence)
    return labels, confidence


def confidence_histogram(labels: Labels, confidence: Steps, channels: int) -> Counts:
    """Pixels by predicted class and confidence, (channels, STEPS + 1); those at 0 don't count."""
    keys = labels.astype(np.int64) * (STEPS + 1) + confidence
    size = channels * (STEPS + 1)
    counts = np.bincount(keys.ravel(), minlength=size).reshape(channels, STEPS + 1)
    counts[:, 0] = 0
    return counts.astype(np.int64, copy=False)
