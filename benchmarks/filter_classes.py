"""``filter`` on a file of LVIS's proportions, against a read and a write by msgspec."""

from __future__ import annotations

from pathlib import Path

from benchmarks.generated import copy_typed, generated, memory
from benchmarks.harness import Bench, Figure, paired_seconds, ratio
from benchmarks.processes import spend
from trashdata.filter import FilterOptions, filter_classes

OUT = "filtered"


def measure(bench: Bench) -> list[Figure]:
    """Time of the function, and the peak of the whole command; one class of 80 goes."""
    name = f"filter, {bench.photos:,} photos"
    with generated(bench) as path:
        pairs = paired_seconds(
            lambda: copy_typed(path, path.with_suffix(".copy")),
            lambda: _ours(path),
            bench.repeats(3),
        )
        words = ["filter", "--json", path.name, "--out", OUT, "--drop", "class 3", "--overwrite"]
        words += ["--quiet", "--data", str(path.parent)]
        peak = memory(f"{name}, peak", path, lambda: spend(words, bench.scratch).peak_mb)
    return [ratio(name, "msgspec read and write", pairs, unit="s", wanted="at least 0.25"), peak]


def _ours(path: Path) -> None:
    options = FilterOptions(OUT, path.name, drop=("class 3",))
    filter_classes(path.parent, options, overwrite=True)
