"""``merge`` of two files, LVIS in its proportions together, against a read and a write."""

from __future__ import annotations

from pathlib import Path

from benchmarks.generated import CLASSES, OBJECTS, copy_typed, memory, write_generated
from benchmarks.harness import Bench, Figure, paired_seconds, ratio
from benchmarks.processes import spend
from trashdata.merge import MergeOptions, merge

OUT = "merged"


def measure(bench: Bench) -> list[Figure]:
    """Time of the function, and the peak of the whole command against the sum of the files."""
    name = f"merge, {bench.photos:,} photos"
    with bench.folder("halves") as folder:
        halves = [folder / "one.json", folder / "two.json"]
        half = bench.photos // 2
        write_generated(halves[0], half)
        write_generated(halves[1], half, first=half * OBJECTS + CLASSES)
        pairs = paired_seconds(
            lambda: _floor(halves), lambda: _ours(folder, halves), bench.repeats(3)
        )
        words = ["merge", *(half.name for half in halves), "--out", OUT, "--overwrite"]
        words += ["--quiet", "--data", str(folder)]
        peak = memory(
            f"{name}, peak", folder / f"{OUT}.json", lambda: spend(words, bench.scratch).peak_mb
        )
    return [ratio(name, "msgspec read and write", pairs, unit="s", wanted="at least 0.25"), peak]


def _floor(halves: list[Path]) -> None:
    for half in halves:
        copy_typed(half, half.with_suffix(".copy"))


def _ours(folder: Path, halves: list[Path]) -> None:
    options = MergeOptions(tuple(half.name for half in halves), OUT)
    merge(folder, options, overwrite=True)
