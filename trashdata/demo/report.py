"""Report at the end of the demo."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trashdata.console import Reporter
from trashdata.demo.steps import RARE


def show(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    seconds: int,
    report: Path,
    reporter: Reporter,
) -> None:
    """Show a table of the scores without and with pasted objects, and the path of the report."""
    # The rare class comes first.
    names = sorted(before["iou"], key=lambda name: name != RARE)
    rows = [(name, _percent(before["iou"][name]), _percent(after["iou"][name])) for name in names]
    rows.append(("mean", _percent(before["miou"]), _percent(after["miou"])))
    title = "IoU % without, with Copy-Paste"
    reporter.table(title, ("class", "before", "after"), rows)
    reporter.note(f"{seconds // 60} min {seconds % 60} s. Look at {report}")


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"
