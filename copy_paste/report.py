"""What a run says at its end: a table for people, an outcome for programs."""

from __future__ import annotations

from typing import Any

import numpy as np

from trashdata.coco.read import read_document
from trashdata.outcome import Outcome

from .goals.report import goal_figures, show_goals
from .goals.targets import Tally
from .inputs import Job
from .rendering.shards import Summary


def show_classes(job: Job, summary: Summary, *, written: bool) -> None:
    """The table of what the photos do to every class, those on backgrounds included."""
    title = f"{len(summary.annotations)} photos {'in' if written else 'planned for'} {job.folder}"
    header = ("class", "before", "pasted", "new", "after")
    job.reporter.table(title, header, _class_rows(job, summary))


def _class_rows(job: Job, summary: Summary) -> list[tuple[str, int, int, int, int]]:
    before = job.document.class_counts()
    kept = before if job.options.mode == "add" else np.zeros_like(before)
    after = kept + np.array(summary.added)
    names = [category.name for category in job.document.class_categories]
    columns = (before.tolist(), summary.pasted, summary.added, after.tolist())
    return list(zip(names, *columns, strict=True))


def report(job: Job, summary: Summary, *, written: bool, shown: bool = False) -> Outcome:
    """Say what was done; ``shown``: the table of classes was shown with the plan."""
    if not shown:
        show_classes(job, summary, written=written)
    goals = _goals(job, summary, written=written)
    _note_donors(job, summary)
    outputs = [
        str(job.json_path),
        str(job.places.images / job.options.out / "images"),
        str(job.folder / "masks"),
    ]
    if written:
        for label, path in zip(("COCO JSON", "Photos", "Masks"), outputs, strict=True):
            job.reporter.note(f"{label:10}{path}")
    classes = [
        {"class": name, "before": b, "pasted": p, "new": n, "after": a}
        for name, b, p, n, a in _class_rows(job, summary)
    ]
    return Outcome(
        command=job.command,
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
        figures={"classes": classes, "donors_left_out": dict(job.left_out), **goals},
    )


def _note_donors(job: Job, summary: Summary) -> None:
    if job.left_out:
        reasons = ", ".join(f"{count} {why}" for why, count in job.left_out.items())
        job.reporter.note(f"{len(job.donors)} donors; left out: {reasons}.")
    if job.goals is not None and summary.donors:
        job.reporter.note(
            f"Most pastes of one donor: {summary.most_pastes};"
            f" most uses of one background: {summary.most_backgrounds}."
        )


def _goals(job: Job, summary: Summary, *, written: bool) -> dict[str, Any]:
    """What was asked for, planned on labels, and counted in the JSON that was written."""
    goals = job.goals
    if goals is None:
        return {}
    new = Tally(np.array(summary.added), np.array(summary.added_pixels))
    planned = goals.before + new
    achieved = None
    if written:
        achieved = Tally.of(read_document(job.json_path, masks=False))
        title = f"Goals of {job.json_path.name}"
        show_goals(job.reporter, title, goals.targets, goals.before, planned, achieved)
    return {
        "goals": goal_figures(goals.targets, goals.before, planned, achieved),
        "most_pastes_of_a_donor": summary.most_pastes,
        "most_uses_of_a_background": summary.most_backgrounds,
    }
