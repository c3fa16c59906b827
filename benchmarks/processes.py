"""Commands in processes of their own: what they take in time and in memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.inputs import ROOT

# Starts the command from a small process: what a child is charged with at its peak includes
# what its parent held when it was started.
LAUNCHER = """
import json, resource, subprocess, sys, time
start = time.perf_counter()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
taken = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps([taken, peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)]))
"""


@dataclass(frozen=True)
class Spent:
    """Wall time in seconds and peak resident memory in MB (2^20 bytes), of the largest process."""

    seconds: float
    peak_mb: float


def environment() -> dict[str, str]:
    """That ``python -m trashdata`` is this working tree from wherever it is started."""
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def spend(words: Sequence[str | Path], folder: Path) -> Spent:
    """Run ``python -m trashdata`` with these words in a folder."""
    command = [sys.executable, "-m", "trashdata", *map(str, words)]
    done = subprocess.run(
        [sys.executable, "-c", LAUNCHER, *command],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
        cwd=folder,
    )
    return Spent(*json.loads(done.stdout))
