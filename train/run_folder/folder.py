"""The run folder: made by one process, locked during training."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from trashdata.console import is_first_process
from trashdata.errors import UserError, printable
from trashdata.names import leaves_root
from trashdata.options.config import as_toml
from trashdata.runs.files import make_new_folder, remove_temporary, write_atomically
from trashdata.runs.locks import check_locks, lock

from .about import (
    ABOUT,
    CONFIG,
    LAST,
    LOGGERS,
    METRICS,
    RESULTS,
    About,
    config_options,
    write_json,
)
from .photos import PHOTOS, TrainedPhotos

_LOCK = ".lock"


class TrainingFolder:
    """The run folder; as a context manager it is locked against other processes.

    A new one is made on entering, under the next free name if another process took the first. If
    the run fails before an epoch is complete, it is deleted; an interrupted one is kept from
    `start` on. Of several processes that train together only the first one makes and locks it; the
    others get its path from Lightning.

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
        self._earlier: dict[str, bytes | None] = {}

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
        failed = kind is not None and issubclass(kind, Exception)
        if not self._started or (failed and not self.resumed and not self._has_epoch()):
            self._remove()
        if failed and self._earlier and self._content(METRICS) == self._earlier[METRICS]:
            self._bring_back()

    def _has_epoch(self) -> bool:
        """Whether an epoch is complete, with its scores and weights."""
        return (self.path / METRICS).exists()

    def start(self, about: About, photos: TrainedPhotos) -> None:
        """Write the photos and the configuration; from then on the run can be resumed."""
        self._started = True
        photos.write(self.path)
        config = as_toml(config_options(about.options), "train")
        if about.pasting is not None:
            config += "\n" + as_toml(about.pasting, "copy-paste")
        write_atomically(self.path / CONFIG, config.encode())
        write_json(self.path / ABOUT, about)

    def lengthen(self, about: About, photos: TrainedPhotos) -> None:
        """Write another length of a resumed run, whose results are then those of a shorter one.

        If it fails before another epoch is complete, all is as before.
        """
        self._earlier = {name: self._content(name) for name in (METRICS, CONFIG, ABOUT, RESULTS)}
        (self.path / RESULTS).unlink(missing_ok=True)
        self.start(about, photos)

    def _content(self, name: str) -> bytes | None:
        path = self.path / name
        return path.read_bytes() if path.exists() else None

    def _bring_back(self) -> None:
        for name, content in self._earlier.items():
            if content is not None:
                write_atomically(self.path / name, content)

    def _make(self, name: str) -> None:
        runs = self.path.parent
        missing = [folder for folder in (runs, *runs.parents) if not folder.exists()]
        while not make_new_folder(self.path):
            self.path = free_folder(name, runs)
        self._made = [self.path, *missing]

    def _remove(self) -> None:
        """Delete what a run writes before its first epoch is complete, and the folders made."""
        for name in (CONFIG, ABOUT, PHOTOS):
            (self.path / name).unlink(missing_ok=True)
        for name in LOGGERS:
            shutil.rmtree(self.path / name, ignore_errors=True)
        remove_temporary([self.path])
        # What is left is not ours.
        with suppress(OSError):
            for folder in self._made:
                folder.rmdir()

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
