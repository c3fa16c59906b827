"""Paired differences of two arms over seeds, and the two parts of their variance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .bootstrap import DRAWS, merged_strata, photo_variance
from .groups import groups_with_class, sum_groups
from .pixel_counts import TRUE, Counts, Floats, iou, with_mean
from .unequal_groups import degrees_of_freedom, widen


@dataclass(frozen=True)
class Difference:
    """An arm minus a control, for K = 1 + C things: the mean over the classes, then each class.

    ``by_seed`` (S, K): differences of IoU; ``seed_variance``, ``photo_variance`` (K,): of the mean
    over seeds; ``groups`` (K,) int64: on how many groups of photos there are true pixels;
    ``photo_df`` (K,): degrees of freedom of ``photo_variance``; ``photos``: how many were scored.
    NaN for a class without true pixels.
    """

    by_seed: Floats
    seed_variance: Floats
    photo_variance: Floats
    groups: NDArray[np.int64]
    photo_df: Floats
    photos: int

    @property
    def seeds(self) -> int:
        """How many pairs of runs there are."""
        return len(self.by_seed)

    @property
    def mean(self) -> Floats:
        """(K,) mean over the seeds."""
        result: Floats = self.by_seed.mean(axis=0)
        return result


def difference(
    arm: Counts,
    control: Counts,
    groups: NDArray[np.int64],
    folds: NDArray[np.int64] | None = None,
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> Difference:
    """Compare the runs of an arm with those of a control, paired by seed.

    Parameters
    ----------
    arm, control : (S, P, C, 3) int64 pixels of S seeds, at least two, on the same P photos. With
        several folds, each photo was scored by the run of its fold; see `stack_folds`.
    groups : (P,) int64, the group of each photo, from 0 without gaps.
    folds : (P,) int64, the fold of each photo; by default all are in one.
    draws : of the bootstrap.
    seed : of the bootstrap.

    Raises
    ------
    ValueError : the shapes or the true pixels of the arms differ, there is one seed only, a group
        is in two folds.

    Notes
    -----
    ``seed_variance`` is var(D_s) / S, where D_s is the difference of IoUs from pixels that were
    summed over all photos. It holds what training changes by chance: initial weights, order of
    draws, and what that does to single photos. ``photo_variance`` is a bootstrap over groups with
    the seeds fixed, made larger where few groups hold most of a class (`widen`). What single photos
    of single runs add is in both, so that their sum errs on the side of caution.

    The arms are compared on this set alone. Folds share training photos, so no variance over
    folds is claimed: there is no unbiased estimate of it (Bengio and Grandvalet 2004).

    References
    ----------
    Bouthillier et al. 2021, "Accounting for Variance in Machine Learning Benchmarks", MLSys, arXiv
    2103.03098: seeds and the sampled data are both sources of variance. Bengio and Grandvalet
    2004, "No Unbiased Estimator of the Variance of K-Fold Cross-Validation", JMLR 5.
    """
    folds = np.zeros_like(groups) if folds is None else folds
    _check(arm, control, groups, folds)
    arm_groups, control_groups = sum_groups(arm, groups), sum_groups(control, groups)
    strata = merged_strata(_folds_of_groups(groups, folds))
    by_seed = _by_seed(arm) - _by_seed(control)
    drawn = photo_variance(arm_groups, control_groups, strata, draws=draws, seed=seed)
    return Difference(
        by_seed,
        by_seed.var(axis=0, ddof=1) / len(by_seed),
        widen(drawn, arm_groups, strata),
        groups_with_class(arm_groups),
        degrees_of_freedom(arm_groups, strata),
        arm.shape[1],
    )


def _by_seed(photos: Counts) -> Floats:
    """(S, 1 + C) the mean IoU and that of each class."""
    return with_mean(iou(photos.sum(axis=1)))


def _folds_of_groups(groups: NDArray[np.int64], folds: NDArray[np.int64]) -> NDArray[np.int64]:
    _, first = np.unique(groups, return_index=True)
    return folds[first]


def _check(
    arm: Counts, control: Counts, groups: NDArray[np.int64], folds: NDArray[np.int64]
) -> None:
    if arm.shape != control.shape or arm.ndim != 4 or arm.shape[3] != 3:
        raise ValueError(f"counts of {arm.shape} and {control.shape} are no (S, P, C, 3) alike")
    if len(arm) < 2:
        raise ValueError("one seed shows no variance between seeds; at least two are needed")
    if groups.shape != arm.shape[1:2] or folds.shape != groups.shape:
        raise ValueError(f"{arm.shape[1]} photos, but {groups.shape} groups, {folds.shape} folds")
    if not arm[..., TRUE].any():
        raise ValueError("no photo has a true pixel of any class")
    true = arm[:1, ..., TRUE]
    if not ((arm[..., TRUE] == true).all() and (control[..., TRUE] == true).all()):
        raise ValueError("the runs were not scored on the same true pixels")
    if len(np.unique(groups)) != groups.max() + 1:
        raise ValueError("groups are numbered from 0 without gaps")
    if not np.array_equal(_folds_of_groups(groups, folds)[groups], folds):
        raise ValueError("a group of photos is in two folds")
