"""The run of ``trashdata stats``: statistics as tables and as a picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trashdata.coco.document import Document
from trashdata.coco.read import read_document
from trashdata.console import Reporter
from trashdata.outcome import Outcome
from trashdata.paths import DEFAULT_DATA, DataFolders, file_labels, output_path
from trashdata.photos import photo_path
from trashdata.runs.files import write_atomically
from trashdata.runs.run import Run, Written, carry_out
from trashdata.runs.single_file import SingleFile
from trashdata.runs.stage import Work

from .comparison import Comparison, compare
from .count import statistics
from .options import StatsOptions
from .summary import summary_of
from .tables import show


def stats(
    data: Path | str = DEFAULT_DATA,
    options: StatsOptions | None = None,
    *,
    images: Path | str | None = None,
    dry_run: bool = False,
    overwrite: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Count the content of one or two COCO files, and draw it to ``out`` if given.

    For the numbers alone, see `trashdata.statistics.statistics`.

    Parameters
    ----------
    data : the data folder.
    images : the root of every ``file_name``; photos are never overwritten.
    dry_run : make every check, count, and write no picture.
    overwrite : replace a picture that trashdata made.

    Raises
    ------
    UserError : a fault in a JSON, or an ``out`` that exists, is an input, is no PNG, or is
        outside of the working folder.
    """
    reporter = reporter or Reporter()
    return carry_out(
        _read(DataFolders.of(data, images), options or StatsOptions(), reporter),
        dry_run=dry_run,
        overwrite=overwrite,
        reporter=reporter,
    )


def _read(folders: DataFolders, options: StatsOptions, reporter: Reporter) -> StatsRun:
    picture = None if options.out is None else output_path(options.out)
    names = [name for name in (options.json, options.compare) if name is not None]
    paths = [folders.input_json(name) for name in names]
    documents = []
    for path in paths:
        documents.append(read_document(path, masks=False))
        for warning in documents[-1].warnings:
            reporter.warn(warning)
    return StatsRun(picture, documents, file_labels(paths), folders, reporter)


@dataclass(frozen=True)
class StatsRun(Run[Comparison]):
    """``picture``: path to write, or None; ``labels``: names of the documents."""

    picture: Path | None
    documents: Sequence[Document]
    labels: tuple[str, ...]
    folders: DataFolders
    reporter: Reporter

    def destination(self, *, overwrite: bool) -> SingleFile:
        """The picture."""
        return SingleFile(self.picture, self.inputs(), overwrite=overwrite)

    def inputs(self) -> Iterable[Path]:
        """The files and photos: photos aren't read, but a picture must not replace one."""
        for document in self.documents:
            yield document.path
            for image in document.images:
                yield photo_path(self.folders.images, image)

    def plan(self, work: Work) -> Comparison:  # noqa: ARG002
        """Compute the statistics."""
        return compare(*map(statistics, self.documents), labels=self.labels)

    def write(self, plan: Comparison, work: Work) -> Written:  # noqa: ARG002
        """The picture."""
        if self.picture is not None:
            from trashdata.statistics.figure import draw

            write_atomically(self.picture, draw(plan))
        return Written()

    def outcome(self, plan: Comparison, summary: Mapping[str, Any] | None) -> Outcome:
        """Show tables; return all numbers."""
        written = summary is not None
        show(plan, self.reporter)
        if self.picture is not None:
            it = f"The picture is {self.picture}." if written else f"Would write {self.picture}."
            self.reporter.note(it)
        elif not written:
            self.reporter.note("Would write nothing, since there is no --out.")
        first = plan.sides[0]
        rows = zip(self.labels, self.documents, strict=True)
        return Outcome(
            command="stats",
            inputs={label: document.sha256 for label, document in rows},
            outputs=[str(self.picture)] if written and self.picture is not None else [],
            counts={
                "photos": first.photo_count,
                "objects": first.object_count,
                "classes": len(first.class_names),
            },
            warnings=self.reporter.warnings,
            figures={"statistics": [summary_of(side) for side in plan.sides]},
        )
