"""``python -m benchmarks.page [--check]``: the tables of docs/benchmarks.md, from the JSON.

The ratios of ``baseline.json`` and ``peers.json`` go between the markers of the page; all else
in it stays.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.inputs import ROOT

HERE = Path(__file__).parent
PAGE = ROOT / "docs" / "benchmarks.md"
SOURCES = {"figures": HERE / "baseline.json", "peers": HERE / "peers.json"}


def filled(page: str, runs: dict[str, dict[str, Any]]) -> str:
    """The page with the table of each run between its markers."""
    for name, run in runs.items():
        start, end = f"<!-- {name}: made by benchmarks/page.py -->", f"<!-- end of {name} -->"
        if page.count(start) != 1 or page.count(end) != 1:
            raise ValueError(f"the page needs the markers {start} and {end}, each once")
        before, rest = page.split(start)
        _, after = rest.split(end)
        page = f"{before}{start}\n\n{section(run)}\n\n{end}{after}"
    return page


def section(run: dict[str, Any]) -> str:
    """What was measured on what, as Markdown."""
    machine = run["machine"]
    load = f"load {run['load']} when it began"
    head = (
        f"Input: {run['source']}. Commit {run['commit']}. {machine['cpu']}, {machine['cores']}"
        f" cores, {load}; Python {run['versions']['python']}."
    )
    return f"{head}\n\n{_table(run['figures'])}"


def _table(figures: Sequence[dict[str, Any]]) -> str:
    lines = ["| figure | against | result | of single pairs | wanted |", "|---|---|---|---|---|"]
    for figure in figures:
        unit = figure["result_unit"]
        shown = f"{figure['ours']:,.2f} {figure['unit']}"
        if figure["result"] is not None:
            shown = f"{figure['result']:,.2f}{unit if unit in ('x', '') else f' {unit}'}"
        spread = "–".join(f"{end:.2f}" for end in figure["spread"] or ())
        cells = (figure["name"], figure["against"], shown, spread, figure["wanted"])
        lines.append(f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |")
    notes = [f"- {figure['name']}: {figure['note']}." for figure in figures if figure["note"]]
    return "\n".join([*lines, *(["", *notes] if notes else [])])


def main() -> int:
    """Write the page; with --check only say whether it would change."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 if it is old")
    check = parser.parse_args().check
    runs = {name: json.loads(path.read_bytes()) for name, path in SOURCES.items() if path.is_file()}
    page = PAGE.read_text(encoding="utf-8")
    new = filled(page, runs)
    if check:
        return int(new != page)
    PAGE.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
