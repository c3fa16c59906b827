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
    from trashdata.paths import DataFolders
    from trashdata.report.inputs import read_inputs
    from trashdata.report.options import ReportOptions
    from trashdata.statistics import compare, statistics

    options = ReportOptions(path.name, num=SHOWN)
    inputs = read_inputs(DataFolders.of(path.parent), options, Reporter())
    compare(*map(statistics, inputs.documents), labels=inputs.labels)
