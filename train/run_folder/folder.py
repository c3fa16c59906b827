"""The run folder: made by one process, locked during training."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from trashdata.console import is_first_process
from trashdata.errors import UserError, printable
from trashdata.names import leaves_root
from trashdata.runs.files import make_new_folder, write_atomically
from trashdata.runs.locks import check_locks, lock

from .about import ABOUT, CONFIG, LAST, About, as_toml, write_json
from .photos import TrainedPhotos

_LOCK = ".lock"


class TrainingFolder:
    """The run folder; as a context manager it is locked against other processes.

    A new one is made on entering, under the next free name if another process took the first; if
    the run ends before `start`, it is deleted. Of several processes that train together only the
    first one makes and locks it; the others get its path from Lightning.

    Parameters
    ----------
    path : of a run to resume, or as returned by `free_folder`.
    name : of a new run; None to resume one.
    """

    def __init__(self, path: Path, name: str | None = None) -> None:
        self.path = path
        self.resumed = name is None
        self._name = name
        self._started = self.resumed
        self._lock: BinaryIO | None = None
        self._made: list[Path] = []

    @property
    def checkpoint(self) -> Path | None:
        """The checkpoint to resume from; None before the first complete epoch."""
        path = self.path / LAST
        return path if self.resumed and path.is_file() else None

    def __enter__(self) -> Self:
        check_locks()
        if is_first_process():
            if self._name is not None:
                self._make(self._name)
            self._take_lock()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._lock is None:
            return
        (self.path / _LOCK).unlink(missing_ok=True)
        self._lock.close()
        self._lock = None
        if not self._started:
            with suppress(OSError):
                for folder in self._made:
                    folder.rmdir()

    def start(self, about: About, photos: TrainedPhotos) -> None:
        """Write the photos and the configuration; from then on the run can be resumed."""
        self._started = True
        photos.write(self.path)
        write_atomically(self.path / CONFIG, as_toml(about.options).encode())
        write_json(self.path / ABOUT, about)

    def _make(self, name: str) -> None:
        runs = self.path.parent
        missing = [folder for folder in (runs, *runs.parents) if not folder.exists()]
        while not make_new_folder(self.path):
            self.path = free_folder(name, runs)
        self._made = [self.path, *missing]

    def _take_lock(self) -> None:
        self._lock = (self.path / _LOCK).open("wb")
        if not lock(self._lock):
            self._lock.close()
            self._lock = None
            raise UserError(
                f"--resume {printable(self.path.name)}",
                expected="a run that was stopped",
                found="another process that is training it",
                advice="wait until it ends",
            )


def free_folder(name: str, runs: Path) -> Path:
    """The next free name under ``runs``: exp, exp2, exp3, …; nothing is made.

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
