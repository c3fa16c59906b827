"""The table on the terminal, and the JSON."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.harness import Figure
from benchmarks.inputs import ROOT
from trashdata.options.command import cores

LIBRARIES = (
    "numpy",
    "opencv-python-headless",
    "pillow",
    "pycocotools",
    "msgspec",
    "typer",
    "scikit-image",
    "shapely",
)
HEADER = ("figure", "against", "other", "ours", "unit", "result", "spread", "wanted")
LEFT = ("figure", "against", "unit", "wanted")


@dataclass(frozen=True)
class About:
    """What was measured, as it was when the measuring began."""

    source: str
    quick: bool
    commit: str
    code: str
    load: float

    @classmethod
    def now(cls, source: str, *, quick: bool) -> About:
        """``source``: the input in words."""
        return cls(source, quick, _commit(), _code(), round(os.getloadavg()[0], 2))

    def changed(self) -> bool:
        """Whether somebody has edited the code meanwhile."""
        return _code() != self.code


def table(figures: Sequence[Figure], about: About) -> str:
    """The figures as plain text, notes below."""
    rows = [HEADER, *(_cells(figure) for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADER))]
    lines = ["  ".join(_aligned(row, widths)).rstrip() for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    notes = [f"{figure.name}: {figure.note}" for figure in figures if figure.note]
    load = f"load {about.load} at the start, {os.getloadavg()[0]:.2f} at the end"
    head = [
        f"Input: {about.source}. Commit {about.commit}.",
        f"Machine: {_cpu()}, {cores()} cores, {load}.",
    ]
    if about.quick:
        head.append("--quick: these figures show that the benchmarks work, and nothing else.")
    if about.changed():
        head.append("The code was changed during the run: measure again.")
    return "\n".join([*head, "", *lines, "", *notes])


def _cells(figure: Figure) -> tuple[str, ...]:
    shown = "" if figure.result is None else f"{figure.result:.2f} {figure.result_unit}"
    spread = "" if figure.spread is None else "–".join(f"{end:.2f}" for end in figure.spread)
    values = (_number(figure.other), _number(figure.ours))
    return (figure.name, figure.against, *values, figure.unit, shown, spread, figure.wanted)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"


def _aligned(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [
        cell.ljust(width) if name in LEFT else cell.rjust(width)
        for name, cell, width in zip(HEADER, row, widths, strict=True)
    ]


def write_json(path: Path, figures: Sequence[Figure], about: About) -> None:
    """Write the figures, each pair included, with what they were measured on."""
    content = {
        **asdict(about),
        "code_changed_meanwhile": about.changed(),
        "machine": machine(),
        "versions": versions(),
        "figures": [asdict(figure) for figure in figures],
    }
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def machine() -> dict[str, Any]:
    """What may explain a figure; no name of a host, no path."""
    return {
        "cpu": _cpu(),
        "cores": cores(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown CPU"


def versions() -> dict[str, str]:
    """Python and the libraries that the figures depend on."""
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def _commit() -> str:
    """The commit, ``+`` after it if the tree differs from it."""
    described = _git("rev-parse", "--short=12", "HEAD")
    changed = _git("status", "--porcelain", "--untracked-files=no")
    return f"{described or 'unknown'}{'+' if changed else ''}"


def _code() -> str:
    """A digest of the code that is measured."""
    digest = hashlib.sha256()
    for package in ("trashdata", "copy_paste", "splitting"):
        for path in sorted((ROOT / package).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
