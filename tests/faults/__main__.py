"""Inject faults into runs at random moments: ``python -m faults --rounds 50``.

Each command is killed in as many rounds; every other fault is injected a fifth as often, into
the commands in turn. After each fault the same command, started again, must end with the bytes of
an undisturbed run; the inputs are unchanged, and no temporary files are left. Exits with 1 at the
first failure, and prints the options to reproduce it.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from helpers.coco import tree

from . import blows, disks
from .commands import COMMANDS, SAMPLE, Command
from .processes import finish, start
from .promises import Failure, expect, expect_same
from .run_under_fault import RunUnderFault, Undisturbed, undisturbed

Fault = Callable[[RunUnderFault], None]
OTHERS: tuple[Fault, ...] = (
    blows.interrupt,
    blows.kill_a_worker,
    blows.start_twice,
    blows.lose_a_photo,
    blows.replace_a_photo,
    blows.turn_back_the_clock,
    disks.fill_the_disk,
    disks.make_read_only,
)
FAULTS = {fault.__name__.replace("_", "-"): fault for fault in (blows.kill, *OTHERS)}


def concerns(fault: str, command: Command) -> bool:
    """Whether a fault can befall a command at all."""
    if fault.endswith("-photo"):
        return command.reads_photos and not command.at_the_end
    if fault in ("kill-a-worker", "start-twice"):
        return command.has_workers and not command.at_the_end
    return True


def planned(fault: str, rounds: int) -> Iterator[tuple[Command, int]]:
    """The commands that a fault is injected into, and the numbers of their rounds."""
    chosen = [command for command in COMMANDS if concerns(fault, command)]
    if fault == "kill":
        yield from ((command, number) for command in chosen for number in range(rounds))
        return
    first = sorted(FAULTS).index(fault)
    for turn in range(max(1, rounds // 5)):
        yield chosen[(first + turn) % len(chosen)], turn // len(chosen)


def inject(source: Path, command: Command, fault: Fault, seed: str, whole: Undisturbed) -> None:
    """One fault at a random moment of a run, the run again, and the comparison."""
    data = source.parent / "faulty"
    shutil.copytree(source, data)
    try:
        target = RunUnderFault(source, data, command, random.Random(seed), whole)
        fault(target)
        time.sleep(0.3)  # orphaned workers notice that their parent is gone
        code, errors = finish(target.start(None, *command.again))
        expect(code == 0, "the run ends when it is started again", errors)
        expect_same(tree(data), whole.tree)
    finally:
        shutil.rmtree(data)


def run(source: Path, faults: list[str], commands: list[str], rounds: int, seed: int) -> bool:
    """Inject the faults, and print a line for each fault and command."""
    wholes: dict[str, Undisturbed] = {}
    for name in faults:
        counts: dict[str, int] = {}
        for command, number in planned(name, rounds):
            if commands and command.name not in commands:
                continue
            if command.name not in wholes:
                wholes[command.name] = undisturbed(source, command)
            whole = wholes[command.name]
            try:
                inject(
                    source, command, FAULTS[name], f"{seed}-{name}-{command.name}-{number}", whole
                )
            except (Failure, subprocess.TimeoutExpired) as failure:
                print(f"FAILED {name} on {command.name}, round {number}, --seed {seed}: {failure}")
                return False
            counts[command.name] = counts.get(command.name, 0) + 1
        said = ", ".join(f"{command} {count}" for command, count in counts.items())
        print(f"{name}: {said or 'none'}", flush=True)
    return True


def main() -> int:
    parser = argparse.ArgumentParser(description="Inject faults into runs at random moments.")
    parser.add_argument("--rounds", type=int, default=50, help="kills of every command")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--fault", action="append", choices=list(FAULTS), help="by default all")
    parser.add_argument("--command", action="append", choices=[c.name for c in COMMANDS])
    options = parser.parse_args()
    if not disks.can_mount():
        print("No small disk can be mounted here: a limit on the size of files has to do.")
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        source = Path(folder) / "data"
        code, errors = finish(start(source, SAMPLE, 1))
        expect(code == 0, "the sample set is made", errors)
        faults = options.fault or list(FAULTS)
        kept = run(source, faults, options.command or [], options.rounds, options.seed)
    print(f"{(time.monotonic() - begun) / 60:.1f} minutes")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
