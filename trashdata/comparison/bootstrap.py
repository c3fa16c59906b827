"""The part of the variance of a difference that comes from which photos were taken."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .pixel_counts import Booleans, Counts, Floats, classes_held, iou, with_mean

DRAWS = 2000
_NUMBERS_AT_ONCE = 4_000_000


def photo_variance(
    arm: Counts, control: Counts, strata: NDArray[np.int64], *, draws: int, seed: int
) -> Floats:
    """Bootstrap variance of the mean difference over groups of photos, with the seeds fixed.

    Parameters
    ----------
    arm, control : (S, G, C, 3) int64 pixels of each group.
    strata : (G,) int64, the fold of each group; groups are drawn within their fold.
    draws : how often groups are drawn.
    seed : of the random stream.

    Returns
    -------
    (1 + C,) float64, for the mean over the classes and for each class; the square of a difference
    of IoU. NaN for a class without true pixels.

    Notes
    -----
    Of the n groups of a fold n - 1 are drawn, with replacement, and weighted by n / (n - 1) (Rao
    and Wu 1988). Drawing n would give variances that are too small by (n - 1) / n, which is a
    third for three groups. A fold with one group is drawn with another fold. In a draw without
    true pixels of a class, the class is no part of the mean.

    The sums are of whole numbers below 2^53, so they are exact in whatever order.

    References
    ----------
    Efron 1979, "Bootstrap Methods"; Rao and Wu 1988, "Resampling Inference with Complex Survey
    Data", JASA 83.
    """
    from threadpoolctl import threadpool_limits

    scored = np.concatenate([[True], classes_held(arm).sum(axis=0) > 0])
    strata = merged_strata(strata)
    parts = [_part(arm, control, strata == fold) for fold in np.unique(strata)]
    width = max(len(strata), parts[0][0].size)
    rng, moments = np.random.default_rng(seed), _Moments(len(scored))
    step = max(_NUMBERS_AT_ONCE // width, 1)
    # On a busy machine, waiting for another thread takes longer than these products.
    with threadpool_limits(1, "blas"):
        for start in range(0, draws, step):
            moments.add(_drawn(parts, min(step, draws - start), rng))
    return np.where(scored, moments.variance(), np.nan)


def _part(arm: Counts, control: Counts, members: Booleans) -> Floats:
    """The groups of a fold, (n, 2, S, C, 3)."""
    both = np.stack([arm[:, members], control[:, members]])
    return np.ascontiguousarray(np.moveaxis(both, 2, 0), dtype=np.float64)


def _drawn(parts: list[Floats], number: int, rng: np.random.Generator) -> Floats:
    """Mean differences (number, 1 + C) of new draws; ``parts`` (n, 2, S, C, 3) of each fold."""
    sums: Floats = np.zeros((number, *parts[0].shape[1:]))
    for part in parts:
        size = len(part)
        drawn = draw_weights(size, number, rng) @ part.reshape(size, -1)
        sums += drawn.reshape(sums.shape) * (size / max(size - 1, 1))
    scores = iou(sums)
    return with_mean((scores[:, 0] - scores[:, 1]).mean(axis=1))


def draw_weights(size: int, number: int, rng: np.random.Generator) -> Floats:
    """How often each of ``size`` groups is among ``size - 1`` that are drawn with replacement.

    Returns
    -------
    (number, size) float64 of whole numbers. A group that is alone is drawn once.
    """
    chosen = rng.integers(size, size=(number, max(size - 1, 1)))
    chosen += size * np.arange(number)[:, None]
    counted = np.bincount(chosen.ravel(), minlength=number * size)
    return counted.reshape(number, size).astype(np.float64)


def merged_strata(strata: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give strata of one group to the smallest other stratum.

    Examples
    --------
    >>> merged_strata(np.array([0, 0, 0, 1, 1, 2])).tolist()
    [0, 0, 0, 1, 1, 1]
    """
    strata = strata.copy()
    while True:
        names, sizes = np.unique(strata, return_counts=True)
        if len(names) == 1 or sizes.min() > 1:
            return strata
        alone, other = names[np.argsort(sizes, kind="stable")[:2]]
        strata[strata == alone] = other


class _Moments:
    """Variance of rows that come in blocks; NaN is no observation."""

    def __init__(self, columns: int) -> None:
        self._number = np.zeros(columns)
        self._sum = np.zeros(columns)
        self._squares = np.zeros(columns)

    def add(self, rows: Floats) -> None:
        known = ~np.isnan(rows)
        rows = np.where(known, rows, 0.0)
        self._number += known.sum(axis=0)
        self._sum += rows.sum(axis=0)
        self._squares += (rows**2).sum(axis=0)

    def variance(self) -> Floats:
        number = np.maximum(self._number, 2)
        # Rounding may leave a tiny negative number where all draws are equal.
        spread = np.maximum(self._squares - self._sum**2 / number, 0.0)
        result: Floats = spread / (number - 1)
        return result
