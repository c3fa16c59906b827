"""A long run of small photos: the last thousand may take no longer than the first."""

from __future__ import annotations

import shutil
from pathlib import Path

from benchmarks.harness import Bench, Figure
from benchmarks.processes import Spent, spend
from trashdata.sample import SampleOptions, sample

SIDE = 64
SOURCES = 200


def measure(bench: Bench) -> list[Figure]:
    """Copy-Paste in one process; how fast the photos came is read off the times of their files."""
    count = max(2000, bench.photos)
    few = count // 20
    with bench.folder("many") as data:
        sample(data, SampleOptions(images=SOURCES, size=SIDE))
        short = _run(data, "few", few)
        shutil.rmtree(data / "few")
        long = _run(data, "many", count)
        times = _finished(data / "many" / "images")
    part = min(1000, count // 2)
    first, last = times[part] - times[0], times[-1] - times[-1 - part]
    name = f"copy-paste, {count:,} photos of {SIDE}x{SIDE}"
    return [
        Figure(
            f"{name}, last {part:,}",
            f"first {part:,}",
            first,
            last,
            "s",
            wanted="about 1",
            result=last / first,
            result_unit="x",
            better="less",
        ),
        Figure(
            f"{name}, peak",
            f"{few:,} photos",
            short.peak_mb,
            long.peak_mb,
            "MB",
            wanted="flat",
            result=(long.peak_mb - short.peak_mb) / (count - few) * 1000,
            result_unit="MB more a 1,000 photos",
            note=f"{count / long.seconds:,.0f} photos a second with planning and JSON, one process",
        ),
    ]


def _run(data: Path, out: str, num: int) -> Spent:
    words = ["copy-paste", "--data", str(data), "--out", out, "--num", str(num), "--quiet"]
    words += ["--patch", "Paper", "--min-area", "20", "--mode", "self", "--workers", "1"]
    return spend(words, data)


def _finished(folder: Path) -> list[float]:
    """When each photo was written, in seconds."""
    return sorted(path.stat().st_mtime_ns / 1e9 for path in folder.iterdir())
