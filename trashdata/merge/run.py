"""The run of ``trashdata merge``: several COCO files as one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from trashdata.coco.write import write_document
from trashdata.console import Reporter
from trashdata.errors import UserError
from trashdata.merge.documents import Merged, merge_documents
from trashdata.merge.inputs import Inputs, read_inputs
from trashdata.merge.options import DuplicateRule, MergeOptions
from trashdata.merge.report import outcome_of, show
from trashdata.outcome import Outcome
from trashdata.paths import DataFolders
from trashdata.runs.files import open_atomically
from trashdata.runs.run import Run, Written, carry_out
from trashdata.runs.single_file import SingleFile
from trashdata.runs.stage import Work

MADE_BY = "trashdata merge"


def merge(
    data: Path | str,
    options: MergeOptions,
    *,
    images: Path | str | None = None,
    dry_run: bool = False,
    overwrite: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Merge the files into ``<out>.json`` in the data folder.

    Parameters
    ----------
    data : the data folder.
    images : the root of every ``file_name``, of the files and of the result. By default the
        result's root is the data folder, and that of a file outside of it is the file's folder.
    dry_run : make every check and the plan, write nothing.
    overwrite : replace a file that an earlier run wrote under the same name.

    Raises
    ------
    UserError : a fault in a file, a photo outside of the result's root, a photo that differs
        between files, or an output that exists. Nothing is written.

    See Also
    --------
    trashdata.merge.documents.merge_documents : the rules.
    """
    reporter = reporter or Reporter()
    folders = DataFolders.of(data, images)
    path = folders.data / f"{folders.output_name(options.out)}.json"
    inputs = read_inputs(folders, options, reporter, one_root=images is not None)
    return carry_out(
        MergeRun(path, inputs, options.on_duplicate, reporter),
        dry_run=dry_run,
        overwrite=overwrite,
        reporter=reporter,
    )


@dataclass(frozen=True)
class Plan:
    """The merged records, the encoded values of the top-level keys, and the warnings."""

    merged: Merged
    top: Mapping[str, bytes | msgspec.Raw]
    warnings: Sequence[str]


@dataclass(frozen=True)
class MergeRun(Run[Plan]):
    """``path``: of the file to write."""

    path: Path
    read: Inputs
    on_duplicate: DuplicateRule
    reporter: Reporter

    def destination(self, *, overwrite: bool) -> SingleFile:
        """The file."""
        return SingleFile(self.path, self.inputs(), overwrite=overwrite)

    def inputs(self) -> Iterable[Path]:
        """The files that are merged."""
        return (document.path for document in self.read.documents)

    def plan(self, work: Work) -> Plan:  # noqa: ARG002
        """All records of the result, with their new ids."""
        merged = merge_documents(
            self.read.documents,
            labels=self.read.labels,
            file_names=self.read.file_names,
            on_duplicate=self.on_duplicate,
        )
        top, warnings = merged.top(MADE_BY)
        return Plan(merged, top, [*merged.warnings, *warnings])

    def check_plan(self, plan: Plan) -> None:
        """Refuse a donor whose ``donor_json`` has the name of the result, which lacks it."""
        if self.path.name in plan.merged.donor_files_outside():
            raise UserError(
                f"--out {self.path.name}",
                expected="another name than that of a file that donors came from",
                found="one that 'donor_json' gives in the files",
                advice="choose another name",
            )

    def write(self, plan: Plan, work: Work) -> Written:  # noqa: ARG002
        """Write the file, record by record."""
        with open_atomically(self.path) as stream:
            write_document(stream, plan.top, plan.merged.lists())
        return Written()

    def outcome(self, plan: Plan, summary: Mapping[str, Any] | None) -> Outcome:
        """Show a table of the classes, before and after."""
        for warning in plan.warnings:
            self.reporter.warn(warning)
        written = summary is not None
        show(plan.merged, self.path, self.reporter, written=written)
        outputs = [str(self.path)] if written else []
        return outcome_of(plan.merged, self.read.labels, outputs, self.reporter)
