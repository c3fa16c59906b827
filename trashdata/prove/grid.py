"""The grid of ``trashdata prove --search``: which copy-paste options are tried, as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from trashdata.prove.arms import Arm
from trashdata.prove.spokes import CopyPasteOptions

RARE, ALL = "rare", "all"

SIZES: dict[str, dict[str, Any]] = {
    "usual": {},
    "natural": {
        name: value
        for name, value in CopyPasteOptions.presets["natural"].items()
        if name != "max_objects"
    },
    "jitter": {
        "small_to_large": False,
        "large_to_small": False,
        "lsj_min": 0.5,
        "lsj_max": 1.5,
        "background_lsj_max": 1.25,
    },
}
"""How large donors and backgrounds are: as by default, as in ``--preset natural``, or between."""


@dataclass(frozen=True)
class Choice:
    """A line of the grid.

    ``size``: of `SIZES`; ``place``, ``blend``: of copy-paste; ``share``: of the photos shown that
    hold pastes; ``objects``: pasted on a photo, at most; ``classes``: pasted, those that the
    comparison is about, or all.
    """

    size: str
    place: str
    share: float
    classes: str
    blend: str
    objects: int

    @property
    def name(self) -> str:
        """All of it in a word."""
        return f"{self.size}-{self.place}-{self.share:g}-{self.classes}-{self.blend}-{self.objects}"


GRID = (
    Choice("usual", "anywhere", 0.5, RARE, "gaussian", 3),
    Choice("usual", "anywhere", 0.5, ALL, "gaussian", 6),
    Choice("usual", "anywhere", 0.25, RARE, "poisson", 3),
    Choice("usual", "anywhere", 0.25, ALL, "poisson", 6),
    Choice("usual", "row", 0.5, RARE, "poisson", 6),
    Choice("usual", "row", 0.5, ALL, "poisson", 3),
    Choice("usual", "row", 0.25, RARE, "gaussian", 6),
    Choice("usual", "row", 0.25, ALL, "gaussian", 3),
    Choice("natural", "anywhere", 0.5, RARE, "gaussian", 3),
    Choice("natural", "anywhere", 0.5, ALL, "gaussian", 6),
    Choice("natural", "anywhere", 0.25, RARE, "poisson", 3),
    Choice("natural", "anywhere", 0.25, ALL, "poisson", 6),
    Choice("natural", "row", 0.5, RARE, "poisson", 6),
    Choice("natural", "row", 0.5, ALL, "poisson", 3),
    Choice("natural", "row", 0.25, RARE, "gaussian", 6),
    Choice("natural", "row", 0.25, ALL, "gaussian", 3),
    Choice("jitter", "anywhere", 0.5, RARE, "gaussian", 3),
    Choice("jitter", "anywhere", 0.5, ALL, "gaussian", 6),
    Choice("jitter", "anywhere", 0.25, RARE, "poisson", 3),
    Choice("jitter", "anywhere", 0.25, ALL, "poisson", 6),
    Choice("jitter", "row", 0.5, RARE, "poisson", 6),
    Choice("jitter", "row", 0.5, ALL, "poisson", 3),
    Choice("jitter", "row", 0.25, RARE, "gaussian", 6),
    Choice("jitter", "row", 0.25, ALL, "gaussian", 3),
)
"""A quarter of all 96 combinations, today's defaults first: every two values of different columns
stand together equally often, so that no value depends on the company of another one."""


@dataclass(frozen=True)
class Candidate:
    """A line of the grid, and the arm that it makes for the classes of a set."""

    choice: Choice
    arm: Arm


def candidates(rare: Sequence[str], present: Sequence[str]) -> list[Candidate]:
    """The candidates for a set, in the order of the grid.

    Parameters
    ----------
    rare : the classes that the comparison is about.
    present : all classes with objects; where these are the same, or the first are none, only the
        lines of all classes are left.
    """
    pasted = {RARE: tuple(rare), ALL: tuple(present)}
    if not rare or set(rare) >= set(present):
        del pasted[RARE]
    return [
        Candidate(choice, _arm(choice, pasted[choice.classes]))
        for choice in GRID
        if choice.classes in pasted
    ]


def _arm(choice: Choice, patch: tuple[str, ...]) -> Arm:
    options = replace(
        CopyPasteOptions(**SIZES[choice.size]),
        place=choice.place,
        blend=choice.blend,
        max_objects=choice.objects,
        patch=patch,
    )
    return Arm(choice.name, choice.share, fresh=options)
