"""How samples of one kind are chosen: all in turn, or a class first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from .class_draws import Indices, draw_by_class, iou_chances, rare_class_chances
from .passes import Passes

Iou = Sequence[float | None]


class Choice(Protocol):
    """Chooses samples of one kind."""

    def take(self, start: int, stop: int, epoch: int, iou: Iou | None) -> tuple[Indices, Indices]:
        """Choose the samples of the draws ``start`` to ``stop`` of this kind.

        Parameters
        ----------
        epoch : that all these draws are in.
        iou : of the channels in the last validation, if there was one.

        Returns
        -------
        Indices among all samples, and the class for which each was drawn, 0 for none.
        """


@dataclass(frozen=True)
class InTurn:
    """All samples in turn; ``classes``: the class that decides a sample's weight, by its index
    among all samples, None for none."""

    passes: Passes
    classes: Indices | None = None

    def take(
        self,
        start: int,
        stop: int,
        epoch: int,  # noqa: ARG002
        iou: Iou | None,  # noqa: ARG002
    ) -> tuple[Indices, Indices]:
        samples = self.passes.take(start, stop)
        return samples, np.zeros_like(samples) if self.classes is None else self.classes[samples]


@dataclass(frozen=True)
class ByClass:
    """A class first: a rare one more often, or with ``by_iou`` one that validation missed.

    ``samples`` (N,): indices among all samples; ``pixels`` (N, C): of each channel on them;
    ``in_turn``: what is drawn by IoU before the first validation, and where no photo has a class.
    """

    samples: Indices
    pixels: Indices
    seed: Sequence[int]
    in_turn: InTurn
    by_iou: bool = False

    def take(self, start: int, stop: int, epoch: int, iou: Iou | None) -> tuple[Indices, Indices]:
        total = self.pixels.sum(axis=0)
        if not total[1:].any() or (self.by_iou and iou is None):
            return self.in_turn.take(start, stop, epoch, iou)
        chances = rare_class_chances(total)
        if self.by_iou and iou is not None:
            chances = iou_chances(iou, total)
        rng = np.random.default_rng([*self.seed, epoch])
        photos, classes = draw_by_class(chances, self.pixels > 0, stop - start, rng)
        return self.samples[photos], classes
