"""Overlap between two COCO files: what a training part must not share with a validation part."""

from __future__ import annotations

from pathlib import Path

from trashdata.coco.read import read_document
from trashdata.console import Reporter
from trashdata.outcome import Outcome
from trashdata.overlaps import overlaps
from trashdata.paths import DEFAULT_DATA, Places

_SHOWN = 20


def check(
    one: str,
    other: str,
    data: Path | str = DEFAULT_DATA,
    *,
    images: Path | str | None = None,
    workers: int = 1,
    reporter: Reporter | None = None,
) -> Outcome:
    """Report what two COCO files share; ``counts["overlaps"]`` is 0 if nothing.

    Parameters
    ----------
    one, other : names in the data folder, or paths.

    Raises
    ------
    UserError : a file has a fault, or a photo that is there can't be decoded.
    """
    reporter = reporter or Reporter()
    places = Places.of(data, images)
    first, second = (read_document(places.input_json(n), masks=False) for n in (one, other))
    for document in (first, second):
        for warning in document.warnings:
            reporter.warn(warning)
    found = overlaps(first, second, places.images, workers=workers, reporter=reporter)
    names = first.name, second.name
    if found:
        rows = [(o.kind, o.one, o.one_name, o.other, o.other_name) for o in found[:_SHOWN]]
        title = f"{len(found)} overlaps" + (f", the first {_SHOWN}" if len(found) > _SHOWN else "")
        reporter.table(title, ("kind", "id", names[0], "id", names[1]), rows)
    else:
        reporter.note(f"{names[0]} and {names[1]} share nothing.")
    kinds = sorted({overlap.kind for overlap in found})
    counts = {kind: sum(o.kind == kind for o in found) for kind in kinds}
    return Outcome(
        command="kfold --check",
        inputs={document.name: document.sha256 for document in (first, second)},
        outputs=[],
        counts={"overlaps": len(found), **counts},
        warnings=reporter.warnings,
        figures={"overlaps": [vars(overlap) for overlap in found]},
    )
