"""Report of a confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from trashdata.console import Reporter
from trashdata.inference.confusion import Matrix, Scores


def show(
    title: str, names: Sequence[str], matrix: Matrix, found: Scores, reporter: Reporter
) -> None:
    """Show a table of the classes, and the means."""
    hits, true, predicted = matrix.diagonal(), matrix.sum(axis=1), matrix.sum(axis=0)
    rows = [
        (
            name,
            _percent(found.iou[name]),
            _percent(hits[k] / true[k] if true[k] else None),
            _percent(hits[k] / predicted[k] if predicted[k] else None),
            int(true[k]),
        )
        for k, name in enumerate(names)
    ]
    present = [name for name, iou in found.iou.items() if iou is not None]
    header = ("class", "IoU %", "recall %", "precision %", "true pixels")
    reporter.table(title, header, rows)
    reporter.note(f"mIoU       {found.miou:.4f}, over {len(present)} classes")
    reporter.note(f"Foreground {found.miou_foreground:.4f}")
    reporter.note(f"Accuracy   {found.pixel_accuracy:.4f} of the pixels")
    reporter.note(f"Weighted   {found.frequency_weighted_iou:.4f} IoU by frequency")


def _percent(share: Any) -> object:
    return "–" if share is None else round(100 * float(share), 1)
