"""Findings on the terminal: tables with a row a class."""

from __future__ import annotations

from collections.abc import Sequence

from trashdata.comparison.verdicts import Row
from trashdata.comparison.words import interval, verdict
from trashdata.console import Reporter

from .findings import Finding, in_order
from .titles import EXPLORATORY, title

_HEADER = ("class", "points of IoU", "verdict")
_MOST = 24


def show_findings(findings: Sequence[Finding], reporter: Reporter) -> None:
    """Show two tables of each finding: the mean and the declared classes, then all others.

    Of more than 24 others, only those with a verdict, unless ``reporter.verbose``.
    """
    for finding in findings:
        rows = in_order(finding.rows)
        declared = [row for row in rows if row.family != "exploratory"]
        others = rows[len(declared) :]
        reporter.table(title(finding), _HEADER, table_rows(declared))
        shown = _shown(others, reporter.verbose)
        if shown:
            reporter.table(EXPLORATORY, _HEADER, table_rows(shown))
        if len(shown) < len(others):
            number = len(others) - len(shown)
            reporter.note(f"{number} more without a verdict: --verbose shows them.")


def table_rows(rows: Sequence[Row]) -> list[tuple[str, str, str]]:
    """Name, difference with its interval, verdict; the means end in one column."""
    means = [interval(row).partition(" ") for row in rows]
    width = max((len(mean) for mean, _, _ in means), default=0)
    differences = [mean.rjust(width) + space + ends for mean, space, ends in means]
    return [
        (row.name, difference, verdict(row))
        for row, difference in zip(rows, differences, strict=True)
    ]


def _shown(others: Sequence[Row], verbose: bool) -> list[Row]:
    if verbose or len(others) <= _MOST:
        return list(others)
    return [row for row in others if row.verdict in ("helps", "hurts")]
