"""The folder of a run: a new name, the configuration, and what it was made of."""

from __future__ import annotations

import subprocess
from dataclasses import asdict, fields
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import msgspec

from trashdata import __version__
from trashdata.errors import UserError, nearest, printable
from trashdata.names import leaves_root
from trashdata.runs.files import make_folders, write_atomically

from .options import MACHINE_OPTIONS, TrainOptions

CONFIG = "config.toml"
ABOUT = "run.json"
RESULTS = "results.json"
LAST = "last.ckpt"

_LIBRARIES = (
    "torch",
    "segmentation-models-pytorch",
    "pytorch-lightning",
    "timm",
    "albumentations",
    "opencv-python-headless",
    "numpy",
    "pycocotools",
)


class About(msgspec.Struct, frozen=True):
    """``run.json``: the options as they were resolved, and what a resumed run must find again.

    ``inputs``: SHA-256 by name; ``classes``: in the order of channels, without the background.
    """

    options: dict[str, Any]
    inputs: dict[str, str]
    classes: list[str]
    versions: dict[str, str]
    commit: str | None = None
    class_weights: list[float] | None = None
    made_by: str = "trashdata train"


def new_folder(name: str, runs: Path) -> Path:
    """A free name under ``runs``: exp, exp2, exp3, …; nothing is made.

    Raises
    ------
    UserError : the name is a path, empty or hidden.
    """
    plain = name and not set(name) & set("/\\") and not name.startswith(".")
    if not plain or leaves_root(name) or not name.isprintable():
        raise UserError(
            f"--name {printable(name)!r}",
            expected="a plain name for a folder",
            found="a path or an empty or hidden name",
            advice="give a name such as exp; the folder is made under runs",
        )
    taken = {path.name.casefold() for path in runs.glob("*")}
    number, free = 1, name
    while free.casefold() in taken:
        number += 1
        free = f"{name}{number}"
    return runs / free


def start_folder(folder: Path, about: About) -> None:
    """Make the folder, with the configuration in it."""
    make_folders([folder])
    write_atomically(folder / CONFIG, as_toml(about.options).encode())
    write_json(folder / ABOUT, about)


def write_json(path: Path, content: object) -> None:
    """A JSON file for people to read."""
    write_atomically(path, msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n")


def as_toml(options: dict[str, Any]) -> str:
    """The options as ``--config`` takes them.

    >>> print(as_toml({"train": ["a.json"], "lr": 0.001, "ema": False, "fold": None}), end="")
    [train]
    train = ["a.json"]
    lr = 0.001
    ema = false
    """
    # JSON's strings, lists, numbers and booleans are TOML's as well.
    lines = [
        f"{name.replace('_', '-')} = {msgspec.json.encode(value).decode()}"
        for name, value in options.items()
        if value is not None
    ]
    return "\n".join(["[train]", *lines]) + "\n"


def about_run(
    options: TrainOptions,
    inputs: dict[str, str],
    classes: list[str],
    class_weights: list[float] | None,
) -> About:
    """What ``run.json`` says of a run."""
    plain = msgspec.json.decode(msgspec.json.encode(asdict(options)))
    return About(plain, inputs, classes, versions(), _commit(), class_weights)


def versions() -> dict[str, str]:
    """Ours, and those of the libraries that decide what a model becomes."""
    found = {"trashdata": __version__}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def _commit() -> str | None:
    """The git commit of the working folder, if it is in a repository."""
    try:
        done = subprocess.run(
            ["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False, timeout=10
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None if done.returncode == 0 else None


# --- resuming -------------------------------------------------------------------------------


def find_resumable(name: str, runs: Path) -> Path:
    """The folder of a run that can go on: a path, or a name under ``runs``."""
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


def read_about(folder: Path) -> About:
    """``run.json`` of a run."""
    path = folder / ABOUT
    try:
        return msgspec.json.decode(path.read_bytes(), type=About)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UserError(
            printable(str(path)),
            expected="what a run was started with",
            found=printable(str(error)),
            advice="start anew without --resume",
        ) from None


def resumed_options(folder: Path, given: TrainOptions, stated: frozenset[str]) -> TrainOptions:
    """The options of the run; those of the machine may be given anew.

    Parameters
    ----------
    stated : the names of the options that the user gave.

    Raises
    ------
    UserError : one of them differs from the run's.
    """
    about = read_about(folder)
    try:
        own = msgspec.convert(about.options, type=TrainOptions)
    except msgspec.ValidationError as error:
        raise UserError(
            printable(str(folder / ABOUT)),
            expected="the options of 'trashdata train'",
            found=printable(str(error)),
            advice="start anew without --resume",
        ) from None
    changes = {}
    for field in fields(TrainOptions):
        if field.name not in stated:
            continue
        wanted, had = getattr(given, field.name), getattr(own, field.name)
        if field.name in MACHINE_OPTIONS:
            changes[field.name] = wanted
        elif wanted != had:
            raise UserError(
                f"--resume {folder.name}: --{field.name.replace('_', '-')}",
                expected=f"{had}, as the run was started with",
                found=f"{wanted}",
                advice="leave the option away, or start a new run without --resume",
            )
    return TrainOptions(**{**asdict(own), **changes})


def check_resumable(folder: Path, inputs: dict[str, str], classes: list[str]) -> None:
    """Refuse to go on with other files.

    Raises
    ------
    UserError : classes or files are not those that the run was started with.
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
