"""Faults of the disk: full, or no longer to be written to."""

from __future__ import annotations

import ctypes
import math
import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from .processes import finish
from .promises import expect, expect_sentence
from .run_under_fault import RunUnderFault

_BLOCK = 4096
_PR_CAPBSET_DROP = 24
_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 1, 2


@cache
def can_mount() -> bool:
    """Whether a small disk can be made here."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            with small_disk(Path(folder), 1 << 20):
                return True
        except OSError:
            return False


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[None]:
    """A disk in memory of so many bytes, mounted on a folder."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        raise OSError("no disk in memory can be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill_the_disk(target: RunUnderFault) -> None:
    """Too little room for the whole; afterwards there is enough."""
    if not can_mount():
        _limit_the_files(target)
        return
    inputs, all_files = _room(target.source), _room(target.whole.folder)
    size = inputs + target.rng.uniform(0.01, 0.98) * (all_files - inputs)
    folder = target.data.parent / "small disk"
    folder.mkdir()
    try:
        with small_disk(folder, math.ceil(size / _BLOCK) * _BLOCK):
            data = folder / "data"
            shutil.copytree(target.source, data)
            code, errors = finish(target.start(data=data))
            expect_sentence(code, errors)
            shutil.rmtree(target.data)
            shutil.copytree(data, target.data)
    finally:
        folder.rmdir()


def _room(folder: Path) -> int:
    files = (path for path in folder.rglob("*") if path.is_file())
    return sum(math.ceil(path.stat().st_size / _BLOCK) * _BLOCK for path in files) + _BLOCK


def _limit_the_files(target: RunUnderFault) -> None:
    """The nearest thing: no file may grow beyond some size."""
    sizes = [(target.whole.folder / name).stat().st_size for name in target.whole.tree]
    expect_sentence(*finish(target.start(limits=file_limit(target.rng.randint(1, max(sizes))))))


def file_limit(size: int) -> Callable[[], None]:
    """For a new process: no file that it writes grows beyond so many bytes."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def make_read_only(target: RunUnderFault) -> None:
    """From some moment on, no folder takes new files; afterwards they do again."""
    process = target.start(limits=obey_modes)
    if target.rng.random() < 0.7:
        target.wait(process)
    folders = [target.data, *(path for path in target.data.rglob("*") if path.is_dir())]
    with _read_only(folders):
        code, errors = finish(process)
    expect_sentence(code, errors)
    expect("Permission denied" in errors or code == 0, "it says what failed", errors)


@contextmanager
def _read_only(folders: list[Path]) -> Iterator[None]:
    for folder in folders:
        if folder.is_dir():
            folder.chmod(0o555)
    try:
        yield
    finally:
        for folder in folders:
            if folder.is_dir():
                folder.chmod(0o755)


def obey_modes() -> None:
    """For a new process: the modes of files hold for it, also if it is root's."""
    if os.geteuid() == 0:
        for capability in (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH):
            ctypes.CDLL(None).prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
