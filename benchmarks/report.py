"""``report`` on a file of LVIS's proportions, up to its photos, against a typed read."""

from __future__ import annotations

from pathlib import Path

from benchmarks.generated import generated, read_typed
from benchmarks.harness import Bench, Figure, paired_seconds, ratio

SHOWN = 100


def measure(bench: Bench) -> list[Figure]:
    """Reading, checking every mask, counting, choosing the photos to show; none is opened."""
    with generated(bench) as path:
        pairs = paired_seconds(lambda: read_typed(path), lambda: _ours(path), bench.repeats(3))
    name = f"report, reading {bench.photos:,} photos"
    return [ratio(name, "typed read", pairs, unit="s", note="every mask is checked as well")]


def _ours(path: Path) -> None:
    from trashdata.console import Reporter
    from trashdata.report.run import prepare

    prepare([path], [path.name], run=None, num=SHOWN, seed=42, reporter=Reporter())
