"""What it does to the bootstrap that some groups of photos hold far more of a class than others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .pixel_counts import TRUE, Counts, Floats


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
    pixels = groups[0, ..., TRUE].astype(np.float64)
    shares = pixels / np.maximum(pixels.sum(axis=0), 1)
    left = 1 - (shares**2).sum(axis=0)
    factor = (1 - len(np.unique(strata)) / len(strata)) / np.where(left > 0, left, 1)
    classes = variance[1:] * np.maximum(factor, 1)
    before, after = np.nansum(variance[1:]), np.nansum(classes)
    return np.concatenate([[variance[0] * (after / before if before else 1)], classes])
