"""Overlaps of two COCO files: what a training part must not share with a validation part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trashdata.coco.document import Document
from trashdata.coco.read import read_document
from trashdata.console import Reporter
from trashdata.outcome import Outcome
from trashdata.overlaps import Overlap, overlaps
from trashdata.paths import DEFAULT_DATA, DataFolders
from trashdata.runs.run import Run, Written, carry_out
from trashdata.runs.single_file import SingleFile
from trashdata.runs.stage import Work

from ..options import KfoldOptions

_SHOWN = 20


def check_overlaps(
    data: Path | str = DEFAULT_DATA,
    options: KfoldOptions | None = None,
    *,
    images: Path | str | None = None,
    workers: int = 1,
    dry_run: bool = False,
    overwrite: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Report the overlaps of two COCO files; nothing is written, with ``dry_run`` or without.

    Parameters
    ----------
    options : ``check`` has the two files, names in the data folder or paths.

    Returns
    -------
    ``findings`` and ``counts["overlaps"]`` are 0 if they share nothing.

    Raises
    ------
    UserError : a file has a fault, or an existing photo can't be decoded.
    """
    folders, options = DataFolders.of(data, images), options or KfoldOptions()
    reporter = reporter or Reporter()
    assert options.check is not None, "options.check names the two files"
    one, other = (read_document(folders.input_json(n), masks=False) for n in options.check)
    for document in (one, other):
        for warning in document.warnings:
            reporter.warn(warning)
    return carry_out(
        CheckRun(folders, one, other, options.allow_look_alikes, reporter),
        workers=workers,
        dry_run=dry_run,
        overwrite=overwrite,
        reporter=reporter,
    )


@dataclass(frozen=True)
class CheckRun(Run[list[Overlap]]):
    """The plan is the overlaps of the two documents; nothing is written."""

    folders: DataFolders
    one: Document
    other: Document
    allow_look_alikes: bool
    reporter: Reporter

    def destination(self, *, overwrite: bool) -> SingleFile:
        """None."""
        return SingleFile(None, overwrite=overwrite)

    def inputs(self) -> Iterable[Path]:
        """The two files."""
        return (self.one.path, self.other.path)

    def plan(self, work: Work) -> list[Overlap]:
        """The overlaps of the two documents."""
        return overlaps(
            self.one,
            self.other,
            self.folders.images,
            allow_look_alikes=self.allow_look_alikes,
            workers=work.workers.number,
            reporter=self.reporter,
        )

    def write(self, plan: list[Overlap], work: Work) -> Written:  # noqa: ARG002
        """Nothing."""
        return Written()

    def outcome(self, plan: list[Overlap], summary: Mapping[str, Any] | None) -> Outcome:  # noqa: ARG002
        """A table of the first overlaps."""
        _show(plan, self.one.name, self.other.name, self.reporter)
        kinds = sorted({overlap.kind for overlap in plan})
        counts = {kind: sum(overlap.kind == kind for overlap in plan) for kind in kinds}
        return Outcome(
            command="kfold --check",
            inputs={document.name: document.sha256 for document in (self.one, self.other)},
            outputs=[],
            counts={"overlaps": len(plan), **counts},
            warnings=self.reporter.warnings,
            figures={"overlaps": [vars(overlap) for overlap in plan]},
            findings=len(plan),
        )


def _show(found: list[Overlap], one: str, other: str, reporter: Reporter) -> None:
    """Print the first overlaps of the two files of these names."""
    if not found:
        reporter.note(f"{one} and {other} share nothing.")
        return
    rows = [(o.kind, o.one, o.one_name, o.other, o.other_name) for o in found[:_SHOWN]]
    title = f"{len(found)} overlaps" + (f", the first {_SHOWN}" if len(found) > _SHOWN else "")
    reporter.table(title, ("kind", "id", one, "id", other), rows)
    look_alikes = sum(overlap.is_look_alike for overlap in found)
    if look_alikes:
        reporter.note(
            f"{look_alikes} of them only look alike: --allow-look-alikes leaves them out, here and"
            " in 'trashdata train'."
        )
