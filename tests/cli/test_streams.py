"""Output that can't be written, and Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from helpers.processes import environment, start

FULL = Path("/dev/full")


def run(data: Path, command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", f"{sys.executable} -m trashdata {command}"],
        cwd=data.parent,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
@pytest.mark.parametrize(
    "arguments", ["--help", "--version", "stats --data data", "stats --data data --json-summary"]
)
def test_a_full_disk_behind_stdout_is_one_sentence(arguments: str, sample_set: Path) -> None:
    done = run(sample_set, f"{arguments} > /dev/full")
    assert done.returncode == 2
    line = done.stderr.strip().splitlines()[-1]
    assert line.startswith("Error: standard output: expected to be able to write there, found No")
    assert "Traceback" not in done.stderr


def test_a_reader_that_has_gone_is_no_fault(sample_set: Path) -> None:
    done = run(sample_set, "stats --data data --verbose | head -c 1")
    assert len(done.stdout) == 1
    assert done.stderr == ""


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_closed_streams_are_no_fault(closed: str, sample_set: Path) -> None:
    done = run(sample_set, f"stats --data data {closed}")
    assert done.returncode == 0
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("whole_group", [False, True])
def test_interrupts_stop_with_a_sentence(whole_group: bool, sample_set: Path) -> None:
    """At different moments, the start of the workers among them."""
    for tenths in (5, 6, 8, 10):
        process = start("validate", "--data", "data", "--workers", 2, cwd=sample_set.parent)
        time.sleep(tenths / 10)
        if process.poll() is None and whole_group:
            os.killpg(process.pid, signal.SIGINT)
        elif process.poll() is None:
            process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        # Python itself may be ending, and takes the signal as any program does.
        assert process.returncode in (0, 130, -signal.SIGINT), errors
        assert "Traceback" not in errors
