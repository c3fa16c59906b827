"""A run as a value, and the function that carries it out.

A `Run` has an identity, a plan, outputs and inputs, a way to write (in one or more stages of
shards), and an outcome. Only `carry_out` knows the protocol: check, lock, already finished, resume,
refuse, start, write, finish. A dry run does the same up to the first write.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

import msgspec

from trashdata.console import Reporter
from trashdata.outcome import Outcome
from trashdata.runs.cluster import check_scheduler
from trashdata.runs.estimate import Estimate, note_estimate
from trashdata.runs.files import write_atomically
from trashdata.runs.folder import State
from trashdata.runs.photos import check_unchanged
from trashdata.runs.records import FileEntry, Manifest
from trashdata.runs.stage import Target, Work
from trashdata.runs.workers import Workers

Plan = TypeVar("Plan")

_PLAN = "plan.json"


@dataclass(frozen=True)
class Written:
    """What a run wrote.

    ``files``: all of them, or a function that returns an iterator over them in order; ``photos``:
    the SHA-256 of each photo that was read; ``summary``: what `Run.outcome` needs to report a run
    that finished earlier. The manifest stores all three.
    """

    files: Iterable[FileEntry] | Callable[[], Iterable[FileEntry]] = ()
    photos: Mapping[str, str] = field(default_factory=dict)
    summary: Mapping[str, Any] = field(default_factory=dict)


class Run(ABC, Generic[Plan]):
    """One call of a command that writes; subclasses are frozen dataclasses of checked inputs."""

    plan_type: ClassVar[Any] = None
    """The type of a plan that is kept in the journal, since it takes long; None: plan again."""

    @abstractmethod
    def destination(self, *, overwrite: bool) -> Target:
        """The destination, with the run's identity."""

    @abstractmethod
    def plan(self, work: Work) -> Plan:
        """The plan: a pure function of the inputs, sufficient for a dry run."""

    def outputs(self) -> Iterable[tuple[str, str]]:
        """Every file to write, as root and path; existing ones are refused."""
        return ()

    def inputs(self) -> Iterable[Path]:
        """Every file that is read, and must not be deleted."""
        return ()

    def photo_path(self, name: str) -> Path:
        """Path of a photo that the manifest names."""
        raise NotImplementedError(name)

    def check_plan(self, plan: Plan) -> None:
        """Refuse a plan that can't be carried out, such as one with a broken photo."""

    def estimate(self, plan: Plan, work: Work) -> Estimate | None:  # noqa: ARG002
        """Estimate of disk space and time, None if they are small."""
        return None

    @abstractmethod
    def write(self, plan: Plan, work: Work) -> Written:
        """Write everything except the manifest."""

    def finished_plan(self, manifest: Manifest, work: Work) -> Plan:  # noqa: ARG002
        """The plan of a run that finished earlier."""
        return self.plan(work)

    @abstractmethod
    def outcome(self, plan: Plan, summary: Mapping[str, Any] | None) -> Outcome:
        """Report what was done; ``summary``: of `Written`, None in a dry run."""


def carry_out(
    run: Run[Plan],
    *,
    workers: int = 1,
    scheduler: str | None = None,
    dry_run: bool = False,
    overwrite: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Carry out a run, resume it, or report that it is finished.

    Parameters
    ----------
    run : what to do.
    workers : processes on this machine.
    scheduler : address of a Dask scheduler, whose workers are to do it instead.
    dry_run : make every check and the plan, and write nothing.
    overwrite : replace what an earlier run wrote, and only that.

    Raises
    ------
    UserError : anything that the user can fix; nothing is written, or the state can be resumed.
    """
    reporter = reporter or Reporter()
    target = run.destination(overwrite=overwrite)
    state = target.check()
    with Workers(workers, scheduler) as pool:
        if dry_run:
            return _dry_run(run, target, state, Work(target, pool, reporter, journal=None))
        with target:
            work = Work(target, pool, reporter, target.journal)
            return _write(run, target, target.state, work)


def _dry_run(run: Run[Plan], target: Target, state: State, work: Work) -> Outcome:
    """Do everything up to the first write."""
    if state == "finished":
        return _already_finished(run, target, work)
    if state == "new":
        _refuse_conflicts(run, target, work)
    plan = run.plan(work)
    run.check_plan(plan)
    outcome = run.outcome(plan, None)
    note_estimate(run.estimate(plan, work), work.reporter)
    return outcome


def _write(run: Run[Plan], target: Target, state: State, work: Work) -> Outcome:
    """Carry out a run whose destination is locked."""
    if state == "finished":
        return _already_finished(run, target, work)
    if state == "interrupted":
        work.reporter.note(f"Resuming the run in {target.path}.")
        plan = _kept_plan(run, work)
    else:
        _refuse_conflicts(run, target, work)
        target.discard_interrupted()
        plan = run.plan(work)
        run.check_plan(plan)
        _keep_plan(run, plan, work)
        target.start()
    written = run.write(plan, work)
    target.finish(written.files, written.photos, written.summary)
    return run.outcome(plan, written.summary)


def _refuse_conflicts(run: Run[Plan], target: Target, work: Work) -> None:
    target.refuse_existing(run.outputs())
    target.refuse_deleting(run.inputs())
    check_scheduler(work.workers.scheduler)


def _already_finished(run: Run[Plan], target: Target, work: Work) -> Outcome:
    manifest = target.manifest()
    assert manifest is not None
    check_unchanged(manifest.photos, run.photo_path)
    work.reporter.note(f"Already finished: {target.path} is complete.")
    return run.outcome(run.finished_plan(manifest, work), manifest.summary)


def _keep_plan(run: Run[Plan], plan: Plan, work: Work) -> None:
    if run.plan_type is not None:
        write_atomically(work.kept / _PLAN, msgspec.json.encode(plan))


def _kept_plan(run: Run[Plan], work: Work) -> Plan:
    if run.plan_type is None:
        return run.plan(work)
    plan: Plan = msgspec.json.decode((work.kept / _PLAN).read_bytes(), type=run.plan_type)
    return plan
