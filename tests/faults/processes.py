"""Processes that faults are injected into."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

from helpers import processes
from helpers.paths import TESTS
from helpers.processes import Process, environment

from .commands import Command


def start(
    data: Path,
    command: Command,
    workers: int,
    *more: str,
    limits: Callable[[], None] | None = None,
    first_on_path: Path | None = None,
) -> Process:
    """Start a command on a data folder.

    Parameters
    ----------
    limits : called in the new process before Python starts there.
    first_on_path : a folder whose modules go before all others.
    """
    workers_option = ("--workers", str(workers)) if command.has_workers else ()
    arguments = [*command.arguments, "--data", str(data), *workers_option, *more]
    first = [first_on_path] if first_on_path else []
    return processes.start(
        *arguments,
        module=command.module,
        cwd=data.parent,
        env=environment(*first, TESTS, OMP_NUM_THREADS="1"),
        stdout=subprocess.DEVNULL,
        preexec_fn=limits,
    )


def finish(process: Process, seconds: float = 120) -> tuple[int, str]:
    """Exit code and standard error; a process that hangs is an error."""
    _, errors = process.communicate(timeout=seconds)
    return process.returncode, errors


def workers_of(process: Process) -> list[int]:
    """Processes that shards run in: children of a child, since that is what forks them."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            # The name in parentheses may hold spaces and parentheses itself.
            state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if state != "Z":
            parents[int(entry.name)] = int(parent)
    children = {pid for pid, parent in parents.items() if parent == process.pid}
    return sorted(pid for pid, parent in parents.items() if parent in children)
