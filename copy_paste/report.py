"""What a run says at its end: a table for people, an outcome for programs."""

from __future__ import annotations

import numpy as np

from trashdata.outcome import Outcome

from .job import Job
from .shards import Summary


def report(job: Job, summary: Summary, *, written: bool) -> Outcome:
    before = job.document.class_counts()
    kept = before if job.options.mode == "add" else np.zeros_like(before)
    after = kept + np.array(summary.added)
    names = [category.name for category in job.document.class_categories]
    title = f"{len(summary.annotations)} photos {'in' if written else 'planned for'} {job.folder}"
    columns = (before.tolist(), summary.pasted, summary.added, after.tolist())
    rows = list(zip(names, *columns, strict=True))
    job.reporter.table(title, ("class", "before", "pasted", "new", "after"), rows)
    if job.left_out:
        reasons = ", ".join(f"{count} {why}" for why, count in job.left_out.items())
        job.reporter.note(f"{len(job.donors)} donors; left out: {reasons}.")
    outputs = [
        str(job.json_path),
        str(job.places.images / job.options.out / "images"),
        str(job.folder / "masks"),
    ]
    if written:
        for label, path in zip(("COCO JSON", "Photos", "Masks"), outputs, strict=True):
            job.reporter.note(f"{label:10}{path}")
    classes = [
        {"class": name, "before": b, "pasted": p, "new": n, "after": a} for name, b, p, n, a in rows
    ]
    return Outcome(
        command="copy-paste",
        inputs={d.name: d.sha256 for d in (job.document, job.donor_document)},
        outputs=outputs if written else [],
        counts={
            "photos": len(summary.annotations),
            "annotations": sum(summary.annotations),
            "pasted": sum(summary.pasted),
            "donors": len(job.donors),
            "backgrounds": len(job.backgrounds),
        },
        warnings=job.reporter.warnings,
        figures={"classes": classes, "donors_left_out": dict(job.left_out)},
    )
