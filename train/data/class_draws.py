"""Draws by class: a class first, then one of the photos that hold it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Chances = NDArray[np.float64]
Indices = NDArray[np.int64]

TEMPERATURE = 0.1
"""Of rare-class sampling: a class is drawn e times as often as one that fills a tenth more of the
pixels; at 0.01, which Hoyer et al. use, a hundredth more is enough for that."""
_LEAST_CHANCE = 0.05


def rare_class_chances(pixels: Indices, temperature: float = TEMPERATURE) -> Chances:
    """Chances of the channels in rare-class sampling, (C,); the background's is 0.

    Parameters
    ----------
    pixels : (C,) labelled pixels of each channel in the training photos, background first.
        Classes without any are not drawn.
    temperature : the lower, the more often rare classes are drawn.

    References
    ----------
    Hoyer, Dai, Van Gool 2022, "DAFormer: Improving Network Architectures and Training Strategies
    for Domain-Adaptive Semantic Segmentation", arXiv 2111.14887, equations 4 and 5. Departures: the
    temperature; the background is no class; a photo with few pixels of the class counts as one
    that holds it.

    Examples
    --------
    >>> rare_class_chances(np.array([60, 30, 10, 0])).round(2).tolist()
    [0.0, 0.12, 0.88, 0.0]
    """
    shares = pixels / max(1, pixels.sum())
    return _scaled(np.exp((1 - shares) / temperature), pixels > 0)


def iou_chances(iou: Sequence[float | None], pixels: Indices) -> Chances:
    """Chances by how much of a class the last validation missed, (C,): 1 - IoU, at least 0.05.

    ``iou`` : of the channels, background first; None without a union, which counts as 0.

    >>> iou_chances([0.9, 0.8, 0.2, None], np.array([5, 5, 5, 0])).round(2).tolist()
    [0.0, 0.2, 0.8, 0.0]
    """
    missed = np.array([1 - (value or 0.0) for value in iou])
    return _scaled(np.maximum(missed, _LEAST_CHANCE), pixels > 0)


def _scaled(chances: Chances, present: NDArray[np.bool_]) -> Chances:
    """Chances with the sum 1, those of the background and of classes that are not there 0."""
    foreground = present & (np.arange(len(chances)) > 0)
    kept = np.where(foreground, chances, 0.0)
    scaled: Chances = kept / max(kept.sum(), 1e-300)
    return scaled


def draw_by_class(
    chances: Chances, holds: NDArray[np.bool_], count: int, rng: np.random.Generator
) -> tuple[Indices, Indices]:
    """Draw photos by class; the photos of a class are used equally often.

    Parameters
    ----------
    chances : (C,) of the channels, with the sum 1.
    holds : (N, C) which photo holds which channel.

    Returns
    -------
    Indices of the photos, and the class for which each was drawn, both (count,).
    """
    classes: Indices = rng.choice(len(chances), size=count, p=chances)
    photos = np.empty(count, dtype=np.int64)
    for index in np.unique(classes):
        wanted = np.flatnonzero(classes == index)
        members = np.flatnonzero(holds[:, index])
        photos[wanted] = _in_rounds(members, len(wanted), rng)
    return photos, classes


def _in_rounds(members: Indices, count: int, rng: np.random.Generator) -> Indices:
    """``count`` of the members, in shuffled rounds."""
    rounds = [rng.permutation(members) for _ in range(-(-count // len(members)))]
    return np.concatenate(rounds)[:count]
