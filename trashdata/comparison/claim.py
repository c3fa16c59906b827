"""An arm against the better of several controls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .differences import Difference
from .intervals import half_width, upper_tail
from .pixel_counts import Floats


@dataclass(frozen=True)
class Claim:
    """What is claimed of an arm: its IoU minus that of the better control.

    ``differences``: the arm minus each of N controls, for the same K things.

    Notes
    -----
    The difference to the better control is the smallest of the N true differences.

    - "helps" has to be shown against every control, each at the full level: the
      intersection-union test (Berger 1982). It needs no correction, since one control that is not
      beaten is enough to spoil it.
    - "hurts" is shown if one control beats the arm. There are N chances for that to happen by
      luck, so each is tested at level / N (Bonferroni).

    The better control is never chosen by its result, so nothing is gained by offering a weak one.
    The interval follows from the same tests: its low end is the smallest of the low ends, its high
    end the smallest of the high ends at level / N. With one control all this is the plain t-test.

    References
    ----------
    Berger 1982, "Multiparameter Hypothesis Testing and Acceptance Sampling", Technometrics 24(4).
    """

    differences: Sequence[Difference]

    def __post_init__(self) -> None:
        if not self.differences:
            raise ValueError("an arm is compared with one control at least")

    @property
    def mean(self) -> Floats:
        """(K,) the difference to the better control: the smallest of the mean differences.

        A little too small on average where two controls are alike, which is to the arm's
        disadvantage.
        """
        smallest: Floats = np.min([one.mean for one in self.differences], axis=0)
        return smallest

    def p_values(self) -> Floats:
        """(K,) two-sided p-values: at most ``level`` if the interval at that level misses zero."""
        tails = np.array([upper_tail(one) for one in self.differences])
        helps = tails.max(axis=0)
        hurts = len(tails) * (1 - tails).min(axis=0)
        both: Floats = np.minimum(1.0, 2 * np.minimum(helps, hurts))
        return both

    def interval(self, level: Floats | float) -> tuple[Floats, Floats]:
        """Low and high ends (K,) of the interval that errs with probability ``level`` at most."""
        number = len(self.differences)
        lows = [one.mean - half_width(one, level) for one in self.differences]
        highs = [one.mean + half_width(one, np.asarray(level) / number) for one in self.differences]
        return np.min(lows, axis=0), np.min(highs, axis=0)
