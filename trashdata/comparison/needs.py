"""What would tell, where there is no evidence: more seeds, or more validation photos."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .claim import Claim
from .differences import Difference
from .intervals import margin

CHANCE = 0.8
MOST_SEEDS = 100
MOST_PHOTOS = 50  # times as many as there are


@dataclass(frozen=True)
class Needs:
    """How many more seeds, or how many more photos, would tell; None if no such number would."""

    seeds: int | None
    photos: int | None


def needs(claim: Claim, index: int, level: float) -> Needs:
    """Estimate what it takes to show a difference as large as the one that was seen.

    Parameters
    ----------
    claim : the arm against its controls.
    index : into the K things that were compared.
    level : of the test that is made then, two-sided.

    Returns
    -------
    Needs : each number is for itself, the other left as it is. With it, a true difference as large
        as the one that was seen is found with probability 0.8. ``seeds`` is None where the photos'
        part of the variance alone is too large, ``photos`` is None where the seeds' part is; and
        where more than 100 seeds or 50 times as many photos would be needed.
    """
    mean = claim.mean[index]
    if mean > 0:  # each control has to be beaten
        chosen = list(claim.differences)
    else:  # one that beats the arm is enough
        chosen = [one for one in claim.differences if one.mean[index] == mean]
        level /= len(claim.differences)
    parts = [_Parts.of(one, index) for one in chosen]
    return Needs(
        _most([part.seeds_needed(level) for part in parts]),
        _most([part.photos_needed(level) for part in parts]),
    )


def photos_for_groups(photos: int, groups: int, wanted: int) -> int | None:
    """How many more photos bring a class from ``groups`` to ``wanted`` groups; None if on none."""
    return math.ceil(photos * (wanted - groups) / groups) if groups else None


@dataclass(frozen=True)
class _Parts:
    """One difference, as numbers."""

    mean: float
    seed_variance: float
    photo_variance: float
    photo_df: float
    seeds: int
    photos: int

    @classmethod
    def of(cls, difference: Difference, index: int) -> _Parts:
        return cls(
            float(difference.mean[index]),
            float(difference.seed_variance[index]),
            float(difference.photo_variance[index]),
            float(difference.photo_df[index]),
            difference.seeds,
            difference.photos,
        )

    def seeds_needed(self, level: float) -> int | None:
        return _least(lambda more: self._told(level, self.seeds + more, self.photos), MOST_SEEDS)

    def photos_needed(self, level: float) -> int | None:
        most = MOST_PHOTOS * self.photos
        return _least(lambda more: self._told(level, self.seeds, self.photos + more), most)

    def _told(self, level: float, seeds: int, photos: int) -> bool:
        """Whether the difference would be found with so many seeds and photos in all."""
        seed_variance = self.seed_variance * self.seeds / seeds
        photo_variance = self.photo_variance * self.photos / photos
        photo_df = self.photo_df * photos / self.photos
        errors = sum(
            margin(np.array(seed_variance), seeds - 1, np.array(photo_variance), photo_df, tail)
            for tail in (level / 2, 1 - CHANCE)
        )
        return bool(abs(self.mean) > errors)


def _least(told: Callable[[int], bool], most: int) -> int | None:
    """The smallest number from 1 to ``most`` for which ``told``, and for all above it; or None."""
    found = 1 + bisect_left(range(1, most + 1), True, key=told)
    return found if found <= most else None


def _most(numbers: list[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return max(known) if len(known) == len(numbers) else None
