"""Report at the end of validate: tables, and the same as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from trashdata.coco.faults import FAULTS, SEVERITIES
from trashdata.console import Reporter

from .findings import Finding
from .repair import Repaired

# Number of findings shown per kind, unless the reporter is verbose.
_SHOWN = 5


def counts_of(findings: Sequence[Finding]) -> dict[str, int]:
    """Numbers of errors, warnings and notes."""
    counts = Counter(finding.severity for finding in findings)
    return {f"{severity}s": counts[severity] for severity in SEVERITIES}


def faults_of(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """A row for each kind of fault, the most severe first."""
    rows_of: dict[str, list[dict[str, Any]]] = {}
    for finding in findings:
        row = {"where": finding.where, "found": finding.found}
        rows_of.setdefault(finding.kind, []).append(row)
    return [
        {
            "kind": kind,
            "severity": FAULTS[kind].severity,
            "count": len(rows),
            "expected": FAULTS[kind].expected,
            "advice": FAULTS[kind].advice,
            "repair": FAULTS[kind].repair,
            "places": rows,
        }
        for kind, rows in rows_of.items()
    ]


def repairs_of(repaired: Repaired) -> dict[str, Any]:
    """The action for each finding, and the number of remaining faults by kind."""
    return {
        "repaired": [
            {"kind": a.finding.kind, "where": a.finding.where, "did": a.did}
            for a in repaired.actions
        ],
        "left": dict(Counter(row.kind for row in repaired.left if row.severity != "note")),
    }


def show_findings(name: str, findings: Sequence[Finding], reporter: Reporter) -> None:
    """Show a table of kinds for each severity, then one of locations."""
    if not findings:
        reporter.note(f"{name}: no faults.")
        return
    rows = faults_of(findings)
    for severities, count in counts_of(findings).items():
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
    reporter.table("Where", ("fault", "where", "found"), _shown_rows(rows, reporter.verbose))


def _shown_rows(rows: Sequence[dict[str, Any]], verbose: bool) -> list[tuple[str, str, str]]:
    lines: list[tuple[str, str, str]] = []
    for row in rows:
        shown = row["places"] if verbose else row["places"][:_SHOWN]
        lines += [(row["kind"], fault["where"], fault["found"]) for fault in shown]
        if len(shown) < row["count"]:
            lines.append((row["kind"], "…", f"{row['count'] - len(shown):,} more; see --verbose"))
    return lines


def show_repairs(path: Path, repaired: Repaired, reporter: Reporter, *, written: bool) -> None:
    """Show a table of repairs, and warn of faults left to the user."""
    done = Counter(action.finding.kind for action in repaired.actions)
    if done:
        reporter.table(
            f"{sum(done.values())} repairs" + (f" in {path}" if written else ""),
            ("fault", "count", "what --fix does"),
            [(kind, count, FAULTS[kind].repair) for kind, count in done.items()],
        )
    elif written:
        reporter.note(f"Nothing to repair: {path} holds what the input holds.")
    if not written:
        reporter.note(f"Would write {path}.")
    errors = Counter(row.kind for row in repaired.left if row.severity == "error")
    if errors:
        kinds = ", ".join(f"{kind} ({count})" for kind, count in errors.items())
        reporter.warn(f"{path.name} still has errors that only you can fix: {kinds}.")
