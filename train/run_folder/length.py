"""The length of a resumed run: what is trained, and the length that it may have from now on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from trashdata.errors import UserError, printable

from ..options import TrainOptions
from .about import LAST, RESULTS, About, Length, plain_options

Unit = Literal["epochs", "steps"]


@dataclass(frozen=True)
class Trained:
    """What a run has trained: complete ``epochs``, and optimizer ``steps``."""

    epochs: int = 0
    steps: int = 0

    @property
    def epoch_steps(self) -> int | None:
        """Optimizer steps of an epoch, None before the first one is complete."""
        return self.steps // self.epochs if self.epochs else None


def read_trained(folder: Path) -> Trained:
    """Read from a run's checkpoint what is trained; nothing without a checkpoint.

    Raises
    ------
    UserError : a checkpoint that can't be read, or none in a finished run.
    """
    import torch

    path = folder / LAST
    found = "no file"
    try:
        content = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
        return Trained(content["epoch"] + 1, content["global_step"])
    except FileNotFoundError:
        if not (folder / RESULTS).exists():
            return Trained()
    # torch raises its own errors, of many types, for a broken file.
    except Exception as error:
        found = printable(" ".join(str(error).split())[:120]) or type(error).__name__
    raise UserError(
        printable(str(path)),
        expected="the checkpoint of the run",
        found=found,
        advice=f"start a new run without --resume, for instance with --from {folder.name}",
    )


def check_length(folder: Path, had: TrainOptions, wanted: TrainOptions, trained: Trained) -> None:
    """Refuse a length that a run can't be resumed with.

    Parameters
    ----------
    had : the options of the run so far.
    wanted : its options from now on.

    Raises
    ------
    UserError : the run is finished and gets no longer, the length is less than what is trained, in
        another unit, or no whole number of epochs.
    """
    unit, other = units(had)
    where = f"--resume {folder.name}"
    before, now = getattr(had, unit), getattr(wanted, unit)
    longer = f"--{unit} {2 * before}"
    if getattr(wanted, other) != getattr(had, other):
        raise UserError(
            f"{where}: --{other}",
            expected=f"--{unit}, in which the length of this run is given",
            found=str(getattr(wanted, other)),
            advice=f"pass {longer}, for instance",
        )
    done = getattr(trained, unit)
    if now < done:
        raise UserError(
            f"{where}: --{unit}",
            expected=f"at least the {done} that are trained",
            found=str(now),
            advice=f"pass more, such as {longer}, or start a new run without --resume",
        )
    if (folder / RESULTS).exists() and now <= before:
        raise UserError(
            where,
            expected="a run that was stopped, or a longer one than before",
            found=f"one that is finished, after {done} of {before} {unit}",
            advice=f"pass {longer} to train on, or start a new run without --resume",
        )
    if unit == "steps":
        _check_whole_epochs(where, now, trained)


def _check_whole_epochs(where: str, steps: int, trained: Trained) -> None:
    """Refuse steps that are no whole number of the run's epochs."""
    length = trained.epoch_steps
    if length and steps % length:
        below, above = steps - steps % length, steps + length - steps % length
        raise UserError(
            f"{where}: --steps",
            expected=f"a multiple of {length}, the steps of an epoch of this run",
            found=str(steps),
            advice=f"pass --steps {above}" + (f" or {below}" if below > trained.steps else ""),
        )


def units(options: TrainOptions) -> tuple[Unit, Unit]:
    """The option that gives the length of a run, and the other one."""
    return ("epochs", "steps") if options.steps is None else ("steps", "epochs")


def with_length(about: About, had: TrainOptions, wanted: TrainOptions, trained: Trained) -> About:
    """``run.json`` with another length; the one before joins the earlier lengths."""
    earlier = Length(had.epochs, had.steps, trained.epochs, trained.steps)
    plain = plain_options(wanted)
    options = {**about.options, "epochs": plain["epochs"], "steps": plain["steps"]}
    return msgspec.structs.replace(
        about, options=options, earlier_lengths=[*about.earlier_lengths, earlier]
    )


def length_note(folder: Path, had: TrainOptions, wanted: TrainOptions, trained: Trained) -> str:
    """What is told of a run that gets another length."""
    unit, _ = units(had)
    before, now, done = getattr(had, unit), getattr(wanted, unit), getattr(trained, unit)
    return (
        f"{folder.name} gets {now} {unit} instead of {before}, {done} of them trained: from here"
        f" on, the learning rate follows the schedule of a run of {now} {unit}."
    )
