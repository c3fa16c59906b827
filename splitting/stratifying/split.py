"""Folds from labels and groups: start, refinement, and the test part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trashdata.errors import UserError

from ..options import KfoldOptions
from .labels import Labels
from .refine import refine
from .start import stratified_part, stratified_start

# The random streams of the folds and of the test part.
_FOLDS, _HOLDOUT = 0, 1


@dataclass(frozen=True)
class Folded:
    """Fold of each photo, (N,), at the end and at the start of the refinement."""

    fold_of: NDArray[np.int64]
    start: NDArray[np.int64]


def split(labels: Labels, groups: NDArray[np.int64], options: KfoldOptions) -> Folded:
    """Split photos into folds; groups (N,), 0 to G - 1, stay whole."""
    items = labels.grouped(groups)
    start = stratified_start(items, options.folds, options.seed)
    targets = np.full(options.folds, 1 / options.folds)
    end = _refined(items, start, targets, options, _FOLDS)
    return Folded(end[groups], start[groups])


def holdout_part(
    labels: Labels, groups: NDArray[np.int64], options: KfoldOptions
) -> NDArray[np.int64]:
    """Choose the test part: 0 for its photos, 1 for the others, (N,)."""
    items = labels.grouped(groups)
    part = round(options.holdout * len(items))
    if not 1 <= part < len(items):
        raise UserError(
            f"--holdout {options.holdout:g}",
            expected="a fraction that leaves a photo in the test part and others outside",
            found=f"{part} of {len(items)}",
            advice="choose another fraction",
        )
    start = stratified_part(items, options.holdout, options.seed)
    targets = np.array([options.holdout, 1 - options.holdout])
    return _refined(items, start, targets, options, _HOLDOUT)[groups]


def _refined(
    items: Labels,
    start: NDArray[np.int64],
    targets: NDArray[np.float64],
    options: KfoldOptions,
    stream: int,
) -> NDArray[np.int64]:
    if not options.refine:
        return start
    rng = np.random.default_rng((options.seed, stream))
    return refine(items, start, targets, options.share_weights(), rng)
