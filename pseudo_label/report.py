"""What a run says at its end: a table for people, an outcome for programs."""

from __future__ import annotations

from typing import Any

import msgspec

from trashdata.outcome import Outcome

from .inputs import Job
from .writing.summary import ClassRow, Summary


def label_outcome(job: Job, summary: Summary) -> Outcome:
    """Show what was labelled."""
    title = (
        f"{summary.kept} of {summary.photos} photos labelled in {job.places.data / job.name}.json"
    )
    if job.options.uses_models:
        header = ("class", "threshold", "predicted px", "kept %", "labelled px", "annotations")
        job.reporter.table(title, header, [_row(row) for row in summary.classes])
    else:
        rows = [(row.name, row.pixels, row.annotations) for row in summary.classes]
        job.reporter.table(title, ("class", "labelled px", "annotations"), rows)
    if summary.ignored:
        job.reporter.note(
            f"{summary.ignored_pixels:,} pixels on {summary.ignored} photos are unsure:"
            " training ignores them."
        )
    outputs = _named_outputs(job)
    return Outcome(
        command="pseudo",
        inputs=_inputs(job),
        outputs=outputs,
        counts={
            "photos": summary.photos,
            "kept": summary.kept,
            "annotations": sum(row.annotations for row in summary.classes),
            "ignored_pixels": summary.ignored_pixels,
        },
        warnings=job.reporter.warnings,
        figures={
            "models": [msgspec.to_builtins(origin) for origin in job.origins],
            "classes": msgspec.to_builtins(summary.classes),
        },
    )


def report_outcome(job: Job, report: dict[str, Any]) -> Outcome:
    """Show what thresholds would keep."""
    title = f"{report['kept_photos']} of {report['photos']} photos of {job.document.name}"
    header = ("class", "threshold", "kept %", "precision", "recall", "IoU kept", "IoU all")
    rows = [
        (
            row["class"],
            _threshold(row["threshold"]),
            *(_percent(row[key]) for key in ("kept", "precision", "recall", "iou", "iou_all")),
        )
        for row in (*report["classes"], report["foreground"])
    ]
    job.reporter.table(title, header, rows)
    outputs = _named_outputs(job)
    return Outcome(
        command="pseudo",
        inputs=_inputs(job),
        outputs=outputs,
        counts={"photos": report["photos"], "kept": report["kept_photos"]},
        warnings=job.reporter.warnings,
        figures={key: value for key, value in report.items() if key not in ("photos",)},
    )


def planned_outcome(job: Job) -> Outcome:
    """Say what would be done."""
    origins = ", ".join(origin.short for origin in job.origins)
    job.reporter.note(
        f"Would label {len(job.images)} photos of {job.document.name} with {origins} and write "
        + ", ".join(job.output_files())
        + "."
    )
    return Outcome(
        command="pseudo",
        inputs=_inputs(job),
        outputs=[],
        counts={"photos": len(job.images)},
        warnings=job.reporter.warnings,
        figures={"models": [msgspec.to_builtins(origin) for origin in job.origins]},
    )


def _inputs(job: Job) -> dict[str, str]:
    documents = [document for document in (job.document, job.merged) if document is not None]
    read = {document.name: document.sha256 for document in documents}
    return read | {origin.name: origin.sha256 for origin in job.origins}


def _row(row: ClassRow) -> tuple[object, ...]:
    share = _percent(_share(row.reached, row.predicted))
    threshold = _threshold(row.threshold)
    return row.name, threshold, row.predicted, share, row.pixels, row.annotations


def _named_outputs(job: Job) -> list[str]:
    names = [name.removesuffix("/classes.json") for name in job.output_files()]
    outputs = [str(job.places.data / name) for name in names]
    for path in outputs:
        job.reporter.note(f"Written    {path}")
    return outputs


def _share(part: int | None, whole: int | None) -> float | None:
    return part / whole if part is not None and whole else None


def _percent(share: float | None) -> float | str:
    return "-" if share is None else 100 * share


def _threshold(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
