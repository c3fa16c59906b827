"""What was found of an arm, as plain data: the table, the picture and the page are made of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeAlias

import msgspec

from trashdata.comparison.needs import Needs
from trashdata.comparison.verdicts import Family, Row, Verdict

FAMILIES: tuple[Family, ...] = ("mean", "patch", "exploratory")
"""In the order in which rows are shown."""


@dataclass(frozen=True)
class Finding:
    """An arm against its controls, trained for ``steps`` with so many ``seeds``.

    ``steps``: 0 if another trainer made the results, which does not say how long it trained;
    ``against``: names of the controls; ``photos``: how many were scored; ``look``: how often the
    question has been asked of them, this time included; ``rows``: see `judge`; ``noise``: by name
    of a class, half the width of the interval, in IoU, that a control would have against itself;
    NaN, or no entry, where it is not known; ``mean_noise``: that of the mean.
    """

    arm: str
    against: tuple[str, ...]
    steps: int
    seeds: int
    photos: int
    look: int
    rows: tuple[Row, ...]
    noise: Mapping[str, float]
    mean_noise: float = math.nan


def in_order(rows: Iterable[Row]) -> list[Row]:
    """The mean, the patch classes, then all others; each family as it was."""
    return sorted(rows, key=lambda row: FAMILIES.index(row.family))


Key: TypeAlias = tuple[bool, str]
"""Whether it is the mean, and the name: a class may be called "mean" as well."""


def key_of(row: Row) -> Key:
    """What a row is of."""
    return (row.family == "mean", row.name)


def grouped(findings: Sequence[Finding]) -> dict[Key, Family]:
    """All that any finding has a row of, in order; what one of them declared is declared."""
    best: dict[Key, int] = {}
    for finding in findings:
        for row in finding.rows:
            family = FAMILIES.index(row.family)
            best[key_of(row)] = min(family, best.get(key_of(row), family))
    return {key: FAMILIES[best[key]] for key in sorted(best, key=best.__getitem__)}


def noise_of(finding: Finding, row: Row) -> float:
    """Half the width of the noise floor of a row, in IoU; NaN if it is not known."""
    if row.family == "mean":
        return finding.mean_noise
    return finding.noise.get(row.name, math.nan)


def as_plain(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """The findings as JSON has them; NaN becomes null."""
    # asdict copies a dict, but not every mapping.
    return [_without_nan(asdict(replace(f, noise=dict(f.noise)))) for f in findings]


def _without_nan(content: Any) -> Any:
    if isinstance(content, Mapping):
        return {key: _without_nan(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [_without_nan(value) for value in content]
    return None if isinstance(content, float) and math.isnan(content) else content


class _Needs(msgspec.Struct):
    seeds: int | None
    photos: int | None


class _Row(msgspec.Struct):
    name: str
    family: Family
    verdict: Verdict
    mean: float | None
    low: float | None
    high: float | None
    level: float
    p_value: float | None
    groups: int
    needs: _Needs | None


class _Finding(msgspec.Struct):
    arm: str
    against: tuple[str, ...]
    steps: int
    seeds: int
    photos: int
    look: int
    rows: list[_Row]
    noise: dict[str, float | None]
    mean_noise: float | None


def from_plain(content: object) -> list[Finding]:
    """The findings of `as_plain`; keys that are not known are ignored.

    Raises
    ------
    ValueError : it is something else, or holds numbers that are not finite.
    """
    try:
        found = msgspec.convert(content, list[_Finding])
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from None
    return [_finding(one) for one in found]


def _finding(found: _Finding) -> Finding:
    noise = {name: _number(value) for name, value in found.noise.items()}
    return Finding(
        found.arm,
        found.against,
        found.steps,
        found.seeds,
        found.photos,
        found.look,
        tuple(_row(row) for row in found.rows),
        noise,
        _number(found.mean_noise),
    )


def _row(row: _Row) -> Row:
    needs = None if row.needs is None else Needs(row.needs.seeds, row.needs.photos)
    return Row(
        row.name,
        row.family,
        row.verdict,
        _number(row.mean),
        _number(row.low),
        _number(row.high),
        _number(row.level),
        _number(row.p_value),
        row.groups,
        needs,
    )


def _number(value: float | None) -> float:
    if value is None:
        return math.nan
    if not math.isfinite(value):
        raise ValueError(f"the number {value}")
    return value
