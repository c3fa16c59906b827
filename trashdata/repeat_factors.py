"""Repeat factors of classes: how often their photos are in a set or a pass.

Gupta, Dollár, Girshick 2019, "LVIS: A Dataset for Large Vocabulary Instance Segmentation",
arXiv 1908.03195, section 4.2. Departure: where no threshold is given, it is the median of the
classes' frequencies, because LVIS's 0.001 does nothing on a set of ten classes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def median_frequency(frequency: NDArray[np.float64]) -> float:
    """The default threshold: the median frequency of the classes that occur.

    So the rarer half of the classes is repeated, whatever the size of the set.

    >>> median_frequency(np.array([0.9, 0.0, 0.1, 0.2]))
    0.2
    """
    present = frequency[frequency > 0]
    return float(np.median(present)) if len(present) else 0.0


def class_factors(frequency: NDArray[np.float64], threshold: float) -> NDArray[np.float64]:
    """max(1, sqrt(t / f)) of each class, (classes,); 1 for a class that does not occur.

    >>> class_factors(np.array([0.5, 0.05, 0.0]), 0.2).tolist()
    [1.0, 2.0, 1.0]
    """
    factors = np.ones_like(frequency)
    present = frequency > 0
    factors[present] = np.maximum(1, np.sqrt(threshold / frequency[present]))
    return factors
