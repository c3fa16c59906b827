"""The goals of a run: its targets, the counts at the start, and the caps."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from trashdata.classes import find_classes
from trashdata.coco.document import Document
from trashdata.console import Reporter
from trashdata.errors import UserError

from ..donors.donors import Donor
from ..options import CopyPasteOptions
from ..shared_options import DEFAULT_MAX_REUSE
from .report import amount_of, amount_text, unreachable
from .targets import (
    ObjectCounts,
    Target,
    balance_targets,
    join_targets,
    parse_targets,
)


@dataclass(frozen=True)
class Advice:
    """Advice in errors: for a class without a donor; how to get more donors, or more pastes."""

    no_donor: str
    more_donors: str
    more_pastes: str


@dataclass(frozen=True)
class Goals:
    """Targets by rising class index, counts of the resulting JSON before any photo is made, the
    cap on the pastes of each donor, and how to lift the caps."""

    targets: tuple[Target, ...]
    before: ObjectCounts
    max_reuse: int
    advice: Advice

    def growing(self) -> list[int]:
        """Classes that may have to be pasted: all whose target can still be missed."""
        return [
            target.class_index
            for target in self.targets
            if target.unit != "objects" or target.missing(self.before)
        ]


def goals_of(
    document: Document, options: CopyPasteOptions, advice: Advice, reporter: Reporter
) -> Goals | None:
    """The goals of --target and --balance; None if neither is given.

    With --patch, only its classes may grow.
    """
    if not options.has_goals:
        return None
    there = ObjectCounts.of(document)
    named = parse_targets(options.target, document)
    patch = find_classes(document, options.patch, "--patch")
    may_grow = {document.class_index[category.id] for category in patch}
    for target in named:
        if patch and target.class_index not in may_grow:
            raise UserError(
                target.option,
                expected="a class of --patch, since --patch is given",
                found=", ".join(options.patch),
                advice="name it with --patch too, or drop --patch",
            )
    names = [category.name for category in document.class_categories]
    balanced: tuple[Target, ...] = ()
    if options.balance is not None:
        chosen = may_grow or set(range(1, len(names) + 1))
        balanced = balance_targets(options.balance, names, there, chosen)
    before = there if options.mode == "add" else ObjectCounts.empty(len(names))
    reuse = DEFAULT_MAX_REUSE if options.max_reuse is None else options.max_reuse
    targets = join_targets(named, balanced)
    _note_absent(reporter, names, there, {target.class_index for target in targets})
    return Goals(targets, before, reuse, advice)


def _note_absent(
    reporter: Reporter, names: Sequence[str], there: ObjectCounts, with_goal: Collection[int]
) -> None:
    absent = [
        name
        for index, name in enumerate(names, start=1)
        if not there.objects[index - 1] and index not in with_goal
    ]
    if absent:
        reporter.note(f"No goal for classes without objects: {', '.join(absent)}.")


def check_donors(
    goals: Goals, donors: Sequence[Donor], left_out: Mapping[str, int], reporter: Reporter
) -> None:
    """Refuse a class that lacks objects and has no donor; --balance only warns of it."""
    reasons = ", ".join(f"{count} {why}" for why, count in left_out.items()) or "nothing"
    donated = {item.class_index for donor in donors for item in donor.objects}
    for target in goals.targets:
        if target.class_index in donated or not target.missing(goals.before):
            continue
        if target.soft:
            reporter.warn(
                f"No donor of class {target.name} (omitted: {reasons}): no object of it is added."
            )
            continue
        raise UserError(
            target.option,
            expected="an object of this class to paste",
            found=f"none (omitted: {reasons})",
            advice=goals.advice.more_donors,
        )


def check_planned(
    goals: Goals,
    planned: ObjectCounts,
    best: Mapping[int, float],
    reporter: Reporter,
    *,
    photos: int,
    lift: str,
) -> None:
    """Refuse a plan that misses a target; note how far --balance got.

    ``best``: the largest amount of each target's class during planning, in the target's unit;
    ``lift``: the option that would get further.
    """
    short = [target for target in goals.targets if target.missing(planned)]
    for target in short:
        if not target.soft:
            highest = amount_of(target, best[target.class_index])
            raise unreachable(target, f"{highest}, the most that {_photos(photos)} gave", lift)
    if short:
        parts = (f"{t.name} {amount_text(t, planned)} of {t.asked}" for t in short)
        reporter.warn(f"--balance can't add more of {', '.join(parts)}; {lift}.")


def way_to_more(goals: Goals, faults: Mapping[str, int], *, limited: bool) -> str:
    """The option that would get further.

    ``faults``: why no placement was found any more, if that ended planning; ``limited``: whether
    --num ended it.
    """
    if limited:
        return "raise --num"
    if faults:
        common = sorted(faults, key=lambda fault: (-faults[fault], fault))[:2]
        reasons = ", ".join(f"{fault} ({faults[fault]} times)" for fault in common)
        return f"no further placement was found, most were {reasons}: relax that option"
    return f"{goals.advice.more_pastes}, or {goals.advice.more_donors}"


def _photos(number: int) -> str:
    return "1 photo" if number == 1 else f"{number:,} photos"
