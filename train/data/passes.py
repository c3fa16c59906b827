"""An endless sequence of samples: passes over all of them, each shuffled."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int64]
Weights = NDArray[np.float64]

_PHASES = 0
_ORDER = 1


class Passes:
    """Passes over samples, one after the other.

    A sample of weight w is in a pass w times: for 0.5 in every other one, for 2.5 two or three
    times. Of samples of one weight, about equally many are in each pass.

    Parameters
    ----------
    samples, weights : (N,), weights above 0.
    seed : of the random streams.

    Examples
    --------
    >>> passes = Passes(np.arange(4), np.array([1.0, 1.0, 0.5, 0.5]), [42])
    >>> np.bincount(passes.take(0, 6)).tolist()  # two passes
    [2, 2, 1, 1]
    """

    def __init__(self, samples: Samples, weights: Weights, seed: Sequence[int]) -> None:
        self.samples = samples
        self._weights = weights
        self._seed = list(seed)
        self._phases = _phases(weights, np.random.default_rng([*seed, _PHASES]))

    @property
    def length(self) -> float:
        """Mean number of draws in a pass."""
        return float(self._weights.sum())

    def take(self, start: int, stop: int) -> Samples:
        """Draws ``start`` to ``stop`` of the sequence, (stop - start,)."""
        number = self._pass_of(start)
        first = self._drawn_before(number)
        parts, have = [], first
        while have < stop:
            parts.append(self._pass(number))
            have += len(parts[-1])
            number += 1
        drawn = np.concatenate([np.empty(0, dtype=np.int64), *parts])
        return drawn[start - first : stop - first]

    def _pass_of(self, draw: int) -> int:
        """The number of the pass that a draw is in."""
        number = int(draw / self.length)
        while self._drawn_before(number) > draw:
            number -= 1
        while self._drawn_before(number + 1) <= draw:
            number += 1
        return number

    def _drawn_before(self, number: int) -> int:
        return int(self._shown_before(number).sum())

    def _shown_before(self, number: int) -> Samples:
        """How often each sample is in the passes before this one, (N,)."""
        return np.floor(number * self._weights + self._phases).astype(np.int64)

    def _pass(self, number: int) -> Samples:
        times = self._shown_before(number + 1) - self._shown_before(number)
        rng = np.random.default_rng([*self._seed, _ORDER, number])
        order: Samples = rng.permutation(np.repeat(self.samples, times))
        return order


def _phases(weights: Weights, rng: np.random.Generator) -> NDArray[np.float64]:
    """Evenly spread over 0 to 1 among samples of one weight, in random order, (N,)."""
    phases = np.empty(len(weights))
    for weight in np.unique(weights):
        members = np.flatnonzero(weights == weight)
        phases[members] = (rng.permutation(len(members)) + rng.random()) / len(members)
    return phases
