"""Repairing a copy as findings propose."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from trashdata.coco.diagnose import LISTS
from trashdata.coco.keys import (
    BACKGROUND_IMAGE_ID,
    DONOR_ANNOTATION_ID,
    DONOR_IMAGE_ID,
    DONOR_JSON,
    MADE_BY,
    REPEAT_OF,
)
from trashdata.coco.read import MAX_ID
from trashdata.console import Reporter

from .examine import examine
from .findings import Drop, Finding, Key, MergeInto, RenameTop, Renumber, SetFields, SetTop
from .loose import LooseFile

# A repair may cause a new fault: without a polygon, the box does not fit any more.
_ROUNDS = 6
_MADE_BY = "trashdata validate"


@dataclass(frozen=True, slots=True)
class Action:
    """What was done about a finding, such as ``dropped``."""

    finding: Finding
    did: str


@dataclass(frozen=True)
class Repaired:
    """The repaired file, the actions in order, and the remaining faults."""

    file: LooseFile
    actions: Sequence[Action]
    left: Sequence[Finding]


def repair(
    loose: LooseFile,
    findings: Sequence[Finding],
    photos: Path | None,
    *,
    workers: int = 1,
    reporter: Reporter | None = None,
) -> Repaired:
    """Repair and examine in turn, until nothing more can be repaired."""
    actions: list[Action] = []
    left = list(findings)
    for _ in range(_ROUNDS):
        if loose.marked:
            actions += [Action(f, "left out") for f in left if f.kind == "byte-order-mark"]
        elif not any(finding.fix for finding in left):
            break
        loose, done = _fixed(loose, left)
        actions += done
        left = examine(loose, photos, workers=workers, reporter=reporter, look_at_photos=False)
    if any(action.finding.key == "images" for action in actions):
        # With another name or size, an image's photo may be a different one, or fit.
        left = examine(loose, photos, workers=workers, reporter=reporter)
    else:
        left += [finding for finding in findings if finding.kind.startswith("photo-")]
    return Repaired(loose, actions, left)


def _fixed(loose: LooseFile, findings: Sequence[Finding]) -> tuple[LooseFile, list[Action]]:
    actions: list[Action] = []
    top = dict(loose.top)
    for finding in findings:
        if isinstance(finding.fix, SetTop):
            value = finding.fix.value
            if finding.fix.key not in LISTS:
                top[finding.fix.key] = _encode(value)
            actions.append(Action(finding, f"set {finding.fix.key}"))
        elif isinstance(finding.fix, RenameTop) and finding.fix.key in top:
            top[finding.fix.to] = top.pop(finding.fix.key)
            actions.append(Action(finding, f"renamed to {finding.fix.to}"))
    lists, raw, moved = {}, {}, _Moved({}, {}, {})
    for key in LISTS:
        lists[key], raw[key] = _fixed_list(loose, key, findings, moved, actions)  # type: ignore[arg-type]
    for key in LISTS:
        lists[key], raw[key] = _followed(lists[key], raw[key], moved)
    fixed = replace(loose, marked=False, missing=(), top=top, lists=lists, raw=raw)
    return fixed, actions


@dataclass(frozen=True)
class _Moved:
    """New ids by old ones, for references."""

    images: dict[int, int]
    annotations: dict[int, int]
    categories: dict[int, int]


_Lists = tuple[list[Any], list[bytes | msgspec.Raw | None]]


def _fixed_list(
    loose: LooseFile,
    key: Key,
    findings: Iterable[Finding],
    moved: _Moved,
    actions: list[Action],
) -> _Lists:
    by_index: dict[int, list[Finding]] = {}
    for finding in findings:
        if finding.key == key and finding.fix is not None:
            by_index.setdefault(finding.index, []).append(finding)
    records: list[Any] = []
    raw: list[bytes | msgspec.Raw | None] = []
    free = _free_id(loose.lists[key])
    for index, record in enumerate(loose.lists[key]):
        of_record = by_index.get(index)
        if of_record is None:
            records.append(record)
            raw.append(loose.raw[key][index])
            continue
        fixed, did = _fixed_record(record, of_record, free, getattr(moved, key))
        actions += [Action(finding, did) for finding in of_record]
        if fixed is not None:
            free = max(free, fixed["id"] + 1) if isinstance(fixed.get("id"), int) else free
            records.append(fixed)
            raw.append(None)
    return records, raw


def _free_id(records: Iterable[Any]) -> int:
    ids = [record.get("id") for record in records if isinstance(record, dict)]
    return max((i for i in ids if type(i) is int and 0 <= i < MAX_ID), default=0) + 1


def _fixed_record(
    record: Any, findings: Sequence[Finding], free: int, moved: dict[int, int]
) -> tuple[dict[str, Any] | None, str]:
    """The repaired record, or None if it is dropped, and what was done."""
    fixes = [finding.fix for finding in findings]
    for fix in fixes:
        if isinstance(fix, Drop):
            return None, "dropped"
        if isinstance(fix, MergeInto):
            moved[record["id"]] = fix.id
            return None, f"merged into {fix.id}"
    fields: dict[str, Any] = {}
    for fix in fixes:
        if isinstance(fix, SetFields):
            fields |= fix.fields
    did = [f"set {', '.join(fields)}"] if fields else []
    renumber = next((fix for fix in fixes if isinstance(fix, Renumber)), None)
    if renumber is not None:
        if renumber.follow:
            moved[record["id"]] = free
        fields["id"] = free
        did.append(f"renumbered to {free}")
    return {**record, **fields}, " and ".join(did)


# --- references to ids that have changed ----------------------------------------------------


def _followed(records: list[Any], raw: list[bytes | msgspec.Raw | None], moved: _Moved) -> _Lists:
    if not (moved.images or moved.annotations or moved.categories):
        return records, raw
    followed = [_with_new_references(record, moved) for record in records]
    kept = [
        old if new is record else None
        for old, new, record in zip(raw, followed, records, strict=True)
    ]
    return followed, kept


def _with_new_references(record: Any, moved: _Moved) -> Any:
    """The record with updated references; the same object if none changed."""
    if not isinstance(record, dict):
        return record
    new = _replaced(record, {"image_id": moved.images, "category_id": moved.categories})
    provenance = record.get("trashdata")
    # A donor of another file keeps that file's id.
    if isinstance(provenance, dict) and DONOR_JSON not in provenance:
        references = {
            BACKGROUND_IMAGE_ID: moved.images,
            REPEAT_OF: moved.images,
            DONOR_IMAGE_ID: moved.images,
            DONOR_ANNOTATION_ID: moved.annotations,
        }
        inner = _replaced(provenance, references)
        if inner is not provenance:
            new = {**new, "trashdata": inner}
    return new


def _replaced(
    record: dict[str, Any], references: Mapping[str, Mapping[int, int]]
) -> dict[str, Any]:
    changes = {
        field: ids[record[field]]
        for field, ids in references.items()
        if type(record.get(field)) is int and record[field] in ids
    }
    return {**record, **changes} if changes else record


# --- writing --------------------------------------------------------------------------------


def encoded(loose: LooseFile) -> tuple[dict[str, bytes], dict[str, list[bytes]]]:
    """Encode the top level and the lists for `trashdata.coco.write.write_document`."""
    top = {key: bytes(value) for key, value in loose.top.items()}
    top["info"] = _signed(top.get("info", b"{}"))
    lists = {
        key: [
            bytes(raw) if raw is not None else _encode(record)
            for raw, record in zip(loose.raw[key], loose.lists[key], strict=True)
        ]
        for key in LISTS
    }
    return top, lists


def _encode(record: Any) -> bytes:
    try:
        return msgspec.json.encode(record)
    except (UnicodeEncodeError, OverflowError):
        # A lone surrogate: repaired in a later round, or, in a file_name, only by renaming the
        # photo.
        return json.dumps(record).encode()


def _signed(info: bytes) -> bytes:
    """Add ``made_by`` to the info, so that ``--overwrite`` recognises the file."""
    content = msgspec.json.decode(info)
    if not isinstance(content, dict):
        return info
    values = content.get("trashdata", {})
    return msgspec.json.encode({**content, "trashdata": {**values, MADE_BY: _MADE_BY}})
