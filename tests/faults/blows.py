"""Faults from outside. Each starts a run, injects a fault, and leaves it to be started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from .processes import finish, workers_of
from .promises import expect, expect_sentence
from .run_under_fault import RunUnderFault

INTERRUPT_SECONDS = 2.0
PYTHON_STARTS_IN = 0.1
CLOCK = Path(__file__).parent / "clock"


def kill(target: RunUnderFault) -> None:
    """SIGKILL to the whole group, as a machine that goes down, or to the parent alone."""
    process = target.start()
    target.wait(process)
    if target.rng.random() < 0.7:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    finish(process)


def interrupt(target: RunUnderFault) -> None:
    """SIGINT to the whole group, as Ctrl-C, or to the parent alone."""
    process = target.start()
    target.wait(process)
    slow = slowness()
    if process.poll() is not None:
        finish(process)
        return
    begun = time.monotonic()
    if target.rng.random() < 0.5:
        os.killpg(process.pid, signal.SIGINT)
    else:
        process.send_signal(signal.SIGINT)
    code, errors = finish(process)
    seconds = time.monotonic() - begun
    if "Traceback" in errors and "/trashdata/" not in errors:
        return  # Python itself was still starting
    expect("Traceback" not in errors, "an interrupt shows no traceback", errors)
    # Python's own handler acts when Python is already ending.
    expect(code in (0, 130, -signal.SIGINT), "an interrupt ends with 130", (code, errors))
    if code == 130:
        expect("start the same command again" in errors, "it says how to go on", errors)
    limit = INTERRUPT_SECONDS * max(slow, slowness())
    expect(seconds < limit, f"an interrupt ends within {limit:.1f} s", seconds)


def slowness() -> float:
    """How much longer than on an idle machine Python takes to start just now, at least 1."""
    begun = time.monotonic()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return max(1.0, (time.monotonic() - begun) / PYTHON_STARTS_IN)


def kill_a_worker(target: RunUnderFault) -> None:
    """SIGKILL to workers, as the kernel does when memory is short; up to four times."""
    process = target.start(2)
    for _ in range(target.rng.randint(1, 4)):
        while process.poll() is None and not workers_of(process):
            time.sleep(0.01)
        time.sleep(target.rng.uniform(0, 0.3))
        workers = workers_of(process)
        if workers:
            with suppress(ProcessLookupError):
                os.kill(target.rng.choice(workers), signal.SIGKILL)
    expect_sentence(*finish(process))


def start_twice(target: RunUnderFault) -> None:
    """A second run into the folder of one that goes on."""
    process = target.start()
    target.wait(process)
    second = finish(target.start(1))
    first = finish(process)
    for code, errors in (first, second):
        expect_sentence(code, errors)
    expect(0 in (first[0], second[0]), "one of two runs ends well", (first, second))


def lose_a_photo(target: RunUnderFault) -> None:
    """A photo vanishes, and is back for the second run."""
    photo = target.photo()
    process = target.start()
    target.wait(process)
    away = target.data.parent / "away.jpg"
    photo.rename(away)
    code, errors = finish(process)
    away.rename(photo)
    expect_sentence(code, errors)
    expect(code == 0 or photo.name in errors, "a lost photo is named", errors)


def replace_a_photo(target: RunUnderFault) -> None:
    """Another photo of the same size takes a photo's place; the old one is back afterwards."""
    photo, other = target.photo(), target.photo()
    process = target.start()
    target.wait(process)
    content, status = photo.read_bytes(), photo.stat()
    new = target.data.parent / "new.jpg"
    # Not equal to the other one either, which would make the two near-duplicates.
    new.write_bytes(other.read_bytes() + b"\0")
    new.replace(photo)
    code, errors = finish(process)
    photo.write_bytes(content)
    os.utime(photo, ns=(status.st_atime_ns, status.st_mtime_ns))
    expect_sentence(code, errors)
    expect(code == 0 or photo.name in errors, "a replaced photo is named", errors)
    _leave_a_run_of_the_old_photos(target, photo.name)


def _leave_a_run_of_the_old_photos(target: RunUnderFault, name: str) -> None:
    """The run may have taken the new photo for the only one there was; then it says so now."""
    code, errors = finish(target.start())
    expect_sentence(code, errors)
    expect(code == 0 or name in errors, "a photo that is another one is named", errors)
    if code == 2:
        code, errors = finish(target.start(None, "--overwrite"))
        expect(code == 0, "--overwrite makes it anew", errors)


def turn_back_the_clock(target: RunUnderFault) -> None:
    """The run is killed, and goes on under a clock that runs backwards, before its files' times."""
    process = target.start(first_on_path=CLOCK)
    target.wait(process)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    finish(process)
    later = time.time() + 86_400
    for path in target.data.rglob("*"):
        os.utime(path, (later, later))
    again = target.command.again
    code, errors = finish(target.start(None, *again, first_on_path=CLOCK))
    expect(code == 0, "a run goes on whatever the clock says", errors)
