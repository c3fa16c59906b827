"""The run of ``trashdata prove``: what is missing is trained, then all is judged."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from trashdata.comparison import load
from trashdata.console import Reporter
from trashdata.errors import UserError
from trashdata.inference.architectures import (
    ModelSpec,
    build_model,
    check_pair,
    decoder_options,
)
from trashdata.inference.backend import import_smp
from trashdata.inference.encoder_weights import NONE, check_weights, weights_file
from trashdata.interrupts import set_interrupt_message
from trashdata.outcome import Outcome
from trashdata.paths import DEFAULT_DATA, DataFolders
from trashdata.prove.analysis import counts_of, precision_of
from trashdata.prove.compared import read_compared
from trashdata.prove.exporting import export
from trashdata.prove.files import RESULTS, check_folder, locked
from trashdata.prove.judging import judged
from trashdata.prove.lanes import Processes, Runner, carry_out, work_folder
from trashdata.prove.leaks import refuse_leaks
from trashdata.prove.length import Length, chosen_steps
from trashdata.prove.options import STEPS, ProveOptions
from trashdata.prove.report import outcome, write_winner
from trashdata.prove.scored import score
from trashdata.prove.timing import FEW_STEPS, in_words
from trashdata.prove.trial_process import Job
from trashdata.prove.trials import Plan, Trial

_RANDOM = (
    "From random weights, short training says little about the data, and sometimes the opposite of"
    " what pretrained weights say."
)


def prove(
    data: Path | str = DEFAULT_DATA,
    options: ProveOptions | None = None,
    *,
    images: Path | str | None = None,
    workers: int = 1,
    dry_run: bool = False,
    runner: Runner | None = None,
    reporter: Reporter | None = None,
) -> Outcome:
    """Train several arms with several seeds, and judge which of them helps.

    Every arm has the same steps, batches, schedule, initial weights and order of draws. Its data is
    made from the training part alone. Scored are the weights of the last step, on real photos at
    their own size; no score is looked at in training. Runs are kept by content under ``out``: what
    is there is not run again. With ``options.export`` and ``options.score`` another program trains,
    see `trashdata.prove.exporting` and `trashdata.prove.scored`.

    Parameters
    ----------
    data : folder with the COCO files.
    images : the root that every ``file_name`` is relative to; the data folder by default.
    workers : runs side by side; on GPUs as many as there are.
    dry_run : check everything, and say what would be run; nothing is written.
    runner : carries out a trial; by default in a process of its own.

    Returns
    -------
    ``figures``: the ``findings``, see `trashdata.prove.findings.as_plain`.

    Raises
    ------
    UserError : anything that the user can fix; finished runs are kept.

    References
    ----------
    Bouthillier et al. 2021, "Accounting for Variance in Machine Learning Benchmarks", MLSys, arXiv
    2103.03098. The statistics are those of `trashdata.comparison`.
    """
    options, reporter = options or ProveOptions(), reporter or Reporter()
    if options.score is not None:
        return score(options, dry_run=dry_run, reporter=reporter)
    folders = DataFolders.of(data, images)
    if options.export is not None:
        return export(folders, options, workers=workers, dry_run=dry_run, reporter=reporter)
    check_folder(options.out)
    with ExitStack() as stack:
        if dry_run:
            out = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        else:
            out = options.out
            stack.enter_context(locked(out))
        if not dry_run:
            set_interrupt_message("Start the same command again: what is missing is run.")
        plan, patch = plan_of(folders, options, out, workers, reporter)
        processes = Processes(plan.gpus)
        lanes = _Lanes(runner or processes, plan.gpus or workers, processes.stop)
        return _Comparison(plan, patch, out, lanes, reporter).carry_out(dry_run=dry_run)


def plan_of(
    folders: DataFolders, options: ProveOptions, out: Path, workers: int, reporter: Reporter
) -> tuple[Plan, list[str]]:
    """What is compared, and the classes that it is about."""
    import_smp()
    options, weights = _with_model(options, reporter)
    parts, arms, patch = read_compared(folders, options, out, workers, reporter)
    return Plan(folders, options, parts, arms, weights, _gpus()), patch


def _with_model(options: ProveOptions, reporter: Reporter) -> tuple[ProveOptions, str | None]:
    """The options with SMP's names of the model, and the SHA-256 of its weights' file."""
    arch, encoder = check_pair(options.arch, options.encoder, options.size)
    if options.encoder_weights == NONE:
        reporter.warn(_RANDOM)
    try:
        weights = check_weights(encoder, options.encoder_weights)
        if weights_file(encoder, options.encoder_weights) is None:
            further = decoder_options(arch, options.decoder_channels)
            build_model(ModelSpec(arch, encoder, options.encoder_weights, 2, further))
    except UserError as error:
        if not error.where.startswith("--encoder-weights"):
            raise
        raise UserError(
            error.where,
            expected=error.expected,
            found=error.found,
            advice=f"{error.advice}. {_RANDOM} --encoder-weights none goes on with them; 'pip"
            " install trashdata[weights]' brings those of --preset laptop",
        ) from None
    return replace(options, arch=arch, encoder=encoder), weights


def _gpus() -> int:
    import torch

    return torch.cuda.device_count() if torch.cuda.is_available() else 0


class _Lanes:
    """Where jobs are carried out, ``number`` at a time."""

    def __init__(self, run: Runner, number: int, stop: Any) -> None:
        self.run, self.number, self._stop = run, max(1, number), stop

    def carry_out(self, jobs: Sequence[Job]) -> Any:
        return carry_out(jobs, self.run, self.number, stop=self._stop)


class _Comparison:
    """A comparison from its plan to its outcome."""

    def __init__(
        self, plan: Plan, patch: Sequence[str], out: Path, lanes: _Lanes, reporter: Reporter
    ) -> None:
        self.plan, self.patch, self.out, self.lanes = plan, patch, out, lanes
        self.reporter = reporter
        self.results = out / RESULTS

    def carry_out(self, *, dry_run: bool) -> Outcome:
        plan, reporter = self.plan, self.reporter
        self._check_arms(dry_run=dry_run)
        length = chosen_steps(plan, self.out, self.lanes, self._is_missing, dry_run=dry_run)
        trials = list({t.key: t for steps in length.steps for t in plan.trials(steps)}.values())
        missing = [trial for trial in trials if self._is_missing(trial)]
        self._tell(length, len(trials), missing, dry_run=dry_run)
        if dry_run:
            counts = {"runs": len(trials), "missing": len(missing)}
            return outcome(plan, [], counts, [], reporter)
        self._run(missing)
        counts = {"runs": len(trials), "trained": len(missing)}
        return self._judge(length.steps, counts)

    def _is_missing(self, trial: Trial) -> bool:
        return load(self.results, trial.content) is None

    # --- runs -----------------------------------------------------------------------------------

    def _check_arms(self, *, dry_run: bool) -> None:
        """Let each arm that has no run on a fold yet check its files, options and leaks."""
        steps = (self.plan.options.steps or (STEPS,))[0]
        first = self.plan.options.seed
        trials = [
            self.plan.trial(arm, fold, first, steps)
            for arm in self.plan.arms
            for fold in self.plan.parts.folds
        ]
        unknown = [trial for trial in trials if dry_run or self._is_missing(trial)]
        jobs = [self._job(trial, check=True) for trial in unknown]
        if jobs:
            plan = self.plan
            refuse_leaks(
                plan.folders,
                plan.options,
                plan.parts,
                plan.arms,
                self.lanes.number,
                self.reporter,
            )
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

    def _run(self, missing: Sequence[Trial]) -> None:
        jobs = [self._job(trial) for trial in missing]
        with self.reporter.progress("Runs", len(jobs)) as tick:
            for job, answer in self.lanes.carry_out(jobs):
                tick()
                where = f", fold {job.trial.fold}" if len(self.plan.parts.folds) > 1 else ""
                self.reporter.note(
                    f"{job.trial.name}{where}, {job.trial.steps:,} steps:"
                    f" {in_words(answer.seconds)}"
                )

    # --- judgement ------------------------------------------------------------------------------

    def _judge(self, steps: Sequence[int], counts: dict[str, int]) -> Outcome:
        found = {number: counts_of(self.plan, number, self.results) for number in steps}
        regions = {number: precision_of(self.plan, number, self.results) for number in steps}
        findings, outputs = judged(self.plan, found, regions, self.patch, self.out, self.reporter)
        outputs += write_winner(self.out, self.plan, findings, self.reporter)
        self.reporter.note(f"Picture    {outputs[1]}")
        return outcome(self.plan, findings, counts, outputs, self.reporter)
