"""Plans towards goals: made here, repeated by the workers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .candidates import Material
from .goal_report import note_met, show_goals
from .goals import check_planned, way_to_more
from .job import Job
from .maker import Maker
from .plan import PhotoPlan
from .planner import Planner
from .scene import Scene
from .shards import Context


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
    check_planned(goals, plan.tally, plan.best, reporter, photos=photos, lift=lift)
    show_goals(reporter, f"{photos} photos planned", goals.targets, goals.before, plan.tally)
    return replace(context, num=photos, plan_photo=Replay(maker, plan.photos))
