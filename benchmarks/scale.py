"""``python -m benchmarks.scale [--cores N] [--write]``: what large sets take, from measured rates.

The tables of docs/scale.md. Nothing here is measured: `benchmarks.rates` does that.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.inputs import ROOT
from benchmarks.rates import RATES

PAGE = ROOT / "docs" / "scale.md"
START, END = "<!-- made by benchmarks/scale.py -->", "<!-- end of what benchmarks/scale.py made -->"
CORES = 64
# Of the time of one core that a second one adds; the rest waits for the disk and for the parent.
EFFICIENCY = 0.9
# A run of more photos would have every process hold too many labels; see the page.
PART = 200_000
COMMANDS = ("validate", "masks", "copy-paste")


@dataclass(frozen=True)
class LargeSet:
    """A set, and as many new photos; ``kind``: of the rates."""

    name: str
    photos: int
    kind: str


SETS = (
    LargeSet("20,000 photos of 12 megapixels", 20_000, "12mp"),
    LargeSet("10,000,000 photos of 512x512", 10_000_000, "512"),
)


@dataclass(frozen=True)
class Estimate:
    """For one set: core-hours by command, terabytes (10^12) of disk by what fills it, GB (2^30)
    of memory of each process in one run over all photos, and in runs over parts of the set;
    bytes that copy-paste reads and writes, two photos read for each new one."""

    core_hours: dict[str, float]
    disk_tb: dict[str, float]
    process_gb: float
    part_gb: float
    parts: int
    paste_bytes: float = 0.0

    def megabytes_a_second(self, cores: int) -> float:
        """What copy-paste reads and writes on so many cores, in 10^6 bytes a second."""
        return self.paste_bytes / 1e6 / (3600 * self.hours("copy-paste", cores))

    def hours(self, command: str, cores: int) -> float:
        """Wall time of a command on so many cores."""
        return self.core_hours[command] / (cores * EFFICIENCY)


def estimate(large: LargeSet, rates: dict[str, Any]) -> Estimate:
    """What a set takes, from the rates of its kind of photos.

    Examples
    --------
    >>> kind = {"seconds": {"validate": 0.1, "masks": 0.2, "copy-paste": 3.6}, "photo_bytes": 1e6,
    ...     "new_photo_bytes": 2e6, "mask_bytes": 1e4, "json_bytes": 1e3, "json_bytes_new": 1e3,
    ...     "process_mb": 200}
    >>> rates = {"kinds": {"512": kind}, "slope": {"bytes_a_photo": 2**20}}
    >>> done = estimate(LargeSet("a thousand", 1000, "512"), rates)
    >>> done.core_hours["copy-paste"], round(done.process_gb, 2), round(done.hours("masks", 4), 4)
    (1.0, 1.17, 0.0154)
    """
    kind = rates["kinds"][large.kind]
    hours = {name: kind["seconds"][name] * large.photos / 3600 for name in COMMANDS}
    disk = {
        "the photos": kind["photo_bytes"],
        "new photos, as many": kind["new_photo_bytes"],
        "label masks of both": 2 * kind["mask_bytes"],
        "JSON of both": kind["json_bytes"] + kind["json_bytes_new"],
    }
    parts = -(-large.photos // PART)

    def memory(photos: float) -> float:
        held = photos * rates["slope"]["bytes_a_photo"]
        return float((kind["process_mb"] * 2**20 + held) / 2**30)

    return Estimate(
        hours,
        {name: size * large.photos / 1e12 for name, size in disk.items()},
        memory(large.photos),
        memory(large.photos / parts),
        parts,
        large.photos * (2 * kind["photo_bytes"] + kind["new_photo_bytes"] + kind["mask_bytes"]),
    )


def section(rates: dict[str, Any], cores: int = CORES) -> str:
    """The tables as Markdown."""
    done = [estimate(large, rates) for large in SETS]
    parts = [_measured(rates), _table(done, cores)]
    return "\n\n".join(parts)


def _measured(rates: dict[str, Any]) -> str:
    machine = rates["machine"]
    lines = [
        f"Measured on {machine['cores']} cores of {machine['cpu']}, load {rates['load']} at the"
        f" start and {rates['load_at_the_end']} at the end; commit {rates['commit']}. Times are"
        " those of the processor, on one core.",
        "",
        "| a photo of | validate | masks | copy-paste | JPEG read | JPEG written | PNG | JSON |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, kind in rates["kinds"].items():
        times = [f"{1000 * kind['seconds'][command]:,.1f} ms" for command in COMMANDS]
        keys = ("photo_bytes", "new_photo_bytes", "mask_bytes", "json_bytes")
        sizes = [f"{kind[key] / 1000:,.1f} kB" for key in keys]
        shown = {"512": "512x512", "12mp": "4032x3024"}[name]
        lines.append(f"| {' | '.join([shown, *times, *sizes])} |")
    slope = rates["slope"]
    lines += [
        "",
        f"Each process of `copy-paste` holds {slope['bytes_a_photo'] / 1000:,.1f} kB a photo of the"
        f" input, {slope['times_json']:.1f} times its JSON, beside what it starts with.",
    ]
    return "\n".join(lines)


def _table(done: Sequence[Estimate], cores: int) -> str:
    lines = [f"| | {' | '.join(large.name for large in SETS)} |", "|---|---|---|"]

    def row(name: str, cells: Sequence[str]) -> None:
        lines.append(f"| {name} | {' | '.join(cells)} |")

    for command in COMMANDS:
        row(f"{command}, core-hours", [_number(one.core_hours[command]) for one in done])
        row(
            f"{command}, hours on {cores} cores",
            [_number(one.hours(command, cores)) for one in done],
        )
    speeds = [f"{_number(one.megabytes_a_second(cores))} MB/s" for one in done]
    row(f"copy-paste, disk on {cores} cores", speeds)
    for name in done[0].disk_tb:
        row(f"disk: {name}", [f"{_number(one.disk_tb[name])} TB" for one in done])
    row("memory a process, in one run", [f"{_number(one.process_gb)} GB" for one in done])
    row(f"runs, of at most {PART:,} photos", [f"{one.parts:,}" for one in done])
    row("memory a process, in such runs", [f"{_number(one.part_gb)} GB" for one in done])
    row(
        f"memory of {cores} workers and their driver",
        [f"{_number((cores + 1) * one.part_gb)} GB" for one in done],
    )
    return "\n".join(lines)


def _number(value: float) -> str:
    """Two significant digits.

    >>> _number(0.01234), _number(3.456), _number(1234.5)
    ('0.012', '3.5', '1,200')
    """
    if value >= 10:
        digits = len(str(int(value))) - 2
        return f"{round(value, -digits):,.0f}"
    return f"{float(f'{value:.2g}'):g}"


def main() -> int:
    """Print the tables, or put them into the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--rates", type=Path, default=RATES, metavar="FILE.json")
    parser.add_argument("--cores", type=int, default=CORES)
    parser.add_argument("--write", action="store_true", help=f"into {PAGE.relative_to(ROOT)}")
    arguments = parser.parse_args()
    made = section(json.loads(arguments.rates.read_bytes()), arguments.cores)
    if not arguments.write:
        print(made)
        return 0
    before, rest = PAGE.read_text(encoding="utf-8").split(START)
    after = rest.split(END)[1]
    PAGE.write_text(f"{before}{START}\n\n{made}\n\n{END}{after}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
