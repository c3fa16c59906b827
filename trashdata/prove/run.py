"""The run of ``trashdata prove``: what is missing is trained, then all is judged."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from trashdata.classes import rare_classes
from trashdata.comparison import iou, load
from trashdata.comparison.pixel_counts import Counts, with_mean
from trashdata.console import Reporter
from trashdata.errors import UserError
from trashdata.inference.architectures import (
    ModelSpec,
    build_model,
    check_pair,
    decoder_options,
)
from trashdata.inference.backend import import_smp
from trashdata.inference.confusion import channel_names
from trashdata.inference.encoder_weights import NONE, check_weights, weights_file
from trashdata.interrupts import set_interrupt_message
from trashdata.outcome import Outcome
from trashdata.paths import DEFAULT_DATA, DataFolders
from trashdata.prove.analysis import counts_of, find
from trashdata.prove.arms import read_arms
from trashdata.prove.files import RESULTS, check_folder, locked
from trashdata.prove.findings import Finding
from trashdata.prove.folds import check_parts, read_parts
from trashdata.prove.lanes import Processes, Runner, carry_out, work_folder
from trashdata.prove.length import Length, chosen_steps
from trashdata.prove.looks import number_of_look, read_looks, with_look, write_looks
from trashdata.prove.options import ProveOptions
from trashdata.prove.report import outcome, show, write_findings, write_winner
from trashdata.prove.search import Found, Search, plan_search
from trashdata.prove.search import carry_out as carry_out_search
from trashdata.prove.search_report import as_plain, show_found, show_grid, show_plan
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
    is there is not run again.

    With ``search``, copy-paste's options are chosen by halving first, inside the training part; the
    winner alone is compared, on photos and seeds that the search has not seen.

    Parameters
    ----------
    data : folder with the COCO files.
    images : the root that every ``file_name`` is relative to; the data folder by default.
    workers : runs side by side; on GPUs as many as there are.
    dry_run : check everything, and say what would be run; nothing is written.
    runner : carries out a trial; by default in a process of its own.

    Returns
    -------
    ``figures``: the ``findings``, see `trashdata.prove.findings.as_plain`; and the ``search``, see
    `trashdata.prove.search_report.as_plain`, whose scores are no result.

    Raises
    ------
    UserError : anything that the user can fix; finished runs are kept.

    References
    ----------
    Bouthillier et al. 2021, "Accounting for Variance in Machine Learning Benchmarks", MLSys, arXiv
    2103.03098. The statistics are those of `trashdata.comparison`.
    """
    options, reporter = options or ProveOptions(), reporter or Reporter()
    folders = DataFolders.of(data, images)
    check_folder(options.out)
    with ExitStack() as stack:
        if dry_run:
            out = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        else:
            out = options.out
            stack.enter_context(locked(out))
        set_interrupt_message("Start the same command again: what is missing is run.")
        plan, patch = _plan(folders, options, out, workers, reporter)
        processes = Processes(plan.gpus)
        lanes = _Lanes(runner or processes, plan.gpus or workers, processes.stop)
        if options.search:
            search = plan_search(plan, patch, out, workers, reporter)
            return _search(search, patch, out, lanes, reporter, dry_run=dry_run)
        return _Comparison(plan, patch, out, lanes, reporter).carry_out(dry_run=dry_run)


def _search(
    search: Search,
    patch: Sequence[str],
    out: Path,
    lanes: _Lanes,
    reporter: Reporter,
    *,
    dry_run: bool,
) -> Outcome:
    """Search, then compare the winner with its controls."""
    runs = _Comparison(search.inner, patch, out, lanes, reporter)
    # Before hours of search.
    _Comparison(search.outer, patch, out, lanes, reporter).check_arms(dry_run=dry_run)
    confirmation = search.confirmation(search.grid[0].arm)
    length = chosen_steps(confirmation, out, lanes, runs.is_missing, search.batches())
    (steps,) = length.steps
    show_plan(search, steps, length.pace, lanes.number, reporter)
    if dry_run:
        show_grid(search, reporter)
    if dry_run or all(map(runs.is_missing, search.trials(search.rungs(steps)[0]))):
        runs.check(search.samples(steps))
    number = sum(one.runs for one in search.batches())
    if dry_run:
        total = number + len(confirmation.trials(steps))
        return outcome(confirmation, [], {"runs": total, "missing": total}, [], reporter)
    trained = 0

    def train(trials: Sequence[Trial]) -> None:
        nonlocal trained
        trained += runs.run(trials)

    found = carry_out_search(search, steps, train, runs.results)
    show_found(found, reporter)
    plan = search.confirmation(found.winner, steps)
    done = _Comparison(plan, patch, out, lanes, reporter, found).carry_out(dry_run=False)
    counts = {"runs": done.counts["runs"] + number, "trained": done.counts["trained"] + trained}
    return replace(done, counts=counts, figures={**done.figures, "search": as_plain(found)})


def _plan(
    folders: DataFolders, options: ProveOptions, out: Path, workers: int, reporter: Reporter
) -> tuple[Plan, list[str]]:
    """What is compared, and the classes that it is about."""
    import_smp()
    options, weights = _with_model(options, reporter)
    parts = read_parts(folders, options, out, workers, reporter)
    check_parts(parts, options.patch)
    rare = [category.name for category in rare_classes(parts.documents[0])]
    patch = list(options.patch) or rare
    arms = read_arms(options.arm, options.arms, options.against, patch)
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
        self,
        plan: Plan,
        patch: Sequence[str],
        out: Path,
        lanes: _Lanes,
        reporter: Reporter,
        found: Found | None = None,
    ) -> None:
        self.plan, self.patch, self.out, self.lanes = plan, patch, out, lanes
        self.reporter, self.found = reporter, found
        self.results = out / RESULTS

    def carry_out(self, *, dry_run: bool) -> Outcome:
        plan, reporter = self.plan, self.reporter
        self.check_arms(dry_run=dry_run)
        length = chosen_steps(plan, self.out, self.lanes, self.is_missing)
        trials = list({t.key: t for steps in length.steps for t in plan.trials(steps)}.values())
        missing = self._missing(trials)
        self._tell(length, len(trials), missing)
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
        steps = (self.plan.options.steps or (2,))[0]
        first = self.plan.options.seed
        trials = [
            self.plan.trial(arm, fold, first, steps)
            for arm in self.plan.arms
            for fold in self.plan.parts.folds
        ]
        self.check(trials if dry_run else self._missing(trials))

    def check(self, trials: Sequence[Trial]) -> None:
        """Let trials check their files, options and leaks."""
        jobs = [self._job(trial, check=True) for trial in trials]
        with self.reporter.progress("Checking arms", len(jobs)) as tick:
            for _ in self.lanes.carry_out(jobs):
                tick()

    def _job(self, trial: Trial, *, check: bool = False) -> Job:
        work = work_folder(self.out, trial.key).resolve()
        return Job(trial, str(self.results.resolve()), str(work), check=check)

    def _tell(self, length: Length, runs: int, missing: Sequence[Trial]) -> None:
        plan = self.plan
        steps = " and ".join(f"{number:,}" for number in length.steps)
        there = f", {runs - len(missing)} of them there" if len(missing) < runs else ""
        time = ""
        if length.pace is not None and missing:
            each = [trial.steps for trial in missing]
            total = sum(length.pace.of_run(number) for number in each) / self.lanes.number
            time = f"; about {in_words(total)}"
        self.reporter.note(
            f"{len(plan.arms)} arms, {plan.options.seeds} seeds,"
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
        looks = read_looks(self.out)

        def look(question: str, seeds: list[int]) -> int:
            nonlocal looks
            number = number_of_look(looks, question, seeds)
            looks = with_look(looks, question, seeds)
            return number

        judged = () if self.found is None else (self.found.winner.name,)
        findings: list[Finding] = []
        scores: dict[str, Any] = {}
        for number in steps:
            found = counts_of(self.plan, number, self.results)
            findings += find(self.plan, number, found, self.patch, look, judged)
            scores[str(number)] = {arm: self._scores(one) for arm, one in found.items()}
        # Before anything is shown: a look that was seen counts.
        write_looks(self.out, looks)
        search = None if self.found is None else as_plain(self.found)
        outputs = write_findings(self.out, self.plan, findings, scores, search)
        show(findings, self.reporter)
        outputs += write_winner(self.out, self.plan, findings, self.reporter)
        self.reporter.note(f"Picture    {outputs[1]}")
        return outcome(self.plan, findings, counts, outputs, self.reporter)

    def _scores(self, counts: Counts) -> dict[str, Any]:
        """The mean IoU, and that of each channel, of each seed's runs."""
        table = with_mean(iou(counts.sum(axis=1)))
        names = ["mean", *channel_names(self.plan.parts.class_names)]
        seeds = self.plan.options.seed_numbers()
        return {
            "seeds": seeds,
            "iou": [
                {n: None if math.isnan(v) else v for n, v in zip(names, row, strict=True)}
                for row in table.tolist()
            ],
        }
