"""Confidences in steps of 1/10,000, the unit of thresholds, histograms and scores.

Sums of whole numbers do not depend on the order, so the result does not depend on the shards.
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

    Values under 1/C become 0: no class is chosen with less, and zeros compress well.

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

    ``confidences``: (C, H, W), in steps or as probabilities. Ties go to the first class. Where all
    are 0 (outside of the photo), both are 0.
    """
    # Faster than argmax along the first axis, which jumps from plane to plane for every pixel.
    confidence = confidences[0].copy()
    labels = np.zeros(confidence.shape, dtype=np.uint8)
    for index in range(1, len(confidences)):
        plane = confidences[index]
        np.copyto(labels, np.uint8(index), where=plane > confidence)
        np.maximum(confidence, plane, out=confidence)
    return labels, confidence


def confidence_histogram(labels: Labels, confidence: Steps, channels: int) -> Counts:
    """Count pixels by predicted class and confidence, (channels, STEPS + 1), without those at 0."""
    keys = labels.astype(np.int64) * (STEPS + 1) + confidence
    size = channels * (STEPS + 1)
    counts = np.bincount(keys.ravel(), minlength=size).reshape(channels, STEPS + 1)
    counts[:, 0] = 0
    return counts.astype(np.int64, copy=False)
