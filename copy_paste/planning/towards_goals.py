"""Planning of all photos towards goals, with checks and notes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from trashdata.console import Reporter

from ..goals.goals import Goals, check_planned, way_to_more
from ..goals.report import note_met, show_goals
from .photo_builder import PhotoBuilder
from .planner import GoalPlan, Planner


def plan_towards_goals(
    builder: PhotoBuilder, goals: Goals, limit: int, num: int | None, reporter: Reporter
) -> GoalPlan:
    """Plan as many photos as the goals need.

    Parameters
    ----------
    num : the number of photos that the user allows, if any.
    num : the number of photos that the user allows, if any.

    Raises
    ------
    UserError : a target can't be met.
    """
    note_met(reporter, goals.targets, goals.before)
    planner = Planner(builder, goals, limit)
    with reporter.progress("Missing objects", planner.objects_lacking()) as tick:
        plan = planner.run(tick)
    photos = len(plan.photos)
    lift = way_to_more(goals, plan.faults, limited=photos == num)
    best = within_reach(builder, goals, plan, limit)
    check_planned(goals, plan.counts, best, reporter, photos=photos, lift=lift)
    show_goals(reporter, f"{photos} photos planned", goals.targets, goals.before, plan.counts)
    return plan


def within_reach(
    builder: PhotoBuilder, goals: Goals, plan: GoalPlan, limit: int
) -> Mapping[int, float]:
    """The largest amount of each target's class, by class index; for the first target of a number
    of objects that is missed, the largest target that can be met.

    A smaller target gets a different plan, which may end with one object less than the plan for a
    target that is far too large.
    """
    missed = [t for t in goals.targets if not t.soft and t.missing(plan.counts)]
    if not missed or missed[0].unit != "objects":
        return plan.best
    best, target = dict(plan.best), missed[0]
    while True:
        asked = best[target.class_index]
        less = replace(target, amount=asked)
        targets = tuple(less if other is target else other for other in goals.targets)
        with Reporter().progress("Silent", 0) as tick:
            again = Planner(builder, replace(goals, targets=targets), limit).run(tick)
        best[target.class_index] = min(asked, again.best[target.class_index])
        if not less.missing(again.counts):
            return best
