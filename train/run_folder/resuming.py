"""Resuming an interrupted run with its options, on the same files."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from pathlib import Path

import msgspec

from trashdata.errors import UserError, nearest, printable
from trashdata.options.limits import flag

from ..options import LENGTH_OPTIONS, MACHINE_OPTIONS, TrainOptions
from .about import ABOUT, About, read_about
from .length import Trained, check_length, read_trained


@dataclass(frozen=True)
class Resumed:
    """A run to resume: its folder, ``run.json``, the options from now on, what is trained."""

    folder: Path
    about: About
    options: TrainOptions
    trained: Trained

    @property
    def had(self) -> TrainOptions:
        """The options of the run so far."""
        return _started(self.folder, self.about)

    @property
    def is_lengthened(self) -> bool:
        """Whether it gets another length."""
        had = self.had
        return (had.epochs, had.steps) != (self.options.epochs, self.options.steps)


def read_resumed(name: str, given: TrainOptions, stated: frozenset[str], runs: Path) -> Resumed:
    """Find a run to resume, and check the options that the user gave.

    Parameters
    ----------
    name : a path, or a name under ``runs``.
    stated : the names of the options that the user gave.

    Raises
    ------
    UserError : no such run, an option that can't be changed, or a length that it can't have.
    """
    folder = find_resumable(name, runs)
    options = resumed_options(folder, given, stated)
    found = Resumed(folder, read_about(folder), options, read_trained(folder))
    check_length(folder, found.had, options, found.trained)
    return found


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
    """The options of the run, with ``resume``, its length and the options about the machine as
    given.

    Parameters
    ----------
    stated : the names of the options that the user gave.

    Raises
    ------
    UserError : another one of them differs from the run's value.
    """
    started = _started(folder, read_about(folder))
    changes = {"resume": given.resume}
    for field in fields(TrainOptions):
        if field.name not in stated or field.name == "resume":
            continue
        wanted, had = getattr(given, field.name), getattr(started, field.name)
        if field.name in MACHINE_OPTIONS + LENGTH_OPTIONS:
            changes[field.name] = wanted
        elif wanted != had:
            raise UserError(
                f"--resume {folder.name}: {flag(field.name)}",
                expected=f"{'none' if had is None else had}, as the run was started with",
                found=f"{wanted}",
                advice="omit the option, or start a new run without --resume",
            )
    return TrainOptions(**{**asdict(started), **changes})


def _started(folder: Path, about: About) -> TrainOptions:
    try:
        return msgspec.convert(about.options, type=TrainOptions)
    except msgspec.ValidationError as error:
        raise UserError(
            printable(str(folder / ABOUT)),
            expected="the options of 'trashdata train'",
            found=printable(str(error)),
            advice="start a new run without --resume",
        ) from None


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
