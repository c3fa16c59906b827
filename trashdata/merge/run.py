"""Several COCO files as one: the run of ``trashdata merge``."""

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
from trashdata.paths import Places
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
    """Write ``<out>.json`` in the data folder, which holds what the files hold.

    Parameters
    ----------
    data : the data folder.
    images : the root of every ``file_name``, of the files and of the result. Without it the
        result's is the data folder, and that of a file elsewhere is the folder it is in.
    dry_run : make every check and the plan, write nothing.
    overwrite : replace a file that an earlier run wrote under the same name.

    Raises
    ------
    UserError : a fault in a file, a photo outside of the result's root, two files that say
        different things of a photo, or an output that exists. Nothing is written.

    See Also
    --------
    trashdata.merge.documents.merge_documents : the rules.
    """
    reporter = reporter or Reporter()
    places = Places.of(data, images)
    path = places.data / f"{places.output_name(options.out)}.json"
    inputs = read_inputs(places, options, reporter, one_root=images is not None)
    return carry_out(
        MergeRun(path, inputs, options.on_duplicate, reporter),
        dry_run=dry_run,
        overwrite=overwrite,
        reporter=reporter,
    )


@dataclass(frozen=True)
class Plan:
    """The merged records, the encoded values at the top of the file, and what to warn of."""

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
        """All records of the result, as they will be numbered."""
        merged = merge_documents(
            self.read.documents,
            labels=self.read.labels,
            file_names=self.read.file_names,
            on_duplicate=self.on_duplicate,
        )
        top, warnings = merged.top(MADE_BY)
        return Plan(merged, top, [*merged.warnings, *warnings])

    def check_plan(self, plan: Plan) -> None:
        """A donor that names the result would be looked for in it, where it is not."""
        if self.path.name in plan.merged.foreign_donor_files():
            raise UserError(
                f"--out {self.path.name}",
                expected="another name than that of a file that donors came from",
                found="one that 'donor_json' gives in the files",
                advice="choose another name",
            )

    def write(self, plan: Plan, work: Work) -> Written:  # noqa: ARG002
        """The file, record by record."""
        with open_atomically(self.path) as stream:
            write_document(stream, plan.top, plan.merged.lists())
        return Written()

    def outcome(self, plan: Plan, summary: Mapping[str, Any] | None) -> Outcome:
        """A table of the classes, before and after."""
        for warning in plan.warnings:
            self.reporter.warn(warning)
        written = summary is not None
        show(plan.merged, self.path, self.reporter, written=written)
        outputs = [str(self.path)] if written else []
        return outcome_of(plan.merged, self.read.labels, outputs, self.reporter)
