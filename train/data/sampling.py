"""Samplers: the draws of a process, as PyTorch's loaders ask for them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from torch.utils.data import Sampler

from .choices import Iou
from .draws import Draw, Draws


@dataclass(frozen=True)
class Part:
    """The share of a process: every ``processes``-th draw from ``rank`` on."""

    rank: int = 0
    processes: int = 1


class EpochSampler(Sampler[Draw]):
    """The draws of one process for an epoch; Lightning sets the epoch.

    Parameters
    ----------
    draws : of the run, and of all processes.
    count : draws of one process in an epoch.
    iou : the IoU of the channels in the last validation, asked when an epoch begins.
    """

    def __init__(
        self, draws: Draws, count: int, part: Part, iou: Callable[[], Iou | None] = lambda: None
    ) -> None:
        self._draws = draws
        self._count = count
        self._part = part
        self._iou = iou
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Set the epoch; Lightning calls this before each one, also in a resumed run."""
        self._epoch = epoch

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Draw]:
        part = self._part
        draws = self._draws.epoch(self._epoch, self._count * part.processes, self._iou())
        return iter(draws[part.rank :: part.processes])


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
