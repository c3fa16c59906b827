"""What was found in a file, and what would repair it: plain data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from trashdata.coco.faults import FAULTS, SEVERITIES, Severity

Key = Literal["images", "annotations", "categories"]


@dataclass(frozen=True, slots=True)
class SetFields:
    """Give these fields of the record these values."""

    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Drop:
    """Leave the record out; of an image, its annotations as well."""


@dataclass(frozen=True, slots=True)
class Renumber:
    """Give the record a new id; ``follow``: what refers to the old one goes with it."""

    follow: bool


@dataclass(frozen=True, slots=True)
class MergeInto:
    """Leave the record out, and give what refers to it to the record with this id."""

    id: int


@dataclass(frozen=True, slots=True)
class SetTop:
    """Put this value under this key at the top of the file."""

    key: str
    value: Any


@dataclass(frozen=True, slots=True)
class RenameTop:
    """Put what stands under this key at the top of the file under another one."""

    key: str
    to: str


Fix = SetFields | Drop | Renumber | MergeInto | SetTop | RenameTop


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: a row of `trashdata.coco.faults.FAULTS` at one place.

    ``key`` and ``index``: the list that holds the record and its index there, None for the
    file as a whole; ``id``: the record's id as it stands there; ``fix``: None is to leave it.
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
        """Such as ``annotation 371``."""
        if self.key is None:
            return "the file"
        name = {"images": "image", "annotations": "annotation", "categories": "category"}[self.key]
        if self.id:
            return f"{name} {self.id}"
        return f"{name} number {self.index + 1}"


_RANK = {kind: rank for rank, kind in enumerate(FAULTS)}
_KEYS = (None, "categories", "images", "annotations")


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Errors first, then by kind as in the table, then by place."""

    def rank(finding: Finding) -> tuple[int, int, int, int]:
        severity = SEVERITIES.index(finding.severity)
        return severity, _RANK[finding.kind], _KEYS.index(finding.key), finding.index

    return sorted(findings, key=rank)
