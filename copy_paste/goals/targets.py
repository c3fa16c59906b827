"""Targets per class for the resulting set, and what is missing to reach them.

Everything in the resulting JSON counts: the input's objects, if they are kept, the objects on the
backgrounds, and the pasted ones. An object is an annotation that is not of the ignore category,
crowd regions included; its pixels are its ``area``, as `trashdata stats` counts them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from trashdata.classes import find_classes
from trashdata.coco.areas import object_areas
from trashdata.coco.document import Document
from trashdata.errors import UserError, printable

Unit = Literal["objects", "share of objects", "share of pixels"]

MAX_OBJECTS = 10**9
_AMOUNT = re.compile(r"(?P<number>\d+(?:\.\d+)?)(?P<unit>|%|px%)")
_UNITS: dict[str, Unit] = {"": "objects", "%": "share of objects", "px%": "share of pixels"}


@dataclass(frozen=True)
class ObjectCounts:
    """Objects and pixels of each class in a set, (C,) int64, by class index - 1."""

    objects: NDArray[np.int64]
    pixels: NDArray[np.int64]

    @classmethod
    def empty(cls, classes: int) -> ObjectCounts:
        """Zero counts."""
        return cls(np.zeros(classes, dtype=np.int64), np.zeros(classes, dtype=np.int64))

    @classmethod
    def of(cls, document: Document) -> ObjectCounts:
        """Counts of a COCO document."""
        classes = len(document.class_categories)
        counted = [a for a in document.annotations if a.category_id not in document.ignore_ids]
        index = np.array([document.class_index[a.category_id] - 1 for a in counted], dtype=np.intp)
        # Rounded one by one, so that the order of summing changes nothing.
        pixels = np.zeros(classes, dtype=np.int64)
        np.add.at(pixels, index, np.rint(object_areas(document, counted)).astype(np.int64))
        return cls(np.bincount(index, minlength=classes).astype(np.int64), pixels)

    def __add__(self, other: ObjectCounts) -> ObjectCounts:
        return ObjectCounts(self.objects + other.objects, self.pixels + other.pixels)


@dataclass(frozen=True)
class Target:
    """The least amount of a class in the resulting set.

    ``amount`` is a number of objects, or a share from 0 to 1 of all objects or of all pixels of
    classes; ``asked`` is what the user wrote, or what --balance amounts to. A ``soft`` target comes
    from --balance: it may be missed.
    """

    class_index: int
    name: str
    unit: Unit
    amount: float
    asked: str
    soft: bool = False

    @property
    def option(self) -> str:
        """The option that set the target, for messages."""
        return "--balance" if self.soft else f"--target {printable(f'{self.name}={self.asked}')!r}"

    def held(self, counts: ObjectCounts) -> float:
        """The amount of the class, in the target's unit."""
        index = self.class_index - 1
        if self.unit == "objects":
            return float(counts.objects[index])
        values = counts.objects if self.unit == "share of objects" else counts.pixels
        return float(values[index]) / max(1, int(values.sum()))

    def missing(self, counts: ObjectCounts) -> float:
        """Objects, or pixels for a share of pixels, to add until the target is met.

        A share moves with the total: x of n + x objects have to be added to a total of T, so
        that (n + x) / (T + x) is the share. A share of objects is met within half an object.
        """
        index = self.class_index - 1
        if self.unit == "objects":
            return max(0.0, self.amount - float(counts.objects[index]))
        values = counts.objects if self.unit == "share of objects" else counts.pixels
        short = self.amount * float(values.sum()) - float(values[index])
        if not values.any():
            short = self.amount  # the first object of all
        slack = 0.5 if self.unit == "share of objects" and values.any() else 0.0
        return short / (1 - self.amount) if short > slack else 0.0


def parse_targets(texts: Sequence[str], document: Document) -> tuple[Target, ...]:
    """Read ``CLASS=N``, ``CLASS=P%`` and ``CLASS=Ppx%``, by rising class index.

    The class's name ends at the last equals sign, so it may hold others.

    Raises
    ------
    UserError : another form, an unknown class, a class twice, shares of 100 % or more.
    """
    targets = [_parse_target(text, document) for text in texts]
    names = [target.name for target in targets]
    for target in targets:
        if names.count(target.name) > 1:
            raise UserError(
                f"--target {printable(target.name)!r}",
                expected="one target a class",
                found=" and ".join(t.asked for t in targets if t.name == target.name),
                advice="drop all but one",
            )
    for unit in ("share of objects", "share of pixels"):
        total = sum(target.amount for target in targets if target.unit == unit)
        if total >= 1:
            raise UserError(
                "--target",
                expected=f"shares of {unit.removeprefix('share of ')} below 100 % together",
                found=f"{100 * total:g} %",
                advice="leave some for the other classes",
            )
    return tuple(sorted(targets, key=lambda target: target.class_index))


def _parse_target(text: str, document: Document) -> Target:
    name, equals, amount = text.rpartition("=")
    match = _AMOUNT.fullmatch(amount.strip())
    unit = _UNITS[match["unit"]] if match else "objects"
    whole = match is not None and (unit != "objects" or "." not in match["number"])
    if not (equals and name and match and whole):
        raise UserError(
            f"--target {printable(text)!r}",
            expected="CLASS=300 objects, CLASS=2% of the objects or CLASS=2px% of the pixels",
            found=repr(printable(amount)) if equals else "no '='",
            advice="see 'trashdata copy-paste --help'",
        )
    (category,) = find_classes(document, [name], "--target")
    number = float(match["number"])
    if number > MAX_OBJECTS if unit == "objects" else number >= 100:
        raise UserError(
            f"--target {printable(text)!r}",
            expected=f"at most {MAX_OBJECTS:,} objects" if unit == "objects" else "below 100 %",
            found=printable(amount.strip()),
            advice="ask for less",
        )
    class_index = document.class_index[category.id]
    share = number if unit == "objects" else number / 100
    return Target(class_index, category.name, unit, share, amount.strip())


def balance_targets(
    alpha: float, names: Sequence[str], there: ObjectCounts, chosen: Collection[int]
) -> tuple[Target, ...]:
    """Targets that bring the class counts nearer to each other without removing anything.

    A class of n objects is to have n^(1 - alpha) * m^alpha, rounded, where the largest has m:
    its own number for alpha 0, the largest's for 1, and evenly in between on a log scale.

    Parameters
    ----------
    alpha : 0 keeps the distribution, 1 makes it uniform.
    names : of the classes, by class index - 1.
    there : counts of the input; classes without an object get no target.
    chosen : class indices that may get one.
    """
    most = int(there.objects.max(initial=0))
    targets = []
    for class_index, (name, count) in enumerate(
        zip(names, there.objects.tolist(), strict=True), start=1
    ):
        if count and class_index in chosen:
            goal = round(count ** (1 - alpha) * most**alpha)
            targets.append(Target(class_index, name, "objects", goal, f"{goal:,}", soft=True))
    return tuple(targets)


def join_targets(named: Sequence[Target], balanced: Sequence[Target]) -> tuple[Target, ...]:
    """All targets by rising class index; where a class has two, the named one counts."""
    by_class = {target.class_index: target for target in (*balanced, *named)}
    return tuple(by_class[index] for index in sorted(by_class))
