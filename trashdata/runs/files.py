"""Atomic writing of files."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Self

from trashdata.errors import UserError, printable

_TEMPORARY = re.compile(r"\.(.+)\.\d+\.part", re.DOTALL)


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file atomically: it is complete or does not exist."""
    # Like `open_atomically`, but faster: it is called twice for every new photo.
    name = str(path)
    folder, _, file_name = name.rpartition("/")
    temporary = f"{folder}/.{file_name}.{os.getpid()}.part" if folder else str(temporary_name(path))
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        try:
            view = memoryview(content)
            while view:
                view = view[os.write(handle, view) :]
        finally:
            os.close(handle)
        os.replace(temporary, name)  # noqa: PTH105
    except OSError as error:
        with suppress(OSError):
            Path(temporary).unlink()
        raise _unwritable(path, error) from None


@contextmanager
def open_atomically(path: Path) -> Iterator[BinaryIO]:
    """Open a temporary file that is renamed on success, and deleted otherwise."""
    temporary = temporary_name(path)
    try:
        with temporary.open("wb") as stream:
            yield stream
        temporary.replace(path)
    except BaseException as error:
        # If writing is not possible, deleting may fail as well.
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise _unwritable(path, error) from None
        raise


def make_folders(folders: Iterable[Path]) -> None:
    """Make missing folders, with their parents."""
    for folder in set(folders):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(folder, error) from None


def make_new_folder(folder: Path) -> bool:
    """Make a new folder, with its parents; False if it exists, also by another process."""
    make_folders([folder.parent])
    try:
        folder.mkdir()
    except FileExistsError:
        return False
    except OSError as error:
        raise _unwritable(folder, error) from None
    return True


class Spool:
    """Blocks of lines on disk that are added in any order and read by index.

    Its file has no name, so that nothing is left even if the process is killed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            self._stream = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by __exit__
        except OSError as error:
            raise _unwritable(folder, error) from None
        self._places: dict[int, tuple[int, int]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # On a full disk, closing tries to write the rest, and fails again.
        with suppress(OSError):
            self._stream.close()

    def add(self, index: int, block: bytes) -> None:
        """Keep a block; each of its lines ends in a newline."""
        try:
            self._places[index] = (self._stream.seek(0, os.SEEK_END), len(block))
            self._stream.write(block)
            self._stream.flush()
        except OSError as error:
            raise _unwritable(self._folder, error) from None

    def lines(self) -> Iterator[bytes]:
        """The lines of all blocks, by rising index of the block."""
        for _, (start, length) in sorted(self._places.items()):
            self._stream.seek(start)
            yield from self._stream.read(length).splitlines()


def temporary_name(path: Path) -> Path:
    """The temporary name of a file while it is written."""
    return path.with_name(f".{path.name}.{os.getpid()}.part")


def remove_temporary(folders: Iterable[Path]) -> None:
    """Delete temporary files that killed workers left in these folders."""
    for folder in folders:
        for path in folder.glob(".*.[0-9]*.part"):
            path.unlink(missing_ok=True)


def remove_left_behind(paths: Callable[[], Iterable[str]]) -> None:
    """Delete temporary files of these files that killed processes left.

    ``paths`` returns a new iterator on each call; there may be many.
    """
    left: dict[str, list[str]] = {}
    for folder in {os.path.dirname(path) for path in paths()}:  # noqa: PTH120 - for every file
        for name in os.listdir(folder):  # noqa: PTH208 - names only, as there may be 100,000 files
            match = _TEMPORARY.fullmatch(name)
            if match is not None:
                left.setdefault(f"{folder}/{match[1]}", []).append(f"{folder}/{name}")
    for path in paths() if left else ():
        for temporary in left.get(path, ()):
            Path(temporary).unlink(missing_ok=True)


def _unwritable(path: Path, error: OSError) -> UserError:
    return UserError(
        printable(str(path)),
        expected="to be able to write there",
        found=error.strerror or str(error),
        advice="make room or correct the permissions, then start again",
    )
