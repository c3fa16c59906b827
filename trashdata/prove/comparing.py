"""A comparison from its plan to its outcome: check, choose the length, run, judge."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from trashdata.comparison import load
from trashdata.console import Reporter
from trashdata.outcome import Outcome
from trashdata.prove.analysis import counts_of, precision_of, results_of
from trashdata.prove.files import RESULTS
from trashdata.prove.judging import judged
from trashdata.prove.lanes import Lanes, work_folder
from trashdata.prove.leaks import refuse_leaks
from trashdata.prove.length import Length, chosen_steps
from trashdata.prove.options import STEPS
from trashdata.prove.report import outcome, write_winner
from trashdata.prove.search import Found
from trashdata.prove.search_report import as_plain
from trashdata.prove.timing import FEW_STEPS, in_words
from trashdata.prove.trial_process import Job
from trashdata.prove.trials import Plan, Trial


class Comparison:
    """A comparison from its plan to its outcome."""

    def __init__(
        self,
        plan: Plan,
        patch: Sequence[str],
        out: Path,
        lanes: Lanes,
        reporter: Reporter,
        found: Found | None = None,
    ) -> None:
        self.plan, self.patch, self.out, self.lanes = plan, patch, out, lanes
        self.reporter, self.found = reporter, found
        self.results = out / RESULTS

    def carry_out(self, *, dry_run: bool) -> Outcome:
        plan, reporter = self.plan, self.reporter
        self.check_arms(dry_run=dry_run)
        length = chosen_steps(plan, self.out, self.lanes, self.is_missing, dry_run=dry_run)
        trials = list({t.key: t for steps in length.steps for t in plan.trials(steps)}.values())
        missing = self._missing(trials)
        self._tell(length, len(trials), missing, dry_run=dry_run)
        if dry_run:
            counts = {"runs": len(trials), "missing": len(missing)}
            return outcome(plan, [], counts, [], reporter)
        counts = {"runs": len(trials), "trained": self.run(missing)}
        return self._judge(length.steps, counts)

    def is_missing(self, trial: Trial) -> bool:
        return load(self.results, trial.content) is None

    def _missing(self, trials: Iterable[Trial]) -> list[Trial]:
        return [trial for trial in trials if self.is_missing(trial)]

    # --- runs -----------------------------------------------------------------------------------

    def check_arms(self, *, dry_run: bool) -> None:
        """Let each arm that has no run on a fold yet check its files, options and leaks."""
        steps = (self.plan.options.steps or (STEPS,))[0]
        first = self.plan.options.seed
        trials = [
            self.plan.trial(arm, fold, first, steps)
            for arm in self.plan.arms
            for fold in self.plan.parts.folds
        ]
        unknown = trials if dry_run else self._missing(trials)
        if unknown:
            plan, workers = self.plan, self.lanes.number
            refuse_leaks(plan.folders, plan.options, plan.parts, plan.arms, workers, self.reporter)
        self.check(unknown)

    def check(self, trials: Sequence[Trial]) -> None:
        """Let trials check their files and options."""
        jobs = [self._job(trial, check=True) for trial in trials]
        with self.reporter.progress("Checking arms", len(jobs)) as tick:
            for _ in self.lanes.carry_out(jobs):
                tick()

    def _job(self, trial: Trial, *, check: bool = False) -> Job:
        work = work_folder(self.out, trial.key).resolve()
        return Job(trial, str(self.results.resolve()), str(work), check=check)

    def _tell(self, length: Length, runs: int, missing: Sequence[Trial], *, dry_run: bool) -> None:
        plan = self.plan
        steps = " and ".join(f"{number:,}" for number in length.steps)
        there = f", {runs - len(missing)} of them there" if len(missing) < runs else ""
        time = ""
        if length.pace is not None and missing:
            each = [trial.steps for trial in missing]
            total = sum(length.pace.of_run(number) for number in each) / self.lanes.number
            time = f"; about {in_words(total)}"
        would = "Would train " if dry_run else ""
        self.reporter.note(
            f"{would}{len(plan.arms)} arms, {plan.options.seeds} seeds,"
            f" {len(plan.parts.folds)} {'fold' if len(plan.parts.folds) == 1 else 'folds'}:"
            f" {runs} runs of {steps} steps{there}{time}."
        )
        if min(length.steps) < FEW_STEPS:
            self.reporter.warn(
                f"{min(length.steps)} steps are too few to tell anything: from"
                f" {FEW_STEPS} on there is something to see, from 400 on more."
            )

    def run(self, trials: Sequence[Trial]) -> int:
        """Train those that are missing; returns their number."""
        jobs = [self._job(trial) for trial in self._missing(trials)]
        with self.reporter.progress("Runs", len(jobs)) as tick:
            for job, answer in self.lanes.carry_out(jobs):
                tick()
                where = f", fold {job.trial.fold}" if len(self.plan.parts.folds) > 1 else ""
                self.reporter.note(
                    f"{job.trial.name}{where}, {job.trial.steps:,} steps:"
                    f" {in_words(answer.seconds)}"
                )
        return len(jobs)

    # --- judgement ------------------------------------------------------------------------------

    def _judge(self, steps: Sequence[int], counts: dict[str, int]) -> Outcome:
        results = {number: results_of(self.plan, number, self.results) for number in steps}
        counts_by = {number: counts_of(one) for number, one in results.items()}
        precision = {number: precision_of(one) for number, one in results.items()}
        only = () if self.found is None else (self.found.winner.name,)
        search = None if self.found is None else as_plain(self.found)
        findings, outputs = judged(
            self.plan, counts_by, precision, self.patch, self.out, self.reporter, only, search
        )
        outputs += write_winner(self.out, self.plan, findings, self.reporter)
        self.reporter.note(f"Picture    {outputs[1]}")
        return outcome(self.plan, findings, counts, outputs, self.reporter)
