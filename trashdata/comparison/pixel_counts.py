"""Pixel counts per photo and class that are enough for the IoU, and the IoU from their sums."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

# (..., C, 3): pixels in the intersection, pixels predicted, pixels true.
Counts: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
Booleans: TypeAlias = NDArray[np.bool_]

INTERSECTION, PREDICTED, TRUE = 0, 1, 2


def counts(matrices: NDArray[np.int64]) -> Counts:
    """Keep of confusion matrices what the IoU needs: 3 C numbers instead of C².

    Parameters
    ----------
    matrices : (..., C, C) int64 pixels, rows true, columns predicted; usually one for each photo.

    Returns
    -------
    (..., C, 3) int64: pixels in the intersection, predicted, true.

    Examples
    --------
    >>> counts(np.array([[5, 1], [2, 4]])).tolist()
    [[5, 7, 6], [4, 5, 6]]
    """
    if matrices.ndim < 2 or matrices.shape[-1] != matrices.shape[-2]:
        raise ValueError(f"confusion matrices are square, not {matrices.shape}")
    hits = np.diagonal(matrices, axis1=-2, axis2=-1)
    parts = (hits, matrices.sum(axis=-2), matrices.sum(axis=-1))
    return np.stack(parts, axis=-1).astype(np.int64)


def stack_folds(folds: Sequence[Counts]) -> tuple[Counts, NDArray[np.int64]]:
    """Put the validation photos of several folds in a row.

    Parameters
    ----------
    folds : for each fold the counts (..., P of the fold, C, 3) of one run, or of S seeds.

    Returns
    -------
    counts (..., P, C, 3) : of all photos.
    folds (P,) int64 : the fold of each photo, from 0.
    """
    sizes = [fold.shape[-3] for fold in folds]
    return np.concatenate(folds, axis=-3), np.repeat(np.arange(len(folds)), sizes)


def iou(sums: NDArray[np.int64] | Floats) -> Floats:
    """IoU from counts that were summed over photos.

    Parameters
    ----------
    sums : (..., C, 3) pixels.

    Returns
    -------
    (..., C) float64 from 0 to 1; NaN for a class without true pixels. A false positive of such a
    class is no part of any mean, so that all arms have the same classes.

    Examples
    --------
    >>> iou(np.array([[4, 5, 6], [0, 3, 0]])).round(3).tolist()
    [0.571, nan]
    """
    hits, predicted, true = np.moveaxis(sums, -1, 0).astype(np.float64)
    union = predicted + true - hits
    scores: Floats = np.divide(hits, union, out=np.full(hits.shape, np.nan), where=true > 0)
    return scores


def classes_held(photos: Counts) -> Booleans:
    """Which classes have a true pixel on which photo, or in which group.

    Parameters
    ----------
    photos : (S, P, C, 3) counts; the true pixels of all seeds are the same.

    Returns
    -------
    (P, C) bool.
    """
    held: Booleans = photos[0, ..., TRUE] > 0
    return held


def with_mean(values: Floats) -> Floats:
    """Put the mean over the classes that are not NaN in front of their values.

    Parameters
    ----------
    values : (..., C) float64.

    Returns
    -------
    (..., 1 + C) float64; the mean is NaN where all classes are.

    Examples
    --------
    >>> with_mean(np.array([0.2, np.nan, 0.6])).tolist()
    [0.4, 0.2, nan, 0.6]
    """
    known = ~np.isnan(values)
    number = known.sum(axis=-1)
    total = np.where(known, values, 0.0).sum(axis=-1)
    mean = np.divide(total, number, out=np.full(number.shape, np.nan), where=number > 0)
    return np.concatenate([mean[..., None], values], axis=-1)
