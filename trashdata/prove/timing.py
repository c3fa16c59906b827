"""How long a comparison takes: measured on short runs before it starts."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import NamedTuple

import msgspec

from trashdata.errors import UserError
from trashdata.prove.lanes import Lanes, work_folder
from trashdata.prove.options import parse_budget
from trashdata.prove.trial_process import Job
from trashdata.prove.trials import Trial

FEW_STEPS = 100
"""Fewer steps than these say next to nothing, even from good initial weights."""
_FEWEST = 20
_SHORT, _LONG = 4, 16


class Pace(msgspec.Struct, frozen=True):
    """Seconds of a run in one of several lanes: ``step`` for each step, ``rest`` for all else."""

    step: float
    rest: float

    def of_run(self, steps: float) -> float:
        """Seconds of a run."""
        return self.rest + steps * self.step


def measure(short: Sequence[Trial], long: Sequence[Trial], out: Path, lanes: Lanes) -> Pace:
    """Measure how long steps take, with all lanes busy.

    Parameters
    ----------
    short, long : the same trials of 4 and of 16 steps, one for each lane.
    """
    times = []
    for trials in (short, long):
        jobs = [
            Job(trial, str(out), str(work_folder(out, f"{lane}-{trial.key}")), keep=False)
            for lane, trial in enumerate(trials)
        ]
        answers = [answer for _, answer in lanes.carry_out(jobs)]
        times.append((max(one.training for one in answers), max(one.seconds for one in answers)))
    (few, _), (many, all_of_it) = times
    step = max(many - few, 0.0) / (_LONG - _SHORT)
    return Pace(step, max(all_of_it - _LONG * step, 0.0))


def measured_steps() -> tuple[int, int]:
    """The lengths of the runs that are measured."""
    return _SHORT, _LONG


class Batch(NamedTuple):
    """Runs that are made together, of a share of the steps that are chosen."""

    runs: int
    share: float = 1.0


def seconds_in_all(pace: Pace, steps: int, batches: Sequence[Batch], lanes: int) -> float:
    """Seconds of batches one after the other.

    >>> seconds_in_all(Pace(0.5, 3), 40, [Batch(4), Batch(3, 0.5)], lanes=2)
    72.0
    """
    return sum(ceil(one.runs / lanes) * pace.of_run(one.share * steps) for one in batches)


def steps_within(budget: str, pace: Pace, batches: Sequence[Batch], lanes: int) -> int:
    """The steps with which all runs take about as long as the budget.

    Raises
    ------
    UserError : not even runs of 20 steps fit.
    """
    around = seconds_in_all(pace, 0, batches, lanes)
    step = seconds_in_all(pace, 1, batches, lanes) - around
    steps = int((parse_budget(budget) - around) / max(step, 1e-9))
    if steps < _FEWEST:
        least = seconds_in_all(pace, FEW_STEPS, batches, lanes)
        runs = sum(one.runs for one in batches)
        raise UserError(
            f"--budget {budget}",
            expected=f"enough for {runs} runs of at least {_FEWEST} steps",
            found=f"{pace.step:.2g} s a step and {pace.rest:.0f} s around each run",
            advice=f"pass --budget {ceil(least / 60)}m, or fewer --seeds, --arm or --folds",
        )
    # Two digits: the clock is no more exact, and equal lengths share their runs.
    digits: int = 10 ** (len(str(steps)) - 2)
    return steps // digits * digits


def in_words(seconds: float) -> str:
    """A time, roughly.

    >>> in_words(40), in_words(200), in_words(9000)
    ('40 s', '3 min', '2 h 30 min')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
