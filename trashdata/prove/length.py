"""How many steps the runs have: as asked for, or as many as a budget is enough for, once."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from trashdata.comparison.store import key
from trashdata.errors import UserError, printable
from trashdata.prove.files import LENGTH
from trashdata.prove.lanes import Lanes
from trashdata.prove.options import STEPS
from trashdata.prove.timing import Batch, Pace, measure, measured_steps, steps_within
from trashdata.prove.trials import Plan, Trial
from trashdata.runs.files import write_atomically


class Length(msgspec.Struct, frozen=True):
    """``steps``: of the runs; ``pace``: of this machine, None where nothing is missing."""

    steps: tuple[int, ...]
    pace: Pace | None = None


class _Kept(msgspec.Struct):
    """``paces``: by what decides them; ``budgets``: the steps of each budget."""

    paces: dict[str, Pace] = {}
    budgets: dict[str, int] = {}


def chosen_steps(
    plan: Plan,
    out: Path,
    lanes: Lanes,
    is_missing: Callable[[Trial], bool],
    before: Sequence[Batch] = (),
    *,
    dry_run: bool = False,
) -> Length:
    """The steps of the runs, and the pace if any of them is missing.

    The pace is measured where a budget needs it, and before runs that are longer than the
    measurement; in a dry run for a budget alone.

    ``before`` : runs of a search, which the budget is for as well.

    Raises
    ------
    UserError : the budget is too small.
    """
    kept = _read(out)
    options = plan.options
    name = f"{options.budget}{' with a search' if before else ''}"
    known = None if options.budget is None else kept.budgets.get(name)
    steps = options.steps or (
        (STEPS,) if options.budget is None else () if known is None else (known,)
    )
    if steps and not any(is_missing(trial) for one in steps for trial in plan.trials(one)):
        return Length(steps)
    if steps and (dry_run or max(steps) <= max(measured_steps())):
        return Length(steps)
    pace = _pace(plan, out, lanes, kept)
    if not steps:
        assert options.budget is not None
        batches = [*before, Batch(len(plan.trials(STEPS)))]
        steps = (steps_within(options.budget, pace, batches, lanes.number),)
        kept.budgets[name] = steps[0]
        _write(out, kept)
    return Length(steps, pace)


def _pace(plan: Plan, out: Path, lanes: Lanes, kept: _Kept) -> Pace:
    first = plan.trials(measured_steps()[0])[0]
    content = {"content": first.content, "lanes": lanes.number, "machine": platform.node()}
    name = key(content)[:16]
    if name not in kept.paces:
        short, long = (plan.trials(steps)[:1] * lanes.number for steps in measured_steps())
        kept.paces[name] = measure(short, long, out, lanes)
        _write(out, kept)
    return kept.paces[name]


def _read(out: Path) -> _Kept:
    path = out / LENGTH
    if not path.exists():
        return _Kept()
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Kept)
    except (OSError, msgspec.DecodeError) as error:
        raise UserError(
            printable(str(path)),
            expected="the lengths of runs as they were written",
            found=printable(str(error)),
            advice="delete the file, and pass --steps instead of --budget",
        ) from None


def _write(out: Path, kept: _Kept) -> None:
    write_atomically(out / LENGTH, msgspec.json.format(msgspec.json.encode(kept), indent=1) + b"\n")
