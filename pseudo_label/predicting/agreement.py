"""Agreement of several predictions of one photo, and the choice of photos by it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trashdata.inference.confusion import confusion, scores

from .confidence import Labels


def map_agreement(maps: Sequence[Labels], ensemble: Labels, channels: int) -> float:
    """Mean over the maps of the mean IoU between each and the ensemble's, 0 to 1.

    The mean IoU of two maps (H, W) is over the classes that one of them has, background included.

    References
    ----------
    Yang, Zhuo, Qi, Shi, Gao 2022, "ST++: Make Self-training Work Better for Semi-supervised
    Semantic Segmentation", arXiv 2106.05095, equation 6; it compares earlier checkpoints with the
    last one, this compares models (or augmentations of a single one) with their mean.

    Examples
    --------
    >>> map_agreement([np.uint8([[0, 1]]), np.uint8([[1, 1]])], np.uint8([[0, 1]]), channels=2)
    0.625
    """
    names = [str(index) for index in range(channels)]
    ious = [scores(confusion(ensemble, one, channels), names).miou for one in maps]
    return float(np.mean(ious))


def unanimous(maps: Sequence[Labels]) -> NDArray[np.bool_]:
    """Where all of these maps (H, W) are equal."""
    same = np.ones(maps[0].shape, dtype=np.bool_)
    for labels in maps[1:]:
        same &= labels == maps[0]
    return same


def surest_first(image_scores: Sequence[float], seed: int) -> list[int]:
    """Indices of the photos by falling score; ties are in random order."""
    draws = [np.random.default_rng([seed, index]).random() for index in range(len(image_scores))]
    return sorted(range(len(draws)), key=lambda index: (-image_scores[index], draws[index]))


def kept_photos(
    image_scores: Sequence[float],
    *,
    least: float | None = None,
    fraction: float | None = None,
    seed: int = 0,
) -> list[bool]:
    """Whether each photo is kept: by a least score, or the best fraction; all if neither is given.

    Examples
    --------
    >>> kept_photos([0.5, 0.9, 0.7], fraction=0.5), kept_photos([0.5, 0.9, 0.7], least=0.8)
    ([False, True, True], [False, True, False])
    """
    if least is not None:
        return [score >= least for score in image_scores]
    count = len(image_scores)
    if fraction is not None:
        count = math.ceil(round(count * fraction, 6))
    chosen = set(surest_first(image_scores, seed)[:count])
    return [index in chosen for index in range(len(image_scores))]
