"""Report at the end of filter."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from trashdata.console import Reporter
from trashdata.filter.document import Filtered
from trashdata.outcome import Outcome


def show(filtered: Filtered, path: Path, reporter: Reporter, *, written: bool) -> None:
    """Show the classes and their objects, before and after if any was renamed."""
    photos, annotations = int(filtered.images.sum()), int(filtered.kept.sum())
    title = f"{photos:,} photos and {annotations:,} annotations"
    title += f" in {path}" if written else ""
    fates = filtered.fates()
    if any(new not in (name, None) for name, new, _, _ in fates):
        rows = [(name, new or "-", before, left) for name, new, before, left in fates]
        reporter.table("Classes before and after", ("class", "becomes", "objects", "left"), rows)
        kept = set(filtered.targets.values())
        new_rows = [(name, after) for name, _, after in filtered.class_counts() if name in kept]
        reporter.table(title, ("class", "objects"), new_rows)
    else:
        reporter.table(title, ("class", "before", "after"), filtered.class_counts())
    lost = len(filtered.images) - photos
    if lost:
        reporter.note(f"{lost:,} photos without objects are omitted.")
    if not written:
        reporter.note(f"Would write {path}.")


def outcome_of(filtered: Filtered, outputs: Sequence[str], reporter: Reporter) -> Outcome:
    """The outcome, with the classes before and after."""
    document = filtered.document
    return Outcome(
        command="filter",
        inputs={document.name: document.sha256},
        outputs=outputs,
        counts={
            "photos": int(filtered.images.sum()),
            "photos_left_out": int((~filtered.images).sum()),
            "annotations": int(filtered.kept.sum()),
            "annotations_left_out": int((~filtered.kept).sum()),
            "classes": len(set(filtered.new_ids.values())),
        },
        warnings=reporter.warnings,
        figures={
            "classes": [
                {"class": name, "before": before, "after": after}
                for name, before, after in filtered.class_counts()
            ],
            "map": [
                {"from": name, "to": new, "before": before, "after": left}
                for name, new, before, left in filtered.fates()
            ],
        },
    )
