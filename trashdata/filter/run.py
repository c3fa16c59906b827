"""The run of ``trashdata filter``: a COCO file with other classes or fewer objects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trashdata.coco.document import Document
from trashdata.coco.keys import DONOR_JSON
from trashdata.coco.read import read_document
from trashdata.coco.write import write_document
from trashdata.console import Reporter
from trashdata.errors import UserError
from trashdata.filter.class_map import ClassRules, class_targets, read_class_map
from trashdata.filter.document import Filtered, filter_document
from trashdata.filter.options import FilterOptions
from trashdata.filter.report import outcome_of, show
from trashdata.outcome import Outcome
from trashdata.paths import DataFolders
from trashdata.runs.files import open_atomically
from trashdata.runs.run import Run, Written, carry_out
from trashdata.runs.single_file import SingleFile
from trashdata.runs.stage import Work

MADE_BY = "trashdata filter"


def filter_classes(
    data: Path | str,
    options: FilterOptions,
    *,
    dry_run: bool = False,
    overwrite: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Write ``<out>.json`` in the data folder: a COCO file with other classes or fewer objects.

    Parameters
    ----------
    data : the data folder; ``options.json`` and ``options.out`` are names in it.
    dry_run : make every check and the plan, write nothing.
    overwrite : replace a file that an earlier run wrote under the same name.

    Raises
    ------
    UserError : a fault in the file, an unknown class, or an output that exists. Nothing is
        written.
    """
    reporter = reporter or Reporter()
    return carry_out(
        _read(DataFolders.of(data), options, reporter),
        dry_run=dry_run,
        overwrite=overwrite,
        reporter=reporter,
    )


def _read(folders: DataFolders, options: FilterOptions, reporter: Reporter) -> FilterRun:
    path = folders.data / f"{folders.output_name(options.out)}.json"
    mapping = None if options.class_map is None else read_class_map(options.class_map)
    rules = ClassRules(
        options.keep,
        options.drop,
        options.new_names,
        mapping,
        options.class_map or "",
        options.rest,
    )
    document = read_document(folders.input_json(options.json), masks=False)
    for warning in document.warnings:
        reporter.warn(warning)
    return FilterRun(path, document, class_targets(document, rules), options, reporter)


@dataclass(frozen=True)
class FilterRun(Run[Filtered]):
    """``path``: of the file to write; ``targets``: the new name of each class by its id, None if
    dropped."""

    path: Path
    document: Document
    targets: Mapping[int, str | None]
    options: FilterOptions
    reporter: Reporter

    def destination(self, *, overwrite: bool) -> SingleFile:
        """The file."""
        return SingleFile(self.path, self.inputs(), overwrite=overwrite)

    def inputs(self) -> Iterable[Path]:
        """The file that is filtered."""
        yield self.document.path

    def plan(self, work: Work) -> Filtered:  # noqa: ARG002
        """The records to keep, and the class of each."""
        return filter_document(
            self.document,
            self.targets,
            min_area=self.options.min_area,
            drop_empty=self.options.drop_empty,
        )

    def check_plan(self, plan: Filtered) -> None:
        """Refuse a donor whose ``donor_json`` has the name of the result, which lacks it."""
        document = plan.document
        named = (a.trashdata.get(DONOR_JSON) for a in document.annotations if a.trashdata)
        if self.path.name in set(named) - {document.name}:
            raise UserError(
                f"--out {self.path.name}",
                expected="another name than that of a file that donors came from",
                found="one that 'donor_json' gives in the file",
                advice="choose another name",
            )

    def write(self, plan: Filtered, work: Work) -> Written:  # noqa: ARG002
        """Write the file, record by record."""
        with open_atomically(self.path) as stream:
            write_document(stream, plan.top(MADE_BY), plan.lists(self.path.name))
        return Written()

    def outcome(self, plan: Filtered, summary: Mapping[str, Any] | None) -> Outcome:
        """Show tables of the classes, before and after."""
        written = summary is not None
        show(plan, self.path, self.reporter, written=written)
        return outcome_of(plan, [str(self.path)] if written else [], self.reporter)
