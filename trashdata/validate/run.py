"""The run of ``trashdata validate``: all faults of a COCO set, and a repaired copy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trashdata.coco.write import write_document
from trashdata.console import Reporter
from trashdata.outcome import Outcome
from trashdata.paths import DEFAULT_DATA, DataFolders
from trashdata.runs.files import open_atomically
from trashdata.runs.run import Run, Written, carry_out
from trashdata.runs.single_file import SingleFile
from trashdata.runs.stage import Work

from .examine import examine
from .findings import Finding
from .loose import LooseFile, read_loosely
from .options import ValidateOptions
from .repair import Repaired, encoded, repair
from .report import counts_of, faults_of, repairs_of, show_findings, show_repairs


def validate(
    data: Path | str = DEFAULT_DATA,
    options: ValidateOptions | None = None,
    *,
    images: Path | str | None = None,
    workers: int = 1,
    scheduler: str | None = None,
    dry_run: bool = False,
    overwrite: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Find every fault of a COCO file, of its masks and of its photos.

    Parameters
    ----------
    data : the data folder.
    images : the root of every ``file_name``.
    workers : processes; with more than one, call from under ``if __name__ == "__main__"``.
    scheduler : address of a Dask scheduler, whose workers are to open the photos.
    dry_run : find all faults, and what would be repaired, but write no copy.
    overwrite : replace a copy that an earlier run wrote under the same name.

    Returns
    -------
    ``counts`` by severity; ``findings``: the errors; ``figures["faults"]`` has a row for each kind
    found, with all locations; with ``fix``, ``figures["repaired"]`` says what was done, and
    ``figures["left"]`` counts the remaining faults.

    Raises
    ------
    UserError : the file can't be read, is no JSON object, or the copy can't be written.
    """
    reporter = reporter or Reporter()
    options = options or ValidateOptions()
    return carry_out(
        _read(DataFolders.of(data, images), options, reporter),
        workers=workers,
        scheduler=scheduler,
        dry_run=dry_run,
        overwrite=overwrite,
        reporter=reporter,
    )


def _read(folders: DataFolders, options: ValidateOptions, reporter: Reporter) -> ValidateRun:
    path = None
    if options.fix is not None:
        path = folders.data / f"{folders.output_name(options.fix, '--fix')}.json"
    photos = folders.images if options.photos else None
    return ValidateRun(read_loosely(folders.input_json(options.json)), path, photos, reporter)


@dataclass(frozen=True)
class Plan:
    """The findings; ``repaired``: the copy, or None."""

    findings: Sequence[Finding]
    repaired: Repaired | None


@dataclass(frozen=True)
class ValidateRun(Run[Plan]):
    """``path``: of the repaired copy, or None; ``photos``: their root, None to not open them."""

    loose: LooseFile
    path: Path | None
    photos: Path | None
    reporter: Reporter

    def destination(self, *, overwrite: bool) -> SingleFile:
        """The copy."""
        return SingleFile(self.path, self.inputs(), overwrite=overwrite, option="--fix")

    def inputs(self) -> Iterable[Path]:
        """The file; the photos are left out, as the copy ends in .json and can't replace one."""
        yield self.loose.path

    def plan(self, work: Work) -> Plan:
        """Find all faults, and make the repaired copy."""
        workers, reporter = work.workers, work.reporter
        findings = examine(
            self.loose,
            self.photos,
            workers=workers.number,
            scheduler=workers.scheduler,
            reporter=reporter,
        )
        if self.path is None:
            return Plan(findings, None)
        repaired = repair(
            self.loose, findings, self.photos, workers=workers.number, reporter=reporter
        )
        return Plan(findings, repaired)

    def write(self, plan: Plan, work: Work) -> Written:  # noqa: ARG002
        """The copy."""
        if plan.repaired is not None and self.path is not None:
            top, lists = encoded(plan.repaired.file)
            with open_atomically(self.path) as stream:
                write_document(stream, top, lists)
        return Written()

    def outcome(self, plan: Plan, summary: Mapping[str, Any] | None) -> Outcome:
        """Show tables of the findings and of the repairs."""
        written = summary is not None
        show_findings(self.loose.name, plan.findings, self.reporter)
        figures: dict[str, Any] = {"faults": faults_of(plan.findings)}
        if plan.repaired is not None and self.path is not None:
            show_repairs(self.path, plan.repaired, self.reporter, written=written)
            figures |= repairs_of(plan.repaired)
        elif not written:
            self.reporter.note("Would write nothing, since there is no --fix.")
        counts = counts_of(plan.findings)
        read = {f"{key} read": len(records) for key, records in self.loose.lists.items()}
        return Outcome(
            command="validate",
            inputs={self.loose.name: self.loose.sha256},
            outputs=[str(self.path)] if written and self.path is not None else [],
            counts=counts | read,
            warnings=self.reporter.warnings,
            figures=figures,
            findings=counts["errors"],
        )
