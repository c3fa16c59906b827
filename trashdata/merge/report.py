"""Report at the end of merge."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from trashdata.console import Reporter
from trashdata.merge.documents import Merged
from trashdata.outcome import Outcome

# Up to so many files have their own column in the table.
_COLUMNS = 4


def show(merged: Merged, path: Path, reporter: Reporter, *, written: bool) -> None:
    """Show a table of the classes, and the number of duplicate photos."""
    labels = [part.label for part in merged.parts]
    few = len(labels) <= _COLUMNS
    rows = [
        (name, *(before if few else [sum(before)]), after)
        for name, before, after in merged.class_counts()
    ]
    header = ("class", *(labels if few else [f"{len(labels)} files"]), "merged")
    title = f"{merged.image_count:,} photos and {merged.annotation_count:,} annotations"
    reporter.table(f"{title} in {path}" if written else title, header, rows)
    shared = len(merged.shared.holders)
    if shared:
        reporter.note(f"{shared:,} photos are in several files and count once.")
    if not written:
        reporter.note(f"Would write {path}.")


def outcome_of(
    merged: Merged, labels: Sequence[str], outputs: Sequence[str], reporter: Reporter
) -> Outcome:
    """The outcome, with the classes before and after."""
    documents = [part.document for part in merged.parts]
    return Outcome(
        command="merge",
        inputs={label: d.sha256 for label, d in zip(labels, documents, strict=True)},
        outputs=outputs,
        counts={
            "files": len(documents),
            "photos": merged.image_count,
            "photos_in_several_files": len(merged.shared.holders),
            "annotations": merged.annotation_count,
            "classes": len(merged.categories.records) - len(merged.categories.ignore_ids),
        },
        warnings=reporter.warnings,
        figures={
            "classes": [
                {"class": name, "before": before, "after": after}
                for name, before, after in merged.class_counts()
            ]
        },
    )
