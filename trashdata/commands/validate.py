"""``trashdata validate``: every fault of a COCO set, and a repaired copy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trashdata.console import Reporter
from trashdata.options import (
    ConfigOption,
    DataOption,
    ExecutorOption,
    ImagesOption,
    JsonOption,
    JsonSummaryOption,
    OverwriteOption,
    QuietOption,
    SchedulerOption,
    VerboseOption,
    WorkersOption,
    command_app,
    cores,
    finish,
    reporter_for,
    scheduler_for,
)
from trashdata.outcome import Outcome
from trashdata.paths import DEFAULT_DATA, Places, refuse_existing, refuse_input_as_output

if TYPE_CHECKING:
    from trashdata.validate.findings import Finding
    from trashdata.validate.loose import LooseFile
    from trashdata.validate.repair import Action

app = command_app()

SHOWN = 5
"""Findings of a kind that are shown without --verbose."""


@app.command("validate")
def command(
    data: DataOption = DEFAULT_DATA,
    images: ImagesOption = None,
    json: JsonOption = "train_all.json",
    photos: Annotated[
        bool, typer.Option("--photos/--no-photos", help="Also open every photo.")
    ] = True,
    fix: Annotated[
        str | None,
        typer.Option(
            "--fix",
            metavar="OUT.json",
            help="Write a repaired copy into the data folder.",
            show_default=False,
        ),
    ] = None,
    workers: WorkersOption = None,
    executor: ExecutorOption = "local",
    scheduler: SchedulerOption = None,
    overwrite: OverwriteOption = False,
    config: ConfigOption = None,
    json_summary: JsonSummaryOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Name every fault of a COCO file and its photos; the exit code is 1 if there are errors.

    Warnings and notes are listed as well: what may change results, and what is everyday COCO.

    Example: trashdata validate --data demo/input/data --json train.json
    """
    outcome = validate(
        data,
        images=images,
        json=json,
        photos=photos,
        fix=fix,
        workers=workers or cores(),
        scheduler=scheduler_for(executor, scheduler),
        overwrite=overwrite,
        shown=None if verbose else SHOWN,
        reporter=reporter_for(quiet=quiet, verbose=verbose, json_summary=json_summary),
    )
    finish(outcome, json_summary=json_summary)
    raise typer.Exit(1 if outcome.counts["errors"] else 0)


def validate(
    data: Path | str = DEFAULT_DATA,
    *,
    images: Path | str | None = None,
    json: str = "train_all.json",
    photos: bool = True,
    fix: str | None = None,
    workers: int = 1,
    scheduler: str | None = None,
    overwrite: bool = False,
    shown: int | None = SHOWN,
    reporter: Reporter | None = None,
) -> Outcome:
    """Find every fault of a COCO file, of its masks and of its photos.

    Parameters
    ----------
    photos : also open every photo.
    scheduler : address of a Dask scheduler, whose workers are to open the photos.
    fix : name of a repaired copy in the data folder; the input never changes, nor do photos.
    shown : findings of a kind to show, None for all; the outcome holds all of them.

    Returns
    -------
    ``counts`` by severity; ``figures["faults"]`` has a row for each kind found, with all places;
    with ``fix``, ``figures["repaired"]`` says what was done, and ``figures["left"]`` counts the
    faults that stay.

    Raises
    ------
    UserError : the file can't be read or is no JSON object, or the copy can't be written.
    """
    from trashdata.validate.examine import examine
    from trashdata.validate.loose import read_loosely

    reporter = reporter or Reporter()
    places = Places.of(data, images)
    path = places.input_json(json)
    target = None if fix is None else _target(places, path, fix, overwrite=overwrite)
    root = places.images if photos else None
    loose = read_loosely(path)
    findings = examine(loose, root, workers=workers, scheduler=scheduler, reporter=reporter)
    _show(loose.name, findings, shown, reporter)
    figures: dict[str, Any] = {"faults": _rows(findings)}
    if target is not None:
        figures |= _fix(target, loose, findings, root, workers, reporter)
    return Outcome(
        command="validate",
        inputs={loose.name: loose.sha256},
        outputs=[] if target is None else [str(target)],
        counts=_by_severity(findings)
        | {f"{key} read": len(records) for key, records in loose.lists.items()},
        warnings=reporter.warnings,
        figures=figures,
    )


def _target(places: Places, path: Path, fix: str, *, overwrite: bool) -> Path:
    target = places.data / f"{places.output_name(fix, '--fix')}.json"
    refuse_input_as_output(target, [path], "--fix")
    refuse_existing(target, overwrite=overwrite, option="--fix")
    return target


def _by_severity(findings: Sequence[Finding]) -> dict[str, int]:
    from trashdata.coco.faults import SEVERITIES

    counts = Counter(finding.severity for finding in findings)
    return {f"{severity}s": counts[severity] for severity in SEVERITIES}


def _rows(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """A row for each kind that was found, the worst first."""
    from trashdata.coco.faults import FAULTS

    places: dict[str, list[dict[str, Any]]] = {}
    for finding in findings:
        row = {"where": finding.where, "found": finding.found}
        places.setdefault(finding.kind, []).append(row)
    return [
        {
            "kind": kind,
            "severity": FAULTS[kind].severity,
            "count": len(rows),
            "expected": FAULTS[kind].expected,
            "advice": FAULTS[kind].mend,
            "repair": FAULTS[kind].repair,
            "places": rows,
        }
        for kind, rows in places.items()
    ]


def _show(name: str, findings: Sequence[Finding], shown: int | None, reporter: Reporter) -> None:
    """A table of kinds for each severity, then one of places."""
    if not findings:
        reporter.note(f"{name}: nothing to remark.")
        return
    rows = _rows(findings)
    for severities, count in _by_severity(findings).items():
        severity = severities.removesuffix("s")
        if count:
            reporter.table(
                f"{name}: {count:,} {severity if count == 1 else severities}",
                ("fault", "count", "expected", "advice"),
                [
                    (row["kind"], row["count"], row["expected"], row["advice"])
                    for row in rows
                    if row["severity"] == severity
                ],
            )
    lines: list[tuple[str, str, str]] = []
    for row in rows:
        places = row["places"][:shown]
        lines += [(row["kind"], place["where"], place["found"]) for place in places]
        if len(places) < row["count"]:
            lines.append((row["kind"], "…", f"{row['count'] - len(places):,} more; see --verbose"))
    reporter.table("Where", ("fault", "where", "found"), lines)


def _fix(
    target: Path,
    loose: LooseFile,
    findings: Sequence[Finding],
    root: Path | None,
    workers: int,
    reporter: Reporter,
) -> dict[str, Any]:
    from trashdata.coco.write import write_document
    from trashdata.runs.files import open_atomically
    from trashdata.validate.repair import encoded, repair

    repaired, actions, left = repair(loose, findings, root, workers=workers, reporter=reporter)
    top, lists = encoded(repaired)
    with open_atomically(target) as stream:
        write_document(stream, top, lists)
    _show_actions(target, actions, left, reporter)
    return {
        "repaired": [
            {"kind": a.finding.kind, "where": a.finding.where, "did": a.did} for a in actions
        ],
        "left": dict(Counter(finding.kind for finding in left if finding.severity != "note")),
    }


def _show_actions(
    target: Path, actions: Sequence[Action], left: Sequence[Finding], reporter: Reporter
) -> None:
    from trashdata.coco.faults import FAULTS

    done = Counter(action.finding.kind for action in actions)
    if done:
        reporter.table(
            f"{sum(done.values())} repairs in {target}",
            ("fault", "count", "what --fix does"),
            [(kind, count, FAULTS[kind].repair) for kind, count in done.items()],
        )
    else:
        reporter.note(f"Nothing to repair: {target} holds what the input holds.")
    errors = Counter(finding.kind for finding in left if finding.severity == "error")
    if errors:
        kinds = ", ".join(f"{kind} ({count})" for kind, count in errors.items())
        reporter.warn(f"{target.name} still has errors that only you can mend: {kinds}.")
