"""The folds that the refinement starts from: iterative stratification."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .labels import Labels, start_labels


def stratified_start(labels: Labels, folds: int, seed: int) -> NDArray[np.int64]:
    """Fold of each row, (N,) 0 to ``folds`` - 1, by iterative stratification.

    Rows are photos, or groups: a group then counts as one photo that holds all that its photos
    hold. So the folds of groups can differ in photos; `refine` evens that out.

    References
    ----------
    Sechidis, Tsoumakas, Vlahavas 2011, "On the Stratification of Multi-Label Data", ECML PKDD.
    """
    from iterstrat.ml_stratifiers import MultilabelStratifiedKFold

    wanted = start_labels(labels)
    splitter = MultilabelStratifiedKFold(folds, shuffle=True, random_state=_state(seed))
    fold_of = np.empty(len(labels), dtype=np.int64)
    for fold, (_, validation) in enumerate(splitter.split(wanted, wanted)):
        fold_of[validation] = fold
    return fold_of


def stratified_part(labels: Labels, fraction: float, seed: int) -> NDArray[np.int64]:
    """Choose a stratified part of this fraction: 0 for its rows, 1 for the others, (N,)."""
    from iterstrat.ml_stratifiers import MultilabelStratifiedShuffleSplit

    wanted = start_labels(labels)
    splitter = MultilabelStratifiedShuffleSplit(1, test_size=fraction, random_state=_state(seed))
    ((_, part),) = splitter.split(wanted, wanted)
    side = np.ones(len(labels), dtype=np.int64)
    side[part] = 0
    return side


def _state(seed: int) -> int:
    # scikit-learn takes 32 bits only.
    return int(np.random.SeedSequence(seed).generate_state(1)[0])
