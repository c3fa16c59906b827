"""kfold from files to files: read, plan, then write the parts."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from trashdata.coco.document import Document
from trashdata.coco.read import read_document
from trashdata.console import Reporter
from trashdata.outcome import Outcome
from trashdata.paths import DEFAULT_DATA, Places, refuse_input_as_output
from trashdata.provenance import Provenance
from trashdata.runs.old_run import Run
from trashdata.runs.records import run_identity

from .options import KfoldOptions
from .plan import HOLDOUT, SYNTHETIC, Plan, make_plan
from .report import Balance, report_json, show, warn
from .writing.files import file_names, write_files


def kfold(
    data: Path | str = DEFAULT_DATA,
    options: KfoldOptions | None = None,
    *,
    images: Path | str | None = None,
    workers: int = 1,
    reporter: Reporter | None = None,
) -> NDArray[np.int64]:
    """The fold that validates each image of a COCO file; nothing is written.

    Parameters
    ----------
    data : the data folder; ``options.json`` is a name in it.
    images : the root that every ``file_name`` is relative to; the data folder by default.
    workers : processes that read photos, where near-duplicates are grouped.

    Returns
    -------
    (N,) int64 by rising image id: 0 to k - 1, or -1 for the test part and for
    synthetic or pseudo-labelled photos.

    Raises
    ------
    UserError : anything that the user can mend.

    References
    ----------
    Sechidis, Tsoumakas, Vlahavas 2011, "On the Stratification of Multi-Label Data", ECML PKDD:
    the start of the refinement.
    """
    options = options or KfoldOptions()
    places = Places.of(data, images)
    plan = make_plan(
        read_document(places.input_json(options.json), masks=False),
        options,
        places.images,
        workers=workers,
        reporter=reporter,
    )
    return np.where(plan.fold_of >= 0, plan.fold_of, -1)


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
    UserError : anything that the user can mend; nothing is written.
    """
    options = options or KfoldOptions()
    reporter = reporter or Reporter()
    places = Places.of(data, images)
    name = places.output_name(options.out)
    document = read_document(places.input_json(options.json), masks=False)
    outputs = file_names(name, options)
    for output in outputs:
        refuse_input_as_output(places.data / output, [document.path])
    for warning in document.warnings:
        reporter.warn(warning)
    plan = make_plan(document, options, places.images, workers=workers, reporter=reporter)
    balance = Balance(plan)
    warn(balance, reporter)
    _warn_of_foreign_donors(document, reporter)
    run = Run(places.data / name, _identity(plan), {"data": places.data}, overwrite=overwrite)
    if dry_run:
        run.check()
        run.refuse_taken(("data", output) for output in outputs)
    else:
        _write(run, plan, balance, outputs, reporter)
    title = f"{options.folds} folds of {len(plan.real)} photos of {document.name}"
    show(balance, reporter, title)
    if dry_run:
        reporter.note(f"Would write {len(outputs)} files, {places.data / outputs[0]} the first.")
    else:
        reporter.note(f"Folds      {places.data / outputs[0]}, …")
        reporter.note(f"Picture    {places.data / f'{name}_report.png'}")
    return _outcome(balance, [] if dry_run else [str(places.data / o) for o in outputs], reporter)


def _write(run: Run, plan: Plan, balance: Balance, outputs: list[str], reporter: Reporter) -> None:
    with run:
        if run.finished is not None:
            reporter.note(f"Done already: the files listed in {run.folder} are complete.")
            return
        run.refuse_taken(("data", output) for output in outputs)
        run.start()
        write_files(run, plan, balance, reporter.warnings)


def _identity(plan: Plan) -> dict[str, Any]:
    options = asdict(plan.options)
    options["json"] = Path(plan.options.json).name
    # Groups can depend on the photos, which are not among the inputs.
    options["groups"] = hashlib.sha256(plan.group_of.astype("<i8").tobytes()).hexdigest()
    return run_identity("kfold", options, {plan.document.name: plan.document.sha256})


def _warn_of_foreign_donors(document: Document, reporter: Reporter) -> None:
    names = Provenance(document).foreign_files()
    if names:
        reporter.warn(
            f"Donors from {', '.join(names)} can't be found among the images of {document.name};"
            " compare the folds with that file by 'trashdata kfold --check'."
        )


def _outcome(balance: Balance, outputs: list[str], reporter: Reporter) -> Outcome:
    plan = balance.plan
    report: dict[str, Any] = msgspec.to_builtins(report_json(balance, []))
    report.pop("warnings")
    return Outcome(
        command="kfold",
        inputs={plan.document.name: plan.document.sha256},
        outputs=outputs,
        counts={
            "photos": len(plan.fold_of),
            "folds": plan.options.folds,
            "groups": len(np.unique(plan.group_of)),
            "holdout": int((plan.fold_of == HOLDOUT).sum()),
            "synthetic": int((plan.fold_of == SYNTHETIC).sum()),
        },
        warnings=reporter.warnings,
        figures=report,
    )
