"""How long a run takes: epochs of equally many optimizer steps."""

from __future__ import annotations

import math
from dataclasses import dataclass

ENOUGH_STEPS = 1200
"""A run with fewer steps is told what that costs."""
_COST = (
    "on 305 street photos with --preset laptop, the mean IoU was 43 % after 400 steps and 45 %"
    " after 1,200, that of a rare class (Pedestrian) 16 % and 25 %"
)


@dataclass(frozen=True)
class Schedule:
    """``epoch_steps`` : optimizer steps of each of the ``epochs``, after which it validates."""

    epochs: int
    epoch_steps: int

    @property
    def steps(self) -> int:
        """Optimizer steps of the run."""
        return self.epochs * self.epoch_steps

    @property
    def note(self) -> str | None:
        """What a short run costs; None for one that is long enough."""
        if self.steps >= ENOUGH_STEPS:
            return None
        return f"{self.steps:,} steps are few: {_COST} (one seed each)."


def schedule_for(
    epochs: int, steps: int | None, draws: int, batch_size: int, epoch_steps: int | None = None
) -> Schedule:
    """The epochs of a run.

    Parameters
    ----------
    epochs, steps : as the options say; ``steps`` counts where it is given. Epochs then have the
        number of steps that divides it and is nearest to a pass over the photos.
    draws : photos that a process sees in a pass over all.
    epoch_steps : of the epochs that a resumed run has trained, which ``steps`` is a multiple of;
        further ones are as long.

    Examples
    --------
    >>> schedule_for(40, None, 305, 8)
    Schedule(epochs=40, epoch_steps=38)
    >>> schedule_for(40, 400, 305, 8)
    Schedule(epochs=10, epoch_steps=40)
    """
    pass_steps = max(1, draws // batch_size)
    if steps is None:
        return Schedule(epochs, pass_steps)
    if epoch_steps is not None:
        return Schedule(steps // epoch_steps, epoch_steps)
    small = [number for number in range(1, math.isqrt(steps) + 1) if steps % number == 0]
    divisors = {*small, *(steps // number for number in small)}
    nearest = min(divisors, key=lambda number: (abs(math.log(number / pass_steps)), number))
    return Schedule(steps // nearest, nearest)
