"""Long runs of ``trashdata copy-paste`` in a process of their own: two workers, and memory."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
from dataclasses import dataclass

from benchmarks.harness import Bench, Figure, Pair, ratio
from benchmarks.inputs import ROOT

MANY, FEW = 5000, 500

# Starts the command from a small process: what a child is charged with at its peak includes
# what its parent held when it was started.
LAUNCHER = """
import json, resource, subprocess, sys, time
start = time.perf_counter()
subprocess.run(sys.argv[1:], check=True)
taken = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps([taken, peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)]))
"""


@dataclass(frozen=True)
class _Spent:
    """Wall time in seconds and peak resident memory in MB, of the largest process."""

    seconds: float
    peak_mb: float


def environment() -> dict[str, str]:
    """That ``python -m trashdata`` is this working tree from wherever it is started."""
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def measure(bench: Bench) -> list[Figure]:
    """One worker against two, on all cores; peak memory of the long runs against short ones."""
    few, many = (20, 100) if bench.quick else (FEW, MANY)
    short = [_copy_paste(bench, few, 1) for _ in range(bench.repeats(2))]
    long: list[_Spent] = []

    # No third run of one worker, as `take_pairs` would make: it takes too long.
    pairs: list[Pair] = []
    for _ in range(bench.repeats(2)):
        long.append(_copy_paste(bench, many, 1))
        pairs.append((long[-1].seconds, _copy_paste(bench, many, 2).seconds))
    name = f"copy-paste, {many:,} photos, --workers 2"
    workers = ratio(name, "--workers 1", tuple(pairs), unit="s", wanted="at least 1.8")
    return [workers, _memory(f"copy-paste, {many:,} photos, peak", f"{few:,} photos", short, long)]


def _memory(name: str, against: str, short: list[_Spent], long: list[_Spent]) -> Figure:
    low = statistics.median(run.peak_mb for run in short)
    high = statistics.median(run.peak_mb for run in long)
    return Figure(
        name,
        against,
        other=low,
        ours=high,
        unit="MB",
        wanted="at most 100 MB more",
        result=high - low,
        result_unit="MB",
    )


def _copy_paste(bench: Bench, num: int, workers: int) -> _Spent:
    """Run the command with default options; what it wrote is deleted."""
    out = "cli"
    command = [sys.executable, "-m", "trashdata", "copy-paste", "--data", str(bench.data)]
    command += ["--num", str(num), "--workers", str(workers), "--out", out, "--quiet"]
    done = subprocess.run(
        [sys.executable, "-c", LAUNCHER, *command],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
        cwd=bench.scratch,
    )
    shutil.rmtree(bench.data / out)
    (bench.data / f"{out}.json").unlink()
    return _Spent(*json.loads(done.stdout))
