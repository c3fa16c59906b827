"""Verdicts on the mean and on each class: helps, hurts, no evidence, too few photos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from .claim import Claim
from .differences import Difference
from .holm import holm
from .needs import Needs, needs, photos_for_groups
from .pixel_counts import Booleans, Floats

Verdict: TypeAlias = Literal["helps", "hurts", "no evidence", "too few photos"]
Family: TypeAlias = Literal["mean", "patch", "exploratory"]

ALPHA = 0.05
FEWEST_GROUPS = 10
MEAN = "mean"


@dataclass(frozen=True)
class Row:
    """One line of a comparison.

    ``mean``, ``low``, ``high``: difference of IoU, from -1 to 1, and its interval at ``level``,
    at which the verdict was made as well; NaN for a class without true pixels. Where there are too
    few photos, the interval is not to be trusted, and no verdict was made. ``needs``: what would
    tell, of "no evidence" and "too few photos".
    """

    name: str
    family: Family
    verdict: Verdict
    mean: float
    low: float
    high: float
    level: float
    p_value: float
    groups: int
    needs: Needs | None


def judge(
    differences: Sequence[Difference],
    classes: Sequence[str],
    *,
    patch: Sequence[str] = (),
    alpha: float = ALPHA,
    looks: int = 1,
    advise: bool = True,
) -> list[Row]:
    """Judge an arm against the better of its controls.

    Parameters
    ----------
    differences : the arm minus each control, one or more; see `Claim`.
    classes : the C names.
    patch : those that the arm was made for. They have to be declared before anything is seen.
    alpha : probability of one false "helps" or "hurts", or more, in each of three families.
    looks : how often this question has been asked of these photos, this time included. Each is
        made at ``alpha / looks``.
    advise : work out what would tell; most of the time that this takes.

    Returns
    -------
    list of Row : the mean, the patch classes, then all others, in the order of ``classes``.

    Raises
    ------
    ValueError : names don't fit.

    Notes
    -----
    Three families, each by itself at ``alpha``: the mean over all classes, which needs no
    correction; the patch classes, by Holm; all other classes, by Holm. The last is exploratory: a
    verdict there is a reason to look again, not a result. A class on fewer than ten groups of
    photos is in no family, which depends on the photos alone and not on what was found.

    Somebody who looks k times and stops at the first verdict that he likes errs with at most
    alpha (1 + 1/2 + ... + 1/k), and with less in fact, as the looks share photos and seeds:
    simulated on the mean, 5.4 % with looks at 5 and 8 seeds, 6.4 % with a third at 12.
    """
    _check(differences, classes, patch, looks)
    claim = Claim(differences)
    families = _families(classes, patch)
    groups = np.min([one.groups for one in differences], axis=0)
    p_values = claim.p_values()
    found, levels = _decide(p_values, families, groups >= FEWEST_GROUPS, alpha / looks)
    lows, highs = claim.interval(levels)
    rows = []
    for index, name in enumerate([MEAN, *classes]):
        mean = float(claim.mean[index])
        verdict = _verdict(bool(found[index]), int(groups[index]), mean)
        row = Row(
            name,
            families[index],
            verdict,
            mean,
            float(lows[index]),
            float(highs[index]),
            float(levels[index]),
            float(p_values[index]),
            int(groups[index]),
            _needs(verdict, claim, index, levels[index] * looks / (looks + 1)) if advise else None,
        )
        rows.append(row)
    return sorted(rows, key=lambda row: _ORDER.index(row.family))


_ORDER: tuple[Family, ...] = ("mean", "patch", "exploratory")


def _families(classes: Sequence[str], patch: Sequence[str]) -> list[Family]:
    return ["mean", *("patch" if name in patch else "exploratory" for name in classes)]


def _decide(
    p_values: Floats, families: Sequence[Family], enough: Booleans, alpha: float
) -> tuple[Booleans, Floats]:
    """Which are not by chance (K,), and the level (K,) of each."""
    found, levels = np.zeros(len(p_values), dtype=np.bool_), np.full(len(p_values), alpha)
    for family in _ORDER:
        members = np.flatnonzero((np.array(families) == family) & enough)
        found[members], levels[members] = holm(p_values[members], alpha)
    return found, levels


def _verdict(found: bool, groups: int, mean: float) -> Verdict:
    if groups < FEWEST_GROUPS:
        return "too few photos"
    if not found:
        return "no evidence"
    return "helps" if mean > 0 else "hurts"


def _needs(verdict: Verdict, claim: Claim, index: int, level: float) -> Needs | None:
    """Of a later look, which is made at a smaller level."""
    if verdict == "no evidence":
        return needs(claim, index, level)
    if verdict == "too few photos":
        one = claim.differences[0]
        return Needs(None, photos_for_groups(one.photos, int(one.groups[index]), FEWEST_GROUPS))
    return None


def _check(
    differences: Sequence[Difference], classes: Sequence[str], patch: Sequence[str], looks: int
) -> None:
    if looks < 1:
        raise ValueError(f"this look is at least the first, not number {looks}")
    if len(set(classes)) != len(classes) or not set(patch) <= set(classes):
        raise ValueError("names of classes are unique, and patch classes are among them")
    if any(one.by_seed.shape[1] != 1 + len(classes) for one in differences):
        raise ValueError(f"there are {len(classes)} names, but not as many classes")
    if any(not np.array_equal(one.groups, differences[0].groups) for one in differences):
        raise ValueError("the controls were not scored on the same groups of photos")
