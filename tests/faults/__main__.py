"""Strike runs at random moments: ``python tests/faults --rounds 50``.

After each fault the same command, started again, has to end with the very bytes of an undisturbed
run; the inputs stay as they were, and nothing temporary is left. Exits with 1 at the first
failure, and prints the seed that shows it again.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
COMMANDS = {
    "masks": ("masks", "--json", "train_all.json"),
    "copy-paste": ("copy-paste", "--patch", "Paper", "--num", "150"),
    "oversample": ("oversample", "--patch", "Paper", "--num", "150"),
}
Process = subprocess.Popen[str]


def tree(folder: Path) -> dict[str, str]:
    """SHA-256 of every file, by name."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def start(data: Path, command: tuple[str, ...], workers: int) -> Process:
    arguments = [*command, "--data", str(data), "--workers", str(workers)]
    return subprocess.Popen(
        [sys.executable, "-m", "trashdata", *arguments],
        cwd=data.parent,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finish(process: Process, seconds: float = 120) -> tuple[int, str]:
    _, errors = process.communicate(timeout=seconds)
    return process.returncode, errors


class Failure(Exception):  # noqa: N818
    """A promise that was not kept."""


def expect(kept: bool, promise: str, seen: object = "") -> None:
    if not kept:
        raise Failure(f"{promise}: {seen}")


# --- faults: each leaves the run to be started again -----------------------------------------


def kill(process: Process, _data: Path, _command: tuple[str, ...]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    finish(process)


def kill_the_parent(process: Process, _data: Path, _command: tuple[str, ...]) -> None:
    process.kill()
    finish(process)


def interrupt(process: Process, _data: Path, _command: tuple[str, ...]) -> None:
    struck = time.monotonic()
    process.send_signal(signal.SIGINT)
    code, errors = finish(process)
    expect(code in (0, 130, -signal.SIGINT), "an interrupt ends with 130", (code, errors))
    expect("Traceback" not in errors, "an interrupt shows no traceback", errors)
    expect(time.monotonic() - struck < 10, "an interrupt ends soon", time.monotonic() - struck)


def start_twice(process: Process, data: Path, command: tuple[str, ...]) -> None:
    code, errors = finish(start(data, command, 1))
    first, own = finish(process)
    expect("Traceback" not in errors + own, "the second run is refused", errors + own)
    expect({code, first} <= {0, 2}, "one of two runs ends well", (code, first))
    expect(0 in (code, first), "one of two runs ends well", (errors, own))


def lose_a_photo(process: Process, data: Path, _command: tuple[str, ...]) -> None:
    photo = sorted(data.rglob("batch_*/*.jpg"))[3]
    away = data.parent / "away.jpg"
    photo.rename(away)
    code, errors = finish(process)
    away.rename(photo)
    expect("Traceback" not in errors, "a lost photo gives a sentence", errors)
    expect(code == 0 or photo.name in errors, "a lost photo is named", errors)


FAULTS: tuple[Callable[[Process, Path, tuple[str, ...]], None], ...] = (
    kill,
    kill_the_parent,
    interrupt,
    start_twice,
    lose_a_photo,
)


def strike(
    source: Path, name: str, fault: Callable[..., None], rng: random.Random, whole: float
) -> None:
    """One fault at a random moment of a run, the run again, and the comparison."""
    data = source.parent / "struck"
    shutil.copytree(source, data)
    try:
        command = COMMANDS[name]
        process = start(data, command, rng.choice((1, 2)))
        time.sleep(rng.uniform(0.2, max(0.4, whole)))
        fault(process, data, command)
        time.sleep(0.3)  # orphaned workers notice that their parent is gone
        code, errors = finish(start(data, command, rng.choice((1, 2))))
        expect(code == 0, "the run ends when it is started again", errors)
        expected = tree(source.parent / f"done-{name}")
        found = tree(data)
        differing = sorted(k for k in expected | found if expected.get(k) != found.get(k))
        expect(not differing, "the bytes are those of an undisturbed run", differing[:5])
    finally:
        shutil.rmtree(data)


def undisturbed(source: Path, name: str) -> float:
    """Make the run that the others are compared with; how long it takes, in seconds."""
    done = source.parent / f"done-{name}"
    shutil.copytree(source, done)
    begun = time.monotonic()
    code, errors = finish(start(done, COMMANDS[name], 2))
    expect(code == 0, "an undisturbed run ends well", errors)
    return time.monotonic() - begun


def main() -> int:
    parser = argparse.ArgumentParser(description="Strike runs at random moments.")
    parser.add_argument("--rounds", type=int, default=50, help="of every fault on every command")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "data"
        arguments = ("sample", "--images", "60", "--size", "96")
        code, errors = finish(start(source, arguments, 1))
        expect(code == 0, "the sample set is made", errors)
        for name in COMMANDS:
            whole = undisturbed(source, name)
            for fault in FAULTS:
                for number in range(options.rounds):
                    seed = f"{options.seed}-{name}-{fault.__name__}-{number}"
                    try:
                        strike(source, name, fault, random.Random(seed), whole)
                    except (Failure, subprocess.TimeoutExpired) as failure:
                        print(f"FAILED {seed}: {failure}")
                        return 1
                print(f"{name}, {fault.__name__}: {options.rounds} rounds", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
