"""Samplers: the photos of an epoch, and their order."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch.utils.data import Sampler


class Draw(NamedTuple):
    """A photo to show: its index among the samples, and the number of the draw in the run.

    The random numbers of a draw follow from ``number``, so that the number of workers and devices
    changes nothing. ``filler`` photos keep processes in step, and are not counted.
    """

    sample: int
    number: int
    filler: bool = False


@dataclass(frozen=True)
class Part:
    """The share of a process: every ``processes``-th draw from ``rank`` on."""

    rank: int = 0
    processes: int = 1


def draw_epoch(
    sources: NDArray[np.int64], weights: Sequence[float], seed: int, epoch: int
) -> NDArray[np.int64]:
    """Draw the samples of an epoch, shuffled.

    Parameters
    ----------
    sources : (N,) the file of each sample.
    weights : of the files; with weight 2 each photo of the file is drawn twice, with weight 0.5
        half of them are, independently of earlier epochs.

    Examples
    --------
    >>> np.sort(draw_epoch(np.array([0, 0, 1, 1]), (1.0, 0.5), 42, 0)).tolist()[:2]
    [0, 1]
    """
    rng = np.random.default_rng([seed, epoch])
    parts = []
    for number, weight in enumerate(weights):
        samples = np.flatnonzero(sources == number)
        whole = int(weight)
        parts += [samples] * whole
        parts.append(rng.permutation(samples)[: round((weight - whole) * len(samples))])
    order: NDArray[np.int64] = rng.permutation(np.concatenate(parts))
    return order


class EpochSampler(Sampler[Draw]):
    """The draws of one process for an epoch; Lightning sets the epoch.

    All processes get the same number: the last draws that don't fill a round are left out.
    """

    def __init__(
        self, sources: NDArray[np.int64], weights: Sequence[float], seed: int, part: Part
    ) -> None:
        self._sources = sources
        self._weights = weights
        self._seed = seed
        self._part = part
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Set the epoch; Lightning calls this before each one, also in a resumed run."""
        self._epoch = epoch

    def __len__(self) -> int:
        return len(self._order()) // self._part.processes

    def __iter__(self) -> Iterator[Draw]:
        order = self._order()
        first = self._epoch * len(order)
        positions = range(self._part.rank, len(self) * self._part.processes, self._part.processes)
        for position in positions:
            yield Draw(int(order[position]), first + position)

    def _order(self) -> NDArray[np.int64]:
        return draw_epoch(self._sources, self._weights, self._seed, self._epoch)


class EvaluationSampler(Sampler[Draw]):
    """Each photo once, in order. Processes that run out of photos get fillers, since all processes
    must make the same number of steps."""

    def __init__(self, count: int, part: Part) -> None:
        self._count = count
        self._part = part

    def __len__(self) -> int:
        return math.ceil(self._count / self._part.processes)

    def __iter__(self) -> Iterator[Draw]:
        for step in range(len(self)):
            number = step * self._part.processes + self._part.rank
            yield Draw(number % self._count, number, filler=number >= self._count)
