"""Several classes at once: which verdicts stand, and at which level each was decided."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .pixel_counts import Booleans, Floats


def holm(p_values: NDArray[np.float64], alpha: float) -> tuple[Booleans, Floats]:
    """Holm's step-down test of a family of hypotheses.

    Parameters
    ----------
    p_values : (M,) of two-sided tests.
    alpha : probability of one false verdict or more in the family.

    Returns
    -------
    rejected (M,) bool.
    levels (M,) float64 : the level at which each was decided. Where the steps stopped, all that
        follow keep that step's level. So p <= level if and only if it is rejected, and an
        interval at this level agrees with the verdict.

    References
    ----------
    Holm 1979, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of
    Statistics 6(2).

    Examples
    --------
    >>> rejected, levels = holm(np.array([0.04, 0.001, 0.03]), 0.05)
    >>> rejected.tolist(), levels.round(4).tolist()
    ([False, True, False], [0.025, 0.0167, 0.025])
    """
    number = len(p_values)
    order = np.argsort(p_values, kind="stable")
    steps = alpha / np.arange(number, 0, -1)
    failed = np.flatnonzero(p_values[order] > steps)
    stop = int(failed[0]) if len(failed) else number
    steps[stop:] = steps[min(stop, number - 1)] if number else 0
    rejected, levels = np.zeros(number, dtype=np.bool_), np.zeros(number)
    rejected[order[:stop]] = True
    levels[order] = steps
    return rejected, levels
