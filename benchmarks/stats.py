"""``stats`` on a file of LVIS's proportions, against a typed read by msgspec alone."""

from __future__ import annotations

from pathlib import Path

from benchmarks.generated import generated, memory, read_typed
from benchmarks.harness import Bench, Figure, paired_seconds, ratio
from benchmarks.processes import spend


def measure(bench: Bench) -> list[Figure]:
    """Time of reading and counting, and the peak of the whole command; without the picture."""
    name = f"stats, {bench.photos:,} photos"
    with generated(bench) as path:
        pairs = paired_seconds(lambda: read_typed(path), lambda: _ours(path), bench.repeats(5))
        words = ["stats", "--quiet", "--data", path.parent, "--json", path.name]
        peak = memory(f"{name}, peak", path, lambda: spend(words, bench.scratch).peak_mb)
    return [ratio(name, "typed read", pairs, unit="s", wanted="at least 0.33"), peak]


def _ours(path: Path) -> None:
    from trashdata.coco.read import read_document
    from trashdata.statistics import statistics

    statistics(read_document(path, masks=False))
