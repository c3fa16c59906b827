"""Long runs of ``trashdata copy-paste`` in a process of their own: two workers, and memory."""

from __future__ import annotations

import shutil
import statistics

from benchmarks.harness import Bench, Figure, Pair, ratio
from benchmarks.processes import Spent, spend

MANY, FEW = 10_000, 1000


def measure(bench: Bench) -> list[Figure]:
    """One worker against two, on all cores; peak memory of the long runs against short ones."""
    few, many = (20, 100) if bench.quick else (FEW, MANY)
    short = [_copy_paste(bench, few, 1) for _ in range(bench.repeats(2))]
    long: list[Spent] = []

    # No third run of one worker, as `take_pairs` would make: it takes too long.
    pairs: list[Pair] = []
    for _ in range(bench.repeats(3)):
        long.append(_copy_paste(bench, many, 1))
        pairs.append((long[-1].seconds, _copy_paste(bench, many, 2).seconds))
    name = f"copy-paste, {many:,} photos, --workers 2"
    workers = ratio(name, "--workers 1", tuple(pairs), unit="s", wanted="at least 1.85")
    return [workers, _memory(f"copy-paste, {many:,} photos, peak", f"{few:,} photos", short, long)]


def _memory(name: str, against: str, short: list[Spent], long: list[Spent]) -> Figure:
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


def _copy_paste(bench: Bench, num: int, workers: int) -> Spent:
    """Run the command with default options; what it wrote is deleted."""
    out = "cli"
    words = ["copy-paste", "--data", bench.data, "--num", str(num), "--workers", str(workers)]
    spent = spend([*words, "--out", out, "--quiet"], bench.scratch)
    shutil.rmtree(bench.data / out)
    (bench.data / f"{out}.json").unlink()
    return spent
