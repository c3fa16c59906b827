"""All draws of a run: which photo each of them shows, as a function of the draw's number.

There are three kinds of draws: real photos, synthetic photos of the files, and photos with fresh
pastes. Their shares hold over the run, whatever its epochs; within an epoch they are shuffled.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .choices import Choice, Iou

_STREAM = 10


class Draw(NamedTuple):
    """A photo to show, and the number of the draw in the run.

    ``sample``: its index among the samples, or with ``pasted`` the number of a photo with fresh
    pastes. The random numbers of a draw follow from ``number``, so that the number of workers and
    devices changes nothing. ``filler`` photos keep processes in step, and are not counted.
    ``around``: the class that a window is to hold, 0 for any window.
    """

    sample: int
    number: int
    filler: bool = False
    pasted: bool = False
    around: int = 0


@dataclass(frozen=True)
class Draws:
    """The draws of a run.

    ``real``, ``synthetic``, ``finale``: choose the samples, None where there are none;
    ``paste_share``, ``synthetic_share``: of the draws before the finale, from 0 to 1; ``main``:
    how many draws there are before the finale, None if there is none.
    """

    seed: int
    real: Choice | None
    synthetic: Choice | None = None
    finale: Choice | None = None
    paste_share: float = 0.0
    synthetic_share: float = 0.0
    main: int | None = None

    def epoch(self, number: int, length: int, iou: Iou | None = None) -> list[Draw]:
        """The draws of an epoch.

        Parameters
        ----------
        number : of the epoch; each has ``length`` draws.
        iou : of the channels in the last validation, if there was one.
        """
        first, end = number * length, (number + 1) * length
        border = end if self.main is None else min(end, max(first, self.main))
        draws = self._mixed(number, first, border, iou)
        if self.main is not None:
            start, stop = border - self.main, end - self.main
            draws += _chosen(self.finale, start, stop, number, iou)
        return [draw._replace(number=first + index) for index, draw in enumerate(draws)]

    def _mixed(self, epoch: int, first: int, end: int, iou: Iou | None) -> list[Draw]:
        """The draws before the finale, without their numbers."""
        # Without real photos the other two fill all, whatever their sum is rounded to.
        both = 1.0 if self.real is None else self.paste_share + self.synthetic_share
        (pastes, made), (all_pastes, all_made) = (
            (_up_to(draw, self.paste_share), _up_to(draw, both)) for draw in (first, end)
        )
        draws = [
            *_chosen(self.real, first - made, end - all_made, epoch, iou),
            *_chosen(self.synthetic, made - pastes, all_made - all_pastes, epoch, iou),
            *(Draw(index, 0, pasted=True) for index in range(pastes, all_pastes)),
        ]
        if not (self.paste_share or self.synthetic_share):
            return draws
        order = np.random.default_rng([self.seed, _STREAM, epoch]).permutation(len(draws))
        return [draws[index] for index in order.tolist()]


def _up_to(draw: int, share: float) -> int:
    """How many of the draws before this one are of a kind with this share."""
    # Rounding errors of the product must not take one away.
    return math.floor(draw * share + 1e-9)


def _chosen(
    choice: Choice | None, start: int, stop: int, epoch: int, iou: Iou | None
) -> list[Draw]:
    if stop <= start:
        return []
    assert choice is not None, "shares of a kind without photos are refused before"
    samples, classes = choice.take(start, stop, epoch, iou)
    pairs = zip(samples.tolist(), classes.tolist(), strict=True)
    return [Draw(sample, 0, around=around) for sample, around in pairs]
