"""Repeat factors of photos, by the rarity of their classes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trashdata.repeat_factors import class_factors, median_frequency


def repeat_factors(objects: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """How often each photo is drawn in a pass, at least 1, and the class that decides it.

    A class's frequency is the geometric mean of its share of the photos and of the objects; a photo
    has the factor sqrt(t / f) of its rarest class.

    Parameters
    ----------
    objects : (N, C) objects of each class on each photo.

    Returns
    -------
    factors (N,) float64, and classes (N,) int64: from 1, 0 for photos with the factor 1.

    References
    ----------
    Gupta et al. 2019, arXiv 1908.03195: factors by photos, see `trashdata.repeat_factors`. Yaman
    et al. 2023, "Instance-Aware Repeat Factor Sampling for Long-Tailed Object Detection",
    arXiv 2305.08069: by objects as well. Departure: the threshold t is the median frequency.

    Examples
    --------
    >>> factors, classes = repeat_factors(np.array([[1, 0], [1, 0], [1, 0], [1, 1]]))
    >>> factors.round(2).tolist(), classes.tolist()
    ([1.0, 1.0, 1.0, 1.58], [0, 0, 0, 2])
    """
    holds = objects > 0
    by_photo = holds.mean(axis=0) if len(holds) else np.zeros(objects.shape[1])
    by_object = objects.sum(axis=0) / max(1, objects.sum())
    frequency = np.sqrt(by_photo * by_object)
    of_class = class_factors(frequency, median_frequency(frequency))
    of_photo = np.where(holds, of_class, 1.0)
    factors = of_photo.max(axis=1, initial=1.0)
    classes = np.where(factors > 1, of_photo.argmax(axis=1) + 1, 0)
    return factors, classes
