"""Findings of ``trashdata prove`` for the page: charts over a table of verdicts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import msgspec

from trashdata.comparison.verdicts import Family, Row
from trashdata.comparison.words import interval, points, verdict
from trashdata.errors import UserError, printable
from trashdata.prove.findings import (
    Finding,
    Key,
    from_plain,
    grouped,
    in_order,
    key_of,
    noise_of,
)
from trashdata.prove.scale import Scale, scale_of
from trashdata.prove.titles import SPEAKS_OF, against, scoring, tally, training

FILE = "prove.json"

_GROUPS: dict[Family, str] = {
    "mean": "",
    "patch": "Declared classes",
    "exploratory": "Other classes, exploratory: a reason to look again, not a result",
}
_MANY = 24
_ALL_OPEN = 2


class _File(msgspec.Struct):
    findings: msgspec.Raw


class Span(NamedTuple):
    """A part of the axis: its left end and its width in percent."""

    left: float
    width: float


class ProveRow(NamedTuple):
    """A row: what is drawn of it in percent of the axis, and its texts.

    ``mark``: None without a difference; ``line``: its interval, ``noise``: the noise floor, None
    where there is none; ``kind``: the verdict as a name for the style.
    """

    name: str
    kind: str
    mark: float | None
    line: Span | None
    noise: Span | None
    numbers: str
    verdict: str


class ProveGroup(NamedTuple):
    """Rows of a family."""

    title: str
    rows: list[ProveRow]


class ProveFinding(NamedTuple):
    """An arm; ``tall``: whether there are so many rows that they scroll."""

    arm: str
    against: str
    facts: str
    tally: str
    groups: list[ProveGroup]
    tall: bool
    opened: bool


class OverviewCell(NamedTuple):
    """A class and an arm; an empty text where the arm does not have the class."""

    kind: str
    text: str
    title: str


class OverviewGroup(NamedTuple):
    """Rows of a family: a name, and a cell for each arm."""

    title: str
    rows: list[tuple[str, list[OverviewCell]]]


class Prove(NamedTuple):
    """All findings; ``ticks``: position in percent and text; ``overview``: of more than one."""

    lead: str
    ticks: list[tuple[float, str]]
    compressed: bool
    findings: list[ProveFinding]
    heads: list[str]
    overview: list[OverviewGroup]
    overview_tall: bool


def read_prove(folder: Path) -> tuple[Prove, dict[str, bytes]]:
    """Read the findings in a folder; returns them and the bytes of their file, by its name.

    Raises
    ------
    UserError : there is no file of findings, or it is damaged.
    """
    path = folder / FILE
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise UserError(
            f"--prove {printable(str(folder))}",
            expected="the folder of 'trashdata prove'",
            found=f"no {FILE} there",
            advice="make one with 'trashdata prove'",
        ) from None
    except OSError as error:
        raise _odd(path, error.strerror or str(error)) from None
    try:
        raw = msgspec.json.decode(content, type=_File).findings
        findings = from_plain(msgspec.json.decode(raw))
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise _odd(path, str(error)) from None
    if not findings:
        raise _odd(path, "no findings")
    return prove_charts(findings), {f"{folder.resolve().name}/{FILE}": content}


def _odd(path: Path, found: str) -> UserError:
    return UserError(
        printable(str(path)),
        expected="the findings of 'trashdata prove'",
        found=printable(found),
        advice="run prove again, or give another --prove",
    )


def prove_charts(findings: Sequence[Finding]) -> Prove:
    """The template's values."""
    scale = scale_of(findings)
    return Prove(
        lead=SPEAKS_OF,
        ticks=[(_percent(position), text) for position, text in scale.ticks()],
        compressed=scale.compressed,
        findings=[
            _finding(finding, scale, opened=index == 0 or len(findings) <= _ALL_OPEN)
            for index, finding in enumerate(findings)
        ],
        heads=_heads(findings),
        overview=_overview(findings) if len(findings) > 1 else [],
        overview_tall=len(grouped(findings)) > _MANY,
    )


def _finding(finding: Finding, scale: Scale, *, opened: bool) -> ProveFinding:
    families = groupby(in_order(finding.rows), key=lambda row: row.family)
    groups = [
        ProveGroup(_GROUPS[family], [_row(row, scale, noise_of(finding, row)) for row in rows])
        for family, rows in families
    ]
    return ProveFinding(
        arm=printable(finding.arm),
        against=printable(against(finding)),
        facts=f"{training(finding)}, {scoring(finding)}",
        tally=tally(finding),
        groups=groups,
        tall=len(finding.rows) > _MANY,
        opened=opened,
    )


def _row(row: Row, scale: Scale, noise: float) -> ProveRow:
    few = row.verdict == "too few photos"
    return ProveRow(
        name=printable(row.name),
        kind=_kind(row),
        mark=None if math.isnan(row.mean) else _percent(scale.position(row.mean)),
        line=None if few else _span(scale, row.low, row.high),
        noise=_span(scale, -noise, noise),
        numbers=interval(row),
        verdict=verdict(row),
    )


def _span(scale: Scale, low: float, high: float) -> Span | None:
    if math.isnan(low + high):
        return None
    left, right = _percent(scale.position(low)), _percent(scale.position(high))
    return Span(left, round(right - left, 2))


def _percent(position: float) -> float:
    """Of the axis from left to right.

    >>> _percent(-1.0), _percent(0.5)
    (0.0, 75.0)
    """
    return round(50 + 50 * position, 2)


def _kind(row: Row) -> str:
    return row.verdict.replace(" ", "-")


def _heads(findings: Sequence[Finding]) -> list[str]:
    """Names of the arms, with what else tells them apart."""
    arms = [finding.arm for finding in findings]
    return [
        printable(f.arm if arms.count(f.arm) == 1 else f"{f.arm}, {f.steps:,} steps")
        for f in findings
    ]


def _overview(findings: Sequence[Finding]) -> list[OverviewGroup]:
    """Every class of any finding, and what each arm does to it."""
    rows = [{key_of(row): row for row in finding.rows} for finding in findings]
    heads = _heads(findings)

    def cells(key: Key) -> list[OverviewCell]:
        return [_cell(one.get(key), head) for one, head in zip(rows, heads, strict=True)]

    families = groupby(grouped(findings).items(), key=lambda item: item[1])
    return [
        OverviewGroup(_GROUPS[family], [(printable(key[1]), cells(key)) for key, _ in items])
        for family, items in families
    ]


def _cell(row: Row | None, head: str) -> OverviewCell:
    if row is None:
        return OverviewCell("", "", "")
    title = f"{head}, {printable(row.name)}: {interval(row)}, {row.verdict}"
    return OverviewCell(_kind(row), points(row.mean), title)
