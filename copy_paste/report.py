"""Report at the end of a run: tables for people, an outcome for programs."""

from __future__ import annotations

from typing import Any

import numpy as np

from trashdata.coco.read import read_document
from trashdata.console import Reporter
from trashdata.outcome import Outcome

from .goals.goals import Goals
from .goals.report import goal_figures, show_goals
from .goals.targets import ObjectCounts
from .inputs import Inputs
from .methods.method import Method
from .planning.summary import PasteSummary


def report(
    source: Inputs, method: Method, summary: PasteSummary, reporter: Reporter, *, written: bool
) -> Outcome:
    """Print what was done or would be done, and return it."""
    sets, name = source.sets, method.options.out
    folder, json_path = sets.folders.data / name, sets.folders.data / f"{name}.json"
    rows = _class_rows(source, summary)
    title = f"{len(summary.annotations)} photos {'in' if written else 'planned for'} {folder}"
    reporter.table(title, ("class", "before", "pasted", "new", "after"), rows)
    achieved = (
        ObjectCounts.of(read_document(json_path, masks=False)) if written and source.goals else None
    )
    goals = _goals(source.goals, summary, achieved, json_path.name, reporter)
    _note_donors(source, summary, reporter)
    outputs = [str(json_path), str(sets.folders.images / name / "images"), str(folder / "masks")]
    if written:
        for label, path in zip(("COCO JSON", "Photos", "Masks"), outputs, strict=True):
            reporter.note(f"{label:10}{path}")
    keys = ("class", "before", "pasted", "new", "after")
    classes = [dict(zip(keys, row, strict=True)) for row in rows]
    return Outcome(
        command=method.command,
        inputs=sets.hashes,
        outputs=outputs if written else [],
        counts={
            "photos": len(summary.annotations),
            "annotations": sum(summary.annotations),
            "pasted": sum(summary.pasted),
            "donors": len(source.material.donors),
            "backgrounds": len(source.material.backgrounds),
        },
        warnings=reporter.warnings,
        figures={"classes": classes, "donors_left_out": dict(source.left_out), **goals},
    )


def _class_rows(source: Inputs, summary: PasteSummary) -> list[tuple[str, int, int, int, int]]:
    """Objects of every class before and after, those on backgrounds included."""
    document = source.sets.document
    before = document.class_counts()
    kept = before if source.material.options.mode == "add" else np.zeros_like(before)
    after = kept + np.array(summary.added)
    names = [category.name for category in document.class_categories]
    columns = (before.tolist(), summary.pasted, summary.added, after.tolist())
    return list(zip(names, *columns, strict=True))


def _note_donors(source: Inputs, summary: PasteSummary, reporter: Reporter) -> None:
    if source.left_out:
        reasons = ", ".join(f"{count} {why}" for why, count in source.left_out.items())
        reporter.note(f"{len(source.material.donors)} donors; omitted: {reasons}.")
    if source.goals is not None and summary.donors:
        reporter.note(
            f"Most pastes of one donor: {summary.most_pastes};"
            f" most uses of one background: {summary.most_backgrounds}."
        )


def _goals(
    goals: Goals | None,
    summary: PasteSummary,
    achieved: ObjectCounts | None,
    name: str,
    reporter: Reporter,
) -> dict[str, Any]:
    """Show the asked and planned amounts, and those counted in the written JSON."""
    if goals is None:
        return {}
    planned = goals.before + ObjectCounts(np.array(summary.added), np.array(summary.added_pixels))
    if achieved is not None:
        show_goals(reporter, f"Goals of {name}", goals.targets, goals.before, planned, achieved)
    return {
        "goals": goal_figures(goals.targets, goals.before, planned, achieved),
        "most_pastes_of_a_donor": summary.most_pastes,
        "most_uses_of_a_background": summary.most_backgrounds,
    }
