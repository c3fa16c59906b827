"""Plans towards goals: made here, repeated by the workers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from trashdata.console import Reporter

from ..goals.goals import Goals, check_planned, way_to_more
from ..goals.report import note_met, show_goals
from ..inputs import Job
from ..rendering.shards import Context
from .candidates import Material
from .maker import Maker
from .plan import PhotoPlan
from .planner import GoalPlan, Planner
from .scene import Scene


@dataclass(frozen=True)
class Replay:
    """Gives photos as they were planned; stands in for `plan.plan_photo`."""

    maker: Maker
    photos: Sequence[PhotoPlan]

    def __call__(self, index: int, material: Material) -> tuple[PhotoPlan, Scene]:  # noqa: ARG002
        plan = self.photos[index]
        return plan, self.maker.again(plan)


def planned_context(job: Job, context: Context) -> Context:
    """The context with all photos planned if there are goals; as it is without.

    Raises
    ------
    UserError : a target can't be met.
    """
    goals, reporter = job.goals, job.reporter
    if goals is None:
        return context
    note_met(reporter, goals.targets, goals.before)
    maker = job.maker(context.material)
    planner = Planner(maker, goals, context.num)
    with reporter.progress("Missing objects", planner.objects_lacking()) as tick:
        plan = planner.run(tick)
    photos = len(plan.photos)
    lift = way_to_more(goals, plan.faults, limited=photos == job.options.num)
    best = within_reach(maker, goals, plan, context.num)
    check_planned(goals, plan.tally, best, reporter, photos=photos, lift=lift)
    show_goals(reporter, f"{photos} photos planned", goals.targets, goals.before, plan.tally)
    return replace(context, num=photos, plan_photo=Replay(maker, plan.photos))


def within_reach(maker: Maker, goals: Goals, plan: GoalPlan, limit: int) -> Mapping[int, float]:
    """The most that each target's class held, by class index; of the first number of objects that
    is missed, the most that would be met if it were asked for.

    Whoever asks for less is planned for otherwise, and may end with an object less than whoever
    asked for far too much.
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
