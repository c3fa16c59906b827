"""What it does to the bootstrap that some groups of photos hold far more of a class than others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .pixel_counts import TRUE, Counts, Floats, classes_held


def widen(variance: Floats, groups: Counts, strata: NDArray[np.int64]) -> Floats:
    """Make bootstrap variances larger for classes of which few groups hold most pixels.

    Parameters
    ----------
    variance : (1 + C,) of the mean over the classes, and of each class.
    groups : (S, G, C, 3) int64 pixels of each group.
    strata : (G,) int64, the fold of each group.

    Returns
    -------
    (1 + C,) float64. A class's variance is multiplied by (1 - H / G) / (1 - Σw²), where w is each
    group's share of the class's true pixels, and H the number of folds; never made smaller. The
    mean's is multiplied by what the classes' variances grow in total.

    Notes
    -----
    A group that holds most of a class draws the IoU towards its own, so its deviation is seen too
    small, by 1 - w of its square; the correction is that of White's variance for leverage (HC2,
    MacKinnon and White 1985), on average over the groups. Without it, the variance came out a third
    too small where the sizes of groups were lognormal with σ = 1.4. Nothing can be said of a class
    on one group; its factor is 1.
    """
    left = 1 - _concentration(groups)
    factor = (1 - len(np.unique(strata)) / len(strata)) / np.where(left > 0, left, 1)
    classes = variance[1:] * np.maximum(factor, 1)
    before, after = np.nansum(variance[1:]), np.nansum(classes)
    return np.concatenate([[variance[0] * (after / before if before else 1)], classes])


def degrees_of_freedom(groups: Counts, strata: NDArray[np.int64]) -> Floats:
    """Degrees of freedom of the bootstrap variances.

    Parameters
    ----------
    groups : (S, G, C, 3) int64 pixels of each group.
    strata : (G,) int64, the fold of each group.

    Returns
    -------
    (1 + C,) float64, at least 1. For the mean over the classes: groups with true pixels, minus
    their folds. For a class likewise, times the share of its groups that count: their effective
    number 1 / Σw² (Kish 1965, "Survey Sampling") over their number. A variance to which few groups
    contribute is known no better than from few groups.
    """
    held = classes_held(groups)
    held = np.column_stack([held.sum(axis=1) > 0, held])
    in_strata = [held[strata == name].sum(axis=0) > 0 for name in np.unique(strata)]
    number = held.sum(axis=0)
    counted = 1 / np.maximum(_concentration(groups), 1 / len(strata))
    share = np.concatenate([[1.0], counted / np.maximum(number[1:], 1)])
    df: Floats = np.maximum((number - np.sum(in_strata, axis=0)) * share, 1.0)
    return df


def _concentration(groups: Counts) -> Floats:
    """Σw² (C,), where w is each group's share of a class's true pixels; 0 if there are none."""
    pixels = groups[0, ..., TRUE].astype(np.float64)
    shares = pixels / np.maximum(pixels.sum(axis=0), 1)
    squares: Floats = (shares**2).sum(axis=0)
    return squares
