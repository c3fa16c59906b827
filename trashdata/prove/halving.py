"""Successive halving: who is trained how long, and who stays.

References
----------
Jamieson and Talwalkar 2016, "Non-stochastic Best Arm Identification and Hyperparameter
Optimization", AISTATS, arXiv 1502.07943.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isnan

FIRST = 4
"""The first rung has so many times fewer steps than the last."""


@dataclass(frozen=True)
class Rung:
    """So many ``candidates``, each trained for ``steps`` once for each number in ``tries``.

    A try is a fold and a seed, the same for all candidates.
    """

    candidates: int
    steps: int
    tries: tuple[int, ...]


def rungs(candidates: int, steps: int, fewest: int = 1) -> list[Rung]:
    """The rungs until one candidate is left: each has half of them, and twice the work for each.

    First the steps double, up to ``steps``; then the tries do. Runs of earlier rungs of the same
    length count as well. A departure from the paper, where training goes on: a run of more steps
    has another schedule of learning rates, so it starts anew, in a new try.

    Parameters
    ----------
    steps : of the last rungs.
    fewest : no rung has fewer.

    Examples
    --------
    >>> [(rung.candidates, rung.steps, rung.tries) for rung in rungs(12, 400)]
    [(12, 100, (0,)), (6, 200, (1,)), (3, 400, (2,)), (2, 400, (2, 3))]
    """
    found: list[Rung] = []
    left, factor, tries = candidates, FIRST, 1
    while left > 1:
        first = FIRST.bit_length() - factor.bit_length()
        shorter = max(min(fewest, steps), steps // factor)
        found.append(Rung(left, shorter, tuple(range(first, first + tries))))
        left = half(left)
        factor, tries = (factor // 2, tries) if factor > 1 else (factor, 2 * tries)
    return found


def half(candidates: int) -> int:
    """How many stay; the one in the middle does."""
    return (candidates + 1) // 2


def new_runs(plan: Sequence[Rung]) -> list[int]:
    """How many runs each rung adds to those of the rungs before.

    Examples
    --------
    >>> new_runs(rungs(12, 400))
    [12, 6, 3, 2]
    """
    added = [rung.candidates * len(rung.tries) for rung in plan[:1]]
    for before, rung in pairwise(plan):
        known = set(before.tries) if before.steps == rung.steps else set()
        added.append(rung.candidates * len(set(rung.tries) - known))
    return added


def survivors(scores: Sequence[float], number: int) -> list[int]:
    """Indices of the highest scores, rising; of equal ones the first stay, NaN is the lowest.

    Examples
    --------
    >>> survivors([0.2, 0.5, 0.5, 0.1, 0.5], 2)
    [1, 2]
    """
    order = sorted(range(len(scores)), key=lambda k: (isnan(scores[k]), -scores[k], k))
    return sorted(order[:number])
