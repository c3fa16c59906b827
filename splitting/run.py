"""The folds of a COCO file: the run of ``trashdata kfold``."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trashdata.console import Reporter
from trashdata.outcome import Outcome
from trashdata.paths import DEFAULT_DATA, DataFolders, refuse_input_as_output
from trashdata.runs.estimate import Estimate
from trashdata.runs.folder import RunFolder
from trashdata.runs.records import run_identity
from trashdata.runs.run import Run, Written, carry_out
from trashdata.runs.stage import Work

from .inputs import Inputs, read_inputs
from .options import KfoldOptions
from .plan import make_plan
from .report import Balance, plan_warnings, show, split_outcome
from .writing.files import file_names, write_files


def kfold(
    data: Path | str = DEFAULT_DATA,
    options: KfoldOptions | None = None,
    *,
    images: Path | str | None = None,
    workers: int = 1,
    reporter: Reporter | None = None,
) -> NDArray[np.int64]:
    """Compute the fold that validates each image of a COCO file; nothing is written.

    Parameters
    ----------
    data : the data folder; ``options.json`` is a name in it.
    images : the root that every ``file_name`` is relative to; the data folder by default.
    workers : processes that read photos, if near-duplicates are grouped.

    Returns
    -------
    (N,) int64 by rising image id: 0 to k - 1, or -1 for the test part and for
    synthetic or pseudo-labelled photos.

    Raises
    ------
    UserError : anything that the user can fix.

    References
    ----------
    Sechidis, Tsoumakas, Vlahavas 2011, "On the Stratification of Multi-Label Data", ECML PKDD:
    the start of the refinement.
    """
    folders, options = DataFolders.of(data, images), options or KfoldOptions()
    inputs = read_inputs(folders, options, reporter or Reporter(), workers=workers)
    return np.maximum(make_plan(inputs).fold_of, -1)


def write_kfold(
    data: Path | str = DEFAULT_DATA,
    options: KfoldOptions | None = None,
    *,
    images: Path | str | None = None,
    workers: int = 1,
    dry_run: bool = False,
    overwrite: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Write the training and validation part of every fold beside the input, and a report.

    Parameters are those of `kfold`; ``dry_run`` plans and reports, ``overwrite`` replaces what an
    earlier run wrote under the same name.

    Raises
    ------
    UserError : anything that the user can fix; nothing is written.
    """
    folders, options = DataFolders.of(data, images), options or KfoldOptions()
    reporter = reporter or Reporter()
    name = folders.output_name(options.out)
    for output in file_names(name, options):
        refuse_input_as_output(folders.data / output, [folders.input_json(options.json)])
    inputs = read_inputs(folders, options, reporter, workers=workers)
    return carry_out(
        KfoldRun(inputs, name, reporter),
        workers=workers,
        dry_run=dry_run,
        overwrite=overwrite,
        reporter=reporter,
    )


@dataclass(frozen=True)
class KfoldRun(Run[Balance]):
    """``name``: of the run's folder, and prefix of the files' names. The plan, with its figures."""

    source: Inputs
    name: str
    reporter: Reporter

    def destination(self, *, overwrite: bool) -> RunFolder:
        """The folder of the manifest; the files are beside it."""
        document, options = self.source.document, self.source.options.of_split()
        options["json"] = Path(options["json"]).name
        # Groups can depend on the photos, which are not among the inputs.
        groups = self.source.group_ids.astype("<i8").tobytes()
        options["groups"] = hashlib.sha256(groups).hexdigest()
        if self.source.sources:
            pairs = sorted((one, sorted(ids)) for one, ids in self.source.sources.items())
            options["sources"] = hashlib.sha256(repr(pairs).encode()).hexdigest()
        identity = run_identity("kfold", options, {document.name: document.sha256})
        data = self.source.folders.data
        return RunFolder(data / self.name, identity, {"data": data}, overwrite=overwrite)

    def plan(self, work: Work) -> Balance:  # noqa: ARG002
        """The fold of each image."""
        return Balance(make_plan(self.source))

    def outputs(self) -> Iterable[tuple[str, str]]:
        """The parts, the list of photos, the report and its picture."""
        return (("data", name) for name in self._files)

    def inputs(self) -> Iterable[Path]:
        """The COCO file."""
        return [self.source.document.path]

    def estimate(self, plan: Balance, work: Work) -> Estimate:  # noqa: ARG002
        """Each fold's two parts together are as large as the input."""
        return Estimate(plan.folds * self.source.document.path.stat().st_size)

    def write(self, plan: Balance, work: Work) -> Written:
        """Write all files; an interrupted run writes all of them again."""
        warnings = [*self.reporter.warnings, *plan_warnings(plan)]
        entries = write_files(work, self.name, plan, warnings)
        return Written(entries, {}, {"photos": len(plan.plan.fold_of)})

    def outcome(self, plan: Balance, summary: Mapping[str, Any] | None) -> Outcome:
        """Warnings about classes missing in folds, and a table of the classes."""
        for warning in plan_warnings(plan):
            self.reporter.warn(warning)
        show(plan, self.reporter)
        first, *_, picture = (self.source.folders.data / name for name in self._files)
        if summary is None:
            self.reporter.note(f"Would write {len(self._files)} files, {first} the first.")
            return split_outcome(plan, [], self.reporter)
        self.reporter.note(f"Folds      {first}, …")
        self.reporter.note(f"Picture    {picture}")
        outputs = [str(self.source.folders.data / name) for name in self._files]
        return split_outcome(plan, outputs, self.reporter)

    @property
    def _files(self) -> list[str]:
        return file_names(self.name, self.source.options)
