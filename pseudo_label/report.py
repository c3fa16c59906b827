"""Report at the end of a run: a table for people, an outcome for programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from trashdata.console import Reporter
from trashdata.outcome import Outcome

from .inputs import Inputs
from .names import output_files, run_name
from .writing.summary import ClassRow, LabelSummary


def label_outcome(inputs: Inputs, summary: LabelSummary, reporter: Reporter) -> Outcome:
    """Show and return what was labelled."""
    path = inputs.folders.data / f"{run_name(inputs.options)}.json"
    title = f"{summary.kept} of {summary.photos} photos labelled in {path}"
    if inputs.options.uses_models:
        header = ("class", "threshold", "predicted px", "kept %", "labelled px", "annotations")
        reporter.table(title, header, [_row(row) for row in summary.classes])
    else:
        rows = [(row.name, row.pixels, row.annotations) for row in summary.classes]
        reporter.table(title, ("class", "labelled px", "annotations"), rows)
    if summary.ignored:
        reporter.note(
            f"{summary.ignored_pixels:,} pixels on {summary.ignored} photos are unsure:"
            " training ignores them."
        )
    return Outcome(
        command="pseudo",
        inputs=_hashes(inputs),
        outputs=_note_outputs(inputs, reporter),
        counts={
            "photos": summary.photos,
            "kept": summary.kept,
            "annotations": sum(row.annotations for row in summary.classes),
            "ignored_pixels": summary.ignored_pixels,
        },
        warnings=reporter.warnings,
        figures={
            "models": [msgspec.to_builtins(origin) for origin in inputs.origins],
            "classes": msgspec.to_builtins(summary.classes),
        },
    )


def evaluation_outcome(inputs: Inputs, report: Mapping[str, Any], reporter: Reporter) -> Outcome:
    """Show and return the quality of the labels that thresholds would keep."""
    title = f"{report['kept_photos']} of {report['photos']} photos of {inputs.document.name}"
    header = ("class", "threshold", "kept %", "precision", "recall", "IoU kept", "IoU all")
    rows = [
        (
            row["class"],
            _threshold(row["threshold"]),
            *(_percent(row[key]) for key in ("kept", "precision", "recall", "iou", "iou_all")),
        )
        for row in (*report["classes"], report["foreground"])
    ]
    reporter.table(title, header, rows)
    return Outcome(
        command="pseudo",
        inputs=_hashes(inputs),
        outputs=_note_outputs(inputs, reporter),
        counts={"photos": report["photos"], "kept": report["kept_photos"]},
        warnings=reporter.warnings,
        figures={key: value for key, value in report.items() if key != "photos"},
    )


def planned_outcome(inputs: Inputs, reporter: Reporter) -> Outcome:
    """Show and return what a run would do."""
    origins = ", ".join(origin.short for origin in inputs.origins)
    files = ", ".join(output_files(inputs.options))
    count = len(inputs.indices)
    reporter.note(
        f"Would label {count} photos of {inputs.document.name} with {origins} and write {files}."
    )
    return Outcome(
        command="pseudo",
        inputs=_hashes(inputs),
        outputs=[],
        counts={"photos": count},
        warnings=reporter.warnings,
        figures={"models": [msgspec.to_builtins(origin) for origin in inputs.origins]},
    )


def _hashes(inputs: Inputs) -> dict[str, str]:
    """SHA-256 of the files that were read, by name."""
    read = {document.name: document.sha256 for document in inputs.documents}
    return read | {origin.name: origin.sha256 for origin in inputs.origins}


def _note_outputs(inputs: Inputs, reporter: Reporter) -> list[str]:
    names = [name.removesuffix("/classes.json") for name in output_files(inputs.options)]
    outputs = [str(inputs.folders.data / name) for name in names]
    for path in outputs:
        reporter.note(f"Written    {path}")
    return outputs


def _row(row: ClassRow) -> tuple[object, ...]:
    share = _percent(_share(row.reached, row.predicted))
    threshold = _threshold(row.threshold)
    return row.name, threshold, row.predicted, share, row.pixels, row.annotations


def _share(part: int | None, whole: int | None) -> float | None:
    return part / whole if part is not None and whole else None


def _percent(share: float | None) -> float | str:
    return "-" if share is None else 100 * share


def _threshold(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
