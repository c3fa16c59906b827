"""All photos planned towards goals, and what is said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from trashdata.console import Reporter

from ..goals.goals import Goals, check_planned, way_to_more
from ..goals.report import note_met, show_goals
from .maker import Maker
from .planner import GoalPlan, Planner


def plan_towards_goals(
    maker: Maker, goals: Goals, limit: int, num: int | None, reporter: Reporter
) -> GoalPlan:
    """Plan as many photos as the goals take.

    Parameters
    ----------
    limit : photos at most.
    num : the number of photos that the user allows, if any.

    Raises
    ------
    UserError : a target can't be met.
    """
    note_met(reporter, goals.targets, goals.before)
    planner = Planner(maker, goals, limit)
    with reporter.progress("Missing objects", planner.objects_lacking()) as tick:
        plan = planner.run(tick)
    photos = len(plan.photos)
    lift = way_to_more(goals, plan.faults, limited=photos == num)
    best = within_reach(maker, goals, plan, limit)
    check_planned(goals, plan.tally, best, reporter, photos=photos, lift=lift)
    show_goals(reporter, f"{photos} photos planned", goals.targets, goals.before, plan.tally)
    return plan


def within_reach(maker: Maker, goals: Goals, plan: GoalPlan, limit: int) -> Mapping[int, float]:
    """The most that each target's class held, by class index; of the first number of objects that
    is missed, the most that would be met if it were asked for.

    A smaller target gets a different plan, which may end with an object less than the plan of a
    target that is far too large.
    """
    missed = [t for t in goals.targets if not t.soft and t.missing(plan.tally)]
    if not missed or missed[0].unit != "objects":
        return plan.best
    best, target = dict(plan.best), missed[0]
    while True:
        asked = best[target.class_index]
        less = replace(target, amount=asked)
        targets = tuple(less if other is target else other for other in goals.targets)
        with Reporter().progress("Silent", 0) as tick:
            again = Planner(maker, replace(goals, targets=targets), limit).run(tick)
        best[target.class_index] = min(asked, again.best[target.class_index])
        if not less.missing(again.tally):
            return best
