"""Resuming an interrupted run with its options, on the same files."""

from __future__ import annotations

from dataclasses import asdict, fields
from pathlib import Path

import msgspec

from trashdata.errors import UserError, nearest, printable

from ..options import MACHINE_OPTIONS, TrainOptions
from .about import ABOUT, read_about


def find_resumable(name: str, runs: Path) -> Path:
    """Find the folder of a run to resume: a path, or a name under ``runs``."""
    for folder in (Path(name), runs / name):
        if (folder / ABOUT).is_file():
            return folder
    known = sorted(path.parent.name for path in runs.glob(f"*/{ABOUT}"))
    raise UserError(
        f"--resume {printable(name)!r}",
        expected=f"a run, by its path or its name under {runs}",
        found="none of that name",
        advice=nearest(name, known) if known else "start one without --resume",
    )


def resumed_options(folder: Path, given: TrainOptions, stated: frozenset[str]) -> TrainOptions:
    """The options of the run, with ``resume`` and the options about the machine as given.

    Parameters
    ----------
    stated : the names of the options that the user gave.

    Raises
    ------
    UserError : one of them differs from the run's value.
    """
    about = read_about(folder)
    try:
        started = msgspec.convert(about.options, type=TrainOptions)
    except msgspec.ValidationError as error:
        raise UserError(
            printable(str(folder / ABOUT)),
            expected="the options of 'trashdata train'",
            found=printable(str(error)),
            advice="start a new run without --resume",
        ) from None
    changes = {"resume": given.resume}
    for field in fields(TrainOptions):
        if field.name not in stated or field.name == "resume":
            continue
        wanted, had = getattr(given, field.name), getattr(started, field.name)
        if field.name in MACHINE_OPTIONS:
            changes[field.name] = wanted
        elif wanted != had:
            raise UserError(
                f"--resume {folder.name}: --{field.name.replace('_', '-')}",
                expected=f"{had}, as the run was started with",
                found=f"{wanted}",
                advice="omit the option, or start a new run without --resume",
            )
    return TrainOptions(**{**asdict(started), **changes})


def check_resumable(folder: Path, inputs: dict[str, str], classes: list[str]) -> None:
    """Refuse to resume with other files.

    Raises
    ------
    UserError : classes or files differ from those at the start of the run.
    """
    about = read_about(folder)
    advice = "bring the files back, or start a new run without --resume"
    if about.classes != classes:
        lost = [name for name in about.classes if name not in classes]
        new = [name for name in classes if name not in about.classes]
        odd = f"without {printable(lost[0])}" if lost else "in another order"
        found = f"others, {printable(new[0])} among them" if new else f"a list {odd}"
        raise UserError(f"--resume {folder.name}", expected="the classes of the checkpoint",
                        found=found, advice=advice)  # fmt: skip
    for name, digest in inputs.items():
        if about.inputs.get(name) != digest:
            found = "another one" if name in about.inputs else "one that it did not have"
            raise UserError(f"--resume {folder.name}: {name}", expected="the file of the run",
                            found=found, advice=advice)  # fmt: skip
