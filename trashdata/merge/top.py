"""Merging of top-level keys: info, licenses, and unknown keys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from trashdata.coco.keys import IGNORE_CATEGORY_IDS, MADE_BY
from trashdata.coco.records import info_of, own_info, with_added
from trashdata.errors import printable

from .ids import unite_ids
from .parts import Part

LISTS = ("images", "annotations", "categories")
Rows = list[dict[str, Any]]
# Old id to new id, for each field of a row that refers to a record.
References = dict[str, Callable[[int], int]]


def unite_info(parts: Sequence[Part], ignore_ids: Iterable[int], made_by: str) -> bytes:
    """Merge ``info``: the first file's values, those that later ones add, and our own key."""
    info: dict[str, Any] = {}
    ours: dict[str, Any] = {}
    for part in parts:
        content = info_of(part.document.top)
        ours = with_added(ours, own_info(content))
        info = with_added(info, content)
    ignored = sorted(ignore_ids)
    if ignored or IGNORE_CATEGORY_IDS in ours:
        ours[IGNORE_CATEGORY_IDS] = ignored
    ours[MADE_BY] = made_by
    return msgspec.json.encode(info | {"trashdata": ours})


def licenses_of(part: Part) -> Rows | None:
    """The file's licenses; None if they are not a list of objects with ids."""
    raw = part.document.top.get("licenses")
    rows = None if raw is None else msgspec.json.decode(raw)
    rows = [] if rows is None else rows
    sound = isinstance(rows, list) and all(
        isinstance(row, dict) and type(row.get("id")) is int for row in rows
    )
    return rows if sound else None


def licensed(parts: Sequence[Part]) -> bool:
    """Whether the licenses of all files have ids."""
    return all(licenses_of(part) is not None for part in parts)


def unite_licenses(parts: Sequence[Part]) -> tuple[list[dict[int, int]], Rows]:
    """Merge the licenses; returns new ids by old ones for each file, and the licenses."""
    files = [licenses_of(part) or [] for part in parts] if licensed(parts) else [[] for _ in parts]
    keys = [[(_content(row), row["id"]) for row in rows] for rows in files]
    dangling = {
        number
        for part, rows in zip(parts, files, strict=True)
        for number in _image_licenses(part) - {row["id"] for row in rows}
    }
    ids, _ = unite_ids(keys, dangling)
    united: dict[int, dict[str, Any]] = {}
    for rows, new_ids in zip(files, ids, strict=True):
        for row in rows:
            united.setdefault(new_ids[row["id"]], row | {"id": new_ids[row["id"]]})
    return ids, list(united.values())


class _Licensed(msgspec.Struct):
    license: Any = None


def _image_licenses(part: Part) -> set[int]:
    decode = msgspec.json.Decoder(_Licensed).decode
    found = (decode(raw).license for raw in part.document.raw_images)
    return {number for number in found if type(number) is int}


def _content(row: dict[str, Any]) -> bytes:
    return msgspec.json.encode({k: v for k, v in row.items() if k != "id"}, order="sorted")


def unite_unknown(
    parts: Sequence[Part], references: Sequence[References]
) -> tuple[dict[str, bytes | msgspec.Raw], list[str]]:
    """Merge the other keys of all files; returns them and warnings.

    Rows of lists are concatenated, without equal ones of several files; ``image_id``,
    ``annotation_id`` and ``category_id`` in them are renumbered. Of other values, the first file's
    is kept.
    """
    united: dict[str, Any] = {}
    owners: dict[str, str] = {}
    warnings = []
    known = {*LISTS, "info", *(["licenses"] if licensed(parts) else [])}
    for part, part_references in zip(parts, references, strict=True):
        for key, raw in part.document.top.items():
            if key in known:
                continue
            value = _renumbered(msgspec.json.decode(raw), part_references)
            before = united.setdefault(key, value)
            label = owners.setdefault(key, part.label)
            if before == value:
                continue
            if isinstance(before, list) and isinstance(value, list):
                united[key] = before + _new_rows(before, value)
                if _same_ids(before, united[key][len(before) :]):
                    warnings.append(
                        f"{printable(key)}: {part.label} and {label} use the same ids for"
                        " different rows; all of them are kept as they are."
                    )
            else:
                warnings.append(
                    f"{printable(key)} differs between {label} and {part.label}; the first stays."
                )
    return {key: msgspec.json.encode(value) for key, value in united.items()}, warnings


def _renumbered(value: Any, references: References) -> Any:
    if not isinstance(value, list):
        return value
    rows = []
    for row in value:
        known = references.keys() & row.keys() if isinstance(row, dict) else ()
        new = {key: references[key](row[key]) for key in known if type(row[key]) is int}
        rows.append(row | new if new else row)
    return rows


def _new_rows(before: list[Any], rows: list[Any]) -> list[Any]:
    """The rows that are not there yet; of repeated rows, the additional ones."""
    there = Counter(msgspec.json.encode(row, order="sorted") for row in before)
    new = []
    for row in rows:
        content = msgspec.json.encode(row, order="sorted")
        there[content] -= 1
        if there[content] < 0:
            new.append(row)
    return new


def _same_ids(before: list[Any], new: list[Any]) -> bool:
    ids = {row["id"] for row in before if isinstance(row, dict) and type(row.get("id")) is int}
    return any(isinstance(row, dict) and row.get("id") in ids for row in new)
