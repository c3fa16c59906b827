"""Refinement: swaps and moves between folds while they lower the objective.

Sizes come first: rows move from the fullest fold to the emptiest until no single move brings two
folds nearer to each other; without groups that is within one photo. After that no swap may make
sizes more uneven, nor take the last photo of a class from a fold. All pairs of rows of two folds
are compared at once, a block of them where folds are large.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from .features import Features
from .labels import Labels
from .objective import ShareWeights, objective
from .state import Folds

_SWEEPS = 4
"""Sweeps over all pairs of folds before the features are adapted again."""
# Keeps the work linear in the rows: 45 sweeps over 3,000 rows, one over 100,000.
_BUDGET = 600_000
_MOST_SWEEPS = 48
_MOST_BLOCKS = 80
# Perturbations in a row without an improvement.
_PATIENCE = 4


def refine(
    labels: Labels,
    start: NDArray[np.int64],
    targets: NDArray[np.float64],
    weights: ShareWeights,
    rng: np.random.Generator | int,
) -> NDArray[np.int64]:
    """Fold of each row, (N,), never worse than ``start``.

    Parameters
    ----------
    start : fold of each row, (N,) 0 to k - 1; not changed.
    targets : the share that each fold should have, (k,), summing to 1.
    weights : how much photos, objects and area count.

    Notes
    -----
    Better means, in this order: sizes nearer to the targets (sum of squares), fewer empty pairs of
    class and fold, a lower `objective`. The first can be reached at the expense of the second if
    there are no other rows to move.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # the products are small: waiting for another thread takes longer
        return _refined(labels, start, targets, weights, np.random.default_rng(rng))


def _refined(
    labels: Labels,
    start: NDArray[np.int64],
    targets: NDArray[np.float64],
    weights: ShareWeights,
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    features = Features(labels, targets, weights)
    state = Folds(labels, start, targets, features)
    state.balance(rng)
    best, lowest = state.fold_of.copy(), objective(labels, state.fold_of, targets, weights)
    left = min(_MOST_SWEEPS, max(1, _BUDGET // (len(labels) * (len(targets) - 1))))
    fruitless = 0
    while left > 0 and fruitless < _PATIENCE:
        state.reweigh()
        left -= _sweeps(state, rng, min(left, _SWEEPS))
        reached = objective(labels, state.fold_of, targets, weights)
        if reached < lowest:
            best, lowest, fruitless = state.fold_of.copy(), reached, 0
            continue
        # Single swaps don't improve any more: go on from the best folds, perturbed a little.
        fruitless += 1
        state.restore(best)
        state.disturb(rng)
    return best


def _sweeps(state: Folds, rng: np.random.Generator, most: int) -> int:
    """Sweep until nothing improves, at most so many times; returns the number of sweeps."""
    pairs = list(combinations(range(len(state.sizes)), 2))
    fruitless: dict[tuple[int, int], tuple[int, int]] = {}
    for sweep in range(1, most + 1):
        swaps = 0
        for index in rng.permutation(len(pairs)).tolist():
            a, b = pairs[index]
            before = int(state.changes[a]), int(state.changes[b])
            if fruitless.get((a, b)) == before:
                continue
            found = _sweep_pair(state, a, b, rng)
            if not found:
                fruitless[a, b] = before
            swaps += found
        if not swaps:
            return sweep
    return most


def _sweep_pair(state: Folds, a: int, b: int, rng: np.random.Generator) -> int:
    """Compare blocks of rows of two folds and swap; returns the number of swaps."""
    rows_a, rows_b = (rng.permutation(np.flatnonzero(state.fold_of == f)) for f in (a, b))
    larger = max(len(rows_a), len(rows_b))
    # In a large fold every sample has good partners, and the time grows with block x rows.
    number = -(-larger // (320 if larger <= 1000 else 128))
    blocks_a, blocks_b = np.array_split(rows_a, number), np.array_split(rows_b, number)
    # Unevenness at the start grows with the root of the rows, so a part of very many suffices.
    blocks = list(zip(blocks_a, blocks_b, strict=True))[: max(_MOST_BLOCKS, number // 2)]
    return sum(state.exchange(a, b, block_a, block_b) for block_a, block_b in blocks)
