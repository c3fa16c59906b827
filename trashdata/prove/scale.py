"""The axis of differences: zero in the middle, compressed where a few are far larger than most."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from trashdata.comparison.verdicts import Row

from .findings import Finding, noise_of

# A longest bar of so many times the usual one leaves too little room for the usual one.
_FAR = 8
_LEAST = 0.002
_ROUND = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
# Of half an axis, between two ticks.
_APART = 0.24


@dataclass(frozen=True)
class Scale:
    """An axis from -1 to 1 for differences of IoU from -``end`` to ``end``.

    Differences much larger than ``bend`` are compressed, by the inverse of sinh, which is linear
    around zero; infinity for none.
    """

    end: float
    bend: float = math.inf

    @property
    def compressed(self) -> bool:
        """Whether equal distances are not equal differences."""
        return math.isfinite(self.bend)

    def position(self, value: float) -> float:
        """Where a difference is; those beyond an end are put there, NaN stays NaN.

        >>> Scale(0.2).position(-0.1), Scale(0.2).position(3.0)
        (-0.5, 1.0)
        """
        if math.isnan(value):
            return value
        share = value / self.end
        if self.compressed:
            share = math.asinh(value / self.bend) / math.asinh(self.end / self.bend)
        return max(-1.0, min(1.0, share))

    def ticks(self) -> list[tuple[float, str]]:
        """Position and text, in points of IoU, from left to right.

        >>> Scale(0.05).ticks()
        [(-0.8, '-4'), (-0.4, '-2'), (0.0, '0'), (0.4, '+2'), (0.8, '+4')]
        """
        marks = self._compressed_marks() if self.compressed else self._even_marks()
        points = [*(-mark for mark in reversed(marks)), 0.0, *marks]
        return [(round(self.position(p / 100), 4), f"{p:+g}" if p else "0") for p in points]

    def _even_marks(self) -> list[float]:
        step = next((step for step in _ROUND if 100 * self.end / step < 3), _ROUND[-1])
        return [step * k for k in (1, 2) if step * k <= 100 * self.end]

    def _compressed_marks(self) -> list[float]:
        """Round numbers that are far enough apart, the largest first chosen."""
        chosen: list[float] = []
        last = 1.0 + _APART
        for mark in reversed(_ROUND):
            position = self.position(mark / 100)
            if mark <= 100 * self.end and _APART <= position <= last - _APART:
                chosen.append(mark)
                last = position
        return chosen[::-1]


def scale_of(findings: Sequence[Finding]) -> Scale:
    """One axis for all findings, so that they can be compared."""
    reaches = [_reach(row, noise_of(finding, row)) for finding in findings for row in finding.rows]
    known = [reach for reach in reaches if reach > 0]
    end = min(max(known, default=0.0) * 1.04, 1.0)
    if end <= _LEAST:
        return Scale(_LEAST)
    usual = median(known)
    return Scale(end, usual / 2) if end > _FAR * usual else Scale(end)


def _reach(row: Row, noise: float) -> float:
    """How far from zero what is drawn of a row goes."""
    drawn = [row.mean, noise]
    if row.verdict != "too few photos":
        drawn += [row.low, row.high]
    return max((abs(value) for value in drawn if not math.isnan(value)), default=0.0)
