"""The folder of a comparison: what lies where, and the lock."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from trashdata.errors import UserError, printable
from trashdata.runs.files import make_folders, remove_temporary, write_atomically
from trashdata.runs.locks import check_locks, lock

RESULTS, WORK, LENGTH = "runs", "work", "length.json"
JSON, PICTURE, CONFIG = "prove.json", "prove.png", "trashdata.toml"
MARK = "README.txt"


@dataclass(frozen=True)
class Kind:
    """What a folder is for. ``command``: that makes it; ``option``: that names it; ``made``: the
    folder in it of what is kept after an error; ``told``: its README, known again by the first
    line."""

    command: str
    option: str
    made: str
    told: str

    def is_kind_of(self, folder: Path) -> bool:
        """Whether a folder is one of these."""
        with suppress(OSError, UnicodeDecodeError):
            first, _, _ = (folder / MARK).read_text(encoding="utf-8").partition("\n")
            return first == self.told.partition("\n")[0]
        return False


COMPARISON = Kind(
    "trashdata prove",
    "--out",
    RESULTS,
    """Runs of 'trashdata prove', kept by content.

runs/        the pixel counts of each run on each validation photo
folds/       the folds
looks.json   how often each question was asked
length.json  the steps that a budget was enough for, and the pace of this machine
prove.json   what was found; prove.png shows it
work/        the runs in progress
""",
)
_LOCK = ".lock"


def check_folder(out: Path, kind: Kind = COMPARISON) -> None:
    """Refuse a folder that holds something else, or lies outside of the working folder.

    Raises
    ------
    UserError : it can't be a folder of this kind.
    """
    where = f"{kind.option} {printable(str(out))}"
    advice = f"choose another name with {kind.option}"
    inside = Path.cwd().resolve()
    if not out.is_absolute() and not (inside / out).resolve().is_relative_to(inside):
        raise UserError(
            where,
            expected="a folder under the working folder",
            found="one that leaves it",
            advice="give a name such as prove, or an absolute path",
        )
    if out.exists() and not out.is_dir():
        raise UserError(where, expected="a folder", found="a file", advice=advice)
    others = [path.name for path in out.iterdir() if path.name != _LOCK] if out.exists() else []
    if others and not kind.is_kind_of(out):
        raise UserError(
            where,
            expected=f"an empty folder, or one that '{kind.command}' made",
            found=f"one that holds {printable(min(others))}",
            advice=advice,
        )


def discard(folder: Path) -> None:
    """Delete a folder; a killed process leaves all of it under its name, or nothing."""
    gone = folder.with_name(f".{folder.name}.gone")
    shutil.rmtree(gone, ignore_errors=True)
    if folder.exists():
        folder.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)


@contextmanager
def locked(out: Path, kind: Kind = COMPARISON) -> Iterator[None]:
    """The folder, made and locked against other processes.

    A new one in which nothing was made is deleted after an error.

    Raises
    ------
    UserError : another process works in it.
    """
    check_locks()
    new = not (out / MARK).exists()
    make_folders([out])
    try:
        with _locked(out, kind):
            yield
    except Exception:
        if new and not (out / kind.made).exists():
            shutil.rmtree(out, ignore_errors=True)
        raise


@contextmanager
def _locked(out: Path, kind: Kind) -> Iterator[None]:
    with (out / _LOCK).open("wb") as file:
        if not lock(file):
            raise UserError(
                f"{kind.option} {printable(str(out))}",
                expected="a folder that no other process works in",
                found="one that does",
                advice=f"wait until it ends, or choose another name with {kind.option}",
            )
        # Of a process that was killed.
        discard(out / WORK)
        write_atomically(out / MARK, kind.told.encode())
        remove_temporary(path for path in (out, out / kind.made) if path.is_dir())
        yield
