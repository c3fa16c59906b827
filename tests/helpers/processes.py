"""Commands as processes of their own: run to the end, or started and killed at some moment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from helpers.paths import ROOT

Process: TypeAlias = "subprocess.Popen[str]"
Done: TypeAlias = "subprocess.CompletedProcess[str]"
RunCli: TypeAlias = Callable[..., Done]


def environment(*first: Path | str, **more: str) -> dict[str, str]:
    """This process's environment, with the checkout on the path of modules.

    Parameters
    ----------
    first : folders whose modules go before those of the checkout.
    more : variables that are added or changed.
    """
    inherited = os.environ.get("PYTHONPATH")
    path = [*map(str, first), str(ROOT), *([inherited] if inherited else [])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path), **more}


def run(*arguments: object, module: str = "trashdata", **options: Any) -> Done:
    """Run a command to its end; ``options`` are those of :func:`subprocess.run`."""
    return subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        check=False,
        **{
            "cwd": ROOT,
            "env": environment(),
            "capture_output": True,
            "text": True,
            **options,
        },
    )


def start(*arguments: object, module: str = "trashdata", **options: Any) -> Process:
    """Start a command, the leader of a group of processes that its workers belong to.

    ``options`` are those of :class:`subprocess.Popen`.
    """
    return subprocess.Popen(
        [sys.executable, "-m", module, *map(str, arguments)],
        **{
            "cwd": ROOT,
            "env": environment(),
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "text": True,
            "start_new_session": True,
            **options,
        },
    )


def finish(process: Process, seconds: float = 120) -> str:
    """Standard output of a process that has to end well."""
    output, errors = process.communicate(timeout=seconds)
    assert process.returncode == 0, errors
    return output


def wait_until(process: Process, reached: Callable[[], bool], seconds: float = 120) -> None:
    """Wait for a moment in the life of a process, or for its end."""
    deadline = time.monotonic() + seconds
    while process.poll() is None and not reached():
        if time.monotonic() > deadline:
            kill(process)
            raise AssertionError(f"it did not get there in {seconds} s")
        time.sleep(0.002)


def wait_for_files(process: Process, folder: Path, count: int, pattern: str = "*-*") -> None:
    """Wait until a folder holds so many files; in a journal all but the lock have a hyphen."""
    wait_until(process, lambda: len(list(folder.glob(pattern))) >= count)


def kill(process: Process, *, workers: bool = True) -> bool:
    """Kill a process and, as a machine that goes down, its workers; False if it had ended."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL) if workers else process.kill()
    process.communicate(timeout=60)
    return process.returncode == -signal.SIGKILL
