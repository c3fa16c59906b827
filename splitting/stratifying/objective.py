"""The objective: how far the folds' shares of each class are from even.

For each class and each of the three shares (photos with the class, objects, area) let d be the root
of the sum over folds of (share - target)^2, where the target is 1/k. The objective is the weighted
mean over classes of d - SMALL / 2, or d^2 / (2 SMALL) where d is under SMALL: the Huber function.
With the root, a class that can't be balanced (six photos in five folds) pulls no harder than one
that can, and with the square near 0 a class that is almost even is left alone. Photos without
objects are one more class, in all three shares.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .labels import Labels, Values

SMALL = 0.03
"""Deviations below this share count little."""

ShareWeights = tuple[float, float, float]


def fold_shares(
    labels: Labels, fold_of: NDArray[np.int64], folds: int
) -> tuple[NDArray[np.float64], ...]:
    """Each fold's share of each class's photos, objects and area: three (folds, C) arrays.

    A class without photos, objects or area has share 0 everywhere.
    """
    return tuple(_shares(fold_sums(values, fold_of, folds)) for values in labels.shares())


def fold_sums(values: Values, fold_of: NDArray[np.int64], folds: int) -> NDArray[np.float64]:
    """Sum of the rows (N, C) of each fold, (folds, C)."""
    sums = [values[fold_of == fold].sum(axis=0, dtype=np.float64) for fold in range(folds)]
    return np.stack(sums)


def _shares(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    totals = sums.sum(axis=0)
    shares: NDArray[np.float64] = sums / np.where(totals > 0, totals, 1)
    return shares


def huber(deviations: NDArray[np.float64]) -> NDArray[np.float64]:
    """The Huber function with its bend at `SMALL`.

    >>> huber(np.array([0.0, 0.01, 0.02, 1.0])).round(4).tolist()
    [0.0, 0.0017, 0.0067, 0.985]
    """
    small: NDArray[np.float64] = deviations**2 / (2 * SMALL)
    return np.where(deviations < SMALL, small, deviations - SMALL / 2)


def deviations(shares: NDArray[np.float64], targets: NDArray[np.float64]) -> NDArray[np.float64]:
    """Root of the sum over folds of (share - target)^2 of each class, (C,)."""
    off: NDArray[np.float64] = np.sqrt(((shares - targets[:, None]) ** 2).sum(axis=0))
    return off


def objective(
    labels: Labels,
    fold_of: NDArray[np.int64],
    targets: NDArray[np.float64],
    weights: ShareWeights,
) -> float:
    """The objective of these folds, 0 at best; ``targets`` (folds,) are shares that sum to 1."""
    total = 0.0
    for values, weight in zip(labels.balanced, weights, strict=True):
        sums = fold_sums(values, fold_of, len(targets))
        held = sums.sum(axis=0) > 0
        if weight > 0 and held.any():
            off = deviations(_shares(sums[:, held]), targets)
            total += weight * float(huber(off).mean())
    return total / sum(weights)


@dataclass(frozen=True)
class Figures:
    """Mean over classes of the largest |share - target| over folds, for each of the shares."""

    photos: float
    objects: float
    area: float
    empty: int
    """Pairs of class and fold without a photo."""


def figures(labels: Labels, fold_of: NDArray[np.int64], targets: NDArray[np.float64]) -> Figures:
    """How even the folds are, over the classes on at least as many photos as there are folds."""
    chosen = labels.presence.sum(axis=0) >= len(targets)
    if not chosen.any():
        return Figures(0.0, 0.0, 0.0, 0)
    shares = [values[:, chosen] for values in fold_shares(labels, fold_of, len(targets))]
    photos, objects, area = (
        float(np.abs(values - targets[:, None]).max(axis=0).mean()) for values in shares
    )
    return Figures(photos, objects, area, int((shares[0] == 0).sum()))
