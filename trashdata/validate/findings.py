"""Findings in a file, and their repairs, as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from trashdata.coco.faults import FAULTS, SEVERITIES, Severity

Key = Literal["images", "annotations", "categories"]


@dataclass(frozen=True, slots=True)
class SetFields:
    """Set fields of the record."""

    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Drop:
    """Drop the record; for an image, its annotations as well."""


@dataclass(frozen=True, slots=True)
class Renumber:
    """Give the record a new id; ``follow``: update references to the old one."""

    follow: bool


@dataclass(frozen=True, slots=True)
class MergeInto:
    """Drop the record, and redirect references to it to the record with this id."""

    id: int


@dataclass(frozen=True, slots=True)
class SetTop:
    """Set a top-level key."""

    key: str
    value: Any


@dataclass(frozen=True, slots=True)
class RenameTop:
    """Rename a top-level key."""

    key: str
    to: str


Fix = SetFields | Drop | Renumber | MergeInto | SetTop | RenameTop


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault in a file: a row of `trashdata.coco.faults.FAULTS`, and its location.

    ``key`` and ``index``: the list of the record and its index there, None for the file as a whole;
    ``id``: the record's id as in the file; ``fix``: the repair, or None.
    """

    kind: str
    found: str
    key: Key | None = None
    index: int = -1
    id: str = ""
    fix: Fix | None = None

    @property
    def severity(self) -> Severity:
        return FAULTS[self.kind].severity

    @property
    def where(self) -> str:
        """The location, such as ``annotation 371``."""
        if self.key is None:
            return "the file"
        name = {"images": "image", "annotations": "annotation", "categories": "category"}[self.key]
        if self.id:
            return f"{name} {self.id}"
        return f"{name} number {self.index + 1}"


_RANK = {kind: rank for rank, kind in enumerate(FAULTS)}
_KEYS = (None, "categories", "images", "annotations")


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Sort findings: errors first, then by kind as in the table, then by location."""

    def rank(finding: Finding) -> tuple[int, int, int, int]:
        severity = SEVERITIES.index(finding.severity)
        return severity, _RANK[finding.kind], _KEYS.index(finding.key), finding.index

    return sorted(findings, key=rank)
