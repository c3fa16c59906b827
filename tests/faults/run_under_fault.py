"""A run into which a fault is injected: where, which, and when."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from helpers.coco import tree

from .commands import Command
from .processes import Process, finish, start
from .promises import expect

# Before that, Python itself is starting, and nothing of ours runs.
_PYTHON_IS_UP = 0.3


@dataclass(frozen=True)
class Undisturbed:
    """What a run leaves behind, and how long it takes.

    ``tree``: hashes of all files; ``seconds``: in all; ``shards``: records of finished shards;
    ``gathering``: the seconds after the last of them.
    """

    tree: dict[str, str]
    folder: Path
    seconds: float
    shards: int
    gathering: float


def undisturbed(source: Path, command: Command) -> Undisturbed:
    """Make the run that the others are compared with."""
    folder = source.parent / f"done {command.name}"
    shutil.copytree(source, folder)
    begun = last = time.monotonic()
    process = start(folder, command, 2)
    shards = 0
    while process.poll() is None:
        done = records(folder, command)
        if done > shards:
            shards, last = done, time.monotonic()
        time.sleep(0.005)
    code, errors = finish(process)
    expect(code == 0, "an undisturbed run ends well", errors)
    now = time.monotonic()
    return Undisturbed(tree(folder), folder, now - begun, shards, now - last)


def records(data: Path, command: Command) -> int:
    """How many shards of a run are done."""
    return len(list(command.journal(data).glob("*.done")))


@dataclass
class RunUnderFault:
    """A copy of the set, and the run on it; ``notes`` is what the report has to say of it."""

    source: Path
    data: Path
    command: Command
    rng: random.Random
    whole: Undisturbed

    def workers(self) -> int:
        return self.rng.choice((1, 2))

    def start(
        self,
        workers: int | None = None,
        *more: str,
        data: Path | None = None,
        limits: Callable[[], None] | None = None,
        first_on_path: Path | None = None,
    ) -> Process:
        return start(
            data or self.data,
            self.command,
            workers or self.workers(),
            *more,
            limits=limits,
            first_on_path=first_on_path,
        )

    def wait(self, process: Process) -> None:
        """Wait for a random moment of the run; it may be over then."""
        if not self.command.at_the_end:
            last = max(self.whole.seconds, _PYTHON_IS_UP + 0.2)
            time.sleep(self.rng.uniform(_PYTHON_IS_UP, last))
            return
        while process.poll() is None and records(self.data, self.command) < self.whole.shards:
            time.sleep(0.001)
        time.sleep(self.rng.uniform(0, self.whole.gathering))

    def photo(self) -> Path:
        """Some photo of the set."""
        return self.rng.choice(sorted(self.data.glob("batch_*/*.jpg")))
