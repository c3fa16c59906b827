"""Labels from confidences: one threshold for all classes, or one for each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from trashdata.palette import IGNORE_INDEX

from .confidence import STEPS, Counts, Labels, Steps

Thresholds: TypeAlias = NDArray[np.int64]
"""By class index, (C,), in steps; a class that may not be chosen has `NEVER`."""

NEVER = STEPS + 1


def equal_thresholds(threshold: float, channels: int) -> Thresholds:
    """The same threshold, 0 to 1, for every class, rounded up to whole steps.

    >>> equal_thresholds(0.9, 2).tolist()
    [9000, 9000]
    """
    # 0.9 * 10000 must not become 9001 by rounding error.
    steps = math.ceil(round(threshold * STEPS, 6))
    return np.full(channels, max(1, steps), dtype=np.int64)


def balanced_thresholds(histogram: Counts, portion: float) -> Thresholds:
    """For each class the confidence that its surest share of pixels reaches.

    Parameters
    ----------
    histogram : pixels by predicted class and confidence in steps, (C, STEPS + 1).
    portion : share of each class's pixels, over 0 to 1.

    Returns
    -------
    (C,) in steps, rounded down; `NEVER` for a class that no pixel was predicted to be.

    References
    ----------
    Zou, Yu, Kumar, Wang 2018, "Unsupervised Domain Adaptation for Semantic Segmentation via
    Class-Balanced Self-Training", arXiv 1810.07911, algorithm 2. There the share is rounded down,
    here up, so that the rarest class keeps a pixel.

    Examples
    --------
    >>> pixels = np.zeros((1, STEPS + 1), dtype=np.int64)
    >>> pixels[0, [5000, 7000, 9000]] = 2, 1, 1
    >>> balanced_thresholds(pixels, 0.5).tolist()
    [7000]
    """
    totals = histogram.sum(axis=1)
    wanted = np.ceil(np.round(totals * portion, 6)).astype(np.int64)
    # at_least[c, s]: pixels of class c with confidence s or more
    at_least = histogram[:, ::-1].cumsum(axis=1)[:, ::-1]
    reached = (at_least >= np.maximum(wanted, 1)[:, None]).sum(axis=1) - 1
    return np.where(totals > 0, np.maximum(reached, 1), NEVER)


def choose_labels(steps: Steps, thresholds: Thresholds) -> Labels:
    """Label each pixel with the class of the highest ratio of probability to threshold.

    Pixels without a class at or over its threshold are 255. Ties go to the first class.

    References
    ----------
    Zou et al. 2018, equation 8. With equal thresholds it is the most probable class.

    Examples
    --------
    >>> pixel = np.uint16([[[6000]], [[4000]]])
    >>> pairs = ([5000, 5000], [5000, 3000], [6001, 4001])
    >>> [choose_labels(pixel, np.array(pair)).item() for pair in pairs]
    [0, 1, 255]
    """
    best = steps[0] / np.float32(thresholds[0])
    labels = np.zeros(best.shape, dtype=np.uint8)
    for index in range(1, len(steps)):
        ratio = steps[index] / np.float32(thresholds[index])
        np.copyto(labels, np.uint8(index), where=ratio > best)
        np.maximum(best, ratio, out=best)
    labels[best < 1] = IGNORE_INDEX
    return labels


def in_units(thresholds: Thresholds) -> list[float | None]:
    """Thresholds as values from 0 to 1; None for a class that is never chosen.

    >>> in_units(np.array([9000, NEVER]))
    [0.9, None]
    """
    return [step / STEPS if step <= STEPS else None for step in thresholds.tolist()]


def kept_pixels(histogram: Counts, thresholds: Thresholds) -> Counts:
    """Pixels of each predicted class at or over its threshold, (C,)."""
    steps = np.arange(histogram.shape[1])
    kept: Counts = np.where(steps >= thresholds[:, None], histogram, 0).sum(axis=1)
    return kept


def by_name(names: Sequence[str], thresholds: Thresholds) -> dict[str, float | None]:
    """Thresholds from 0 to 1 by class name."""
    return dict(zip(names, in_units(thresholds), strict=True))
