"""The folder of a comparison: what lies where, and the lock."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trashdata.errors import UserError, printable
from trashdata.runs.files import make_folders, remove_temporary, write_atomically
from trashdata.runs.locks import check_locks, lock

MARK = "README.txt"
_FIRST = "Runs of 'trashdata prove', kept by content."
_TOLD = f"""{_FIRST}

runs/        the pixel counts of each run on each validation photo
folds/       the folds
looks.json   how often each question was asked
length.json  the steps that a budget was enough for, and the pace of this machine
prove.json   what was found; prove.png shows it
work/        the runs in progress
"""
RESULTS, WORK, LENGTH = "runs", "work", "length.json"
JSON, PICTURE, CONFIG = "prove.json", "prove.png", "trashdata.toml"
_LOCK = ".lock"


def check_folder(out: Path) -> None:
    """Refuse a folder that holds something else, or lies outside of the working folder.

    Raises
    ------
    UserError : it can't be the folder of a comparison.
    """
    where = f"--out {printable(str(out))}"
    inside = Path.cwd().resolve()
    if not out.is_absolute() and not (inside / out).resolve().is_relative_to(inside):
        raise UserError(
            where,
            expected="a folder under the working folder",
            found="one that leaves it",
            advice="give a name such as prove, or an absolute path",
        )
    if out.exists() and not out.is_dir():
        raise UserError(
            where, expected="a folder", found="a file", advice="choose another name with --out"
        )
    if out.exists() and any(out.iterdir()) and not _is_ours(out):
        first = min(path.name for path in out.iterdir())
        raise UserError(
            where,
            expected="an empty folder, or one that 'trashdata prove' made",
            found=f"one that holds {printable(first)}",
            advice="choose another name with --out",
        )


def _is_ours(out: Path) -> bool:
    try:
        return (out / MARK).read_bytes().startswith(_FIRST.encode())
    except OSError:
        return False


@contextmanager
def locked(out: Path) -> Iterator[None]:
    """The folder, made and locked against other processes.

    A new one in which nothing was trained is deleted after an error.

    Raises
    ------
    UserError : another process works in it.
    """
    check_locks()
    new = not (out / MARK).exists()
    make_folders([out])
    try:
        with _locked(out):
            yield
    except Exception:
        if new and not (out / RESULTS).exists():
            shutil.rmtree(out, ignore_errors=True)
        raise


@contextmanager
def _locked(out: Path) -> Iterator[None]:
    with (out / _LOCK).open("wb") as file:
        if not lock(file):
            raise UserError(
                f"--out {printable(str(out))}",
                expected="a comparison that is not running",
                found="another process that runs it",
                advice="wait until it ends, or choose another name with --out",
            )
        write_atomically(out / MARK, _TOLD.encode())
        remove_temporary(path for path in (out, out / RESULTS) if path.is_dir())
        yield
