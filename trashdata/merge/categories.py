"""Merging of categories: classes by name, ignore categories by declaration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import msgspec

from trashdata.coco.document import CategoryRecord
from trashdata.coco.records import replaced, with_added
from trashdata.errors import printable

from .ids import unite_ids
from .parts import Part

Key = tuple[str, str]


@dataclass(frozen=True)
class Categories:
    """``ids``: for each file new id by old id; ``records``: id, name and bytes by rising id."""

    ids: list[dict[int, int]]
    records: list[tuple[int, str, bytes | msgspec.Raw]]
    ignore_ids: frozenset[int]
    warnings: list[str]


def unite_categories(parts: Sequence[Part]) -> Categories:
    """Merge the categories of all files; values that only a later file has are added.

    The ignore category of a later file becomes that of an earlier one, whatever their names. If a
    class has the name of an ignore category, the latter is renamed, since it is declared by id.
    """
    keys = _keys(parts)
    ids, _ = unite_ids(
        [
            [
                (key, category.id)
                for key, category in zip(part_keys, part.document.categories, strict=True)
            ]
            for part_keys, part in zip(keys, parts, strict=True)
        ]
    )
    warnings: list[str] = []
    rows: dict[int, tuple[Key, dict[str, Any], str]] = {}
    for part, part_keys, new in zip(parts, keys, ids, strict=True):
        document = part.document
        for key, category, raw in zip(
            part_keys, document.categories, document.raw_categories, strict=True
        ):
            content = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
            row = rows.setdefault(new[category.id], (key, content, part.label))
            warnings += _differences(category, row[1], content, (row[2], part.label))
            rows[new[category.id]] = row[0], with_added(row[1], content), row[2]
    ignored = frozenset(new_id for new_id, (key, _, _) in rows.items() if key[0] == "ignore")
    names = _names({new_id: key for new_id, (key, _, _) in rows.items()}, warnings)
    records = [(new_id, names[new_id], _record(new_id, names[new_id], rows[new_id][1]))
               for new_id in sorted(rows)]  # fmt: skip
    return Categories(ids, records, ignored, warnings)


def _keys(parts: Sequence[Part]) -> list[list[Key]]:
    """For each file the key of each category: ``class`` or ``ignore``, and a name."""
    ignored: list[str] = []
    keys = []
    for part in parts:
        earlier = list(ignored)
        part_keys: list[Key] = []
        for category in part.document.categories:
            if category.id not in part.document.ignore_ids:
                part_keys.append(("class", category.name))
                continue
            known = category.name in earlier or not earlier
            name = category.name if known else earlier[0]
            if name not in ignored:
                ignored.append(name)
            part_keys.append(("ignore", name))
        keys.append(part_keys)
    return keys


def _differences(
    category: CategoryRecord,
    kept: dict[str, msgspec.Raw],
    content: dict[str, msgspec.Raw],
    labels: tuple[str, str],
) -> Iterator[str]:
    for field in sorted((kept.keys() & content.keys()) - {"id", "name"}):
        one, other = (msgspec.json.decode(record[field]) for record in (kept, content))
        if one != other:
            name = printable(category.name)
            yield (
                f"Category {name}: {printable(field)} is {printable(str(one))!r} in {labels[0]}"
                f" and {printable(str(other))!r} in {labels[1]}; the first stays."
            )


def _names(keys: dict[int, Key], warnings: list[str]) -> dict[int, str]:
    """The name of each category; an ignore category with the name of a class is renamed."""
    classes = {name for kind, name in keys.values() if kind == "class"}
    names = {}
    for new_id, (kind, name) in keys.items():
        names[new_id] = name
        if kind == "ignore" and name in classes:
            taken = classes | {taken_name for _, taken_name in keys.values()}
            free = (f"{name} {number}" for number in count(2))
            names[new_id] = next(free_name for free_name in free if free_name not in taken)
            warnings.append(
                f"{printable(name)!r} is a class in one file and the ignore category in another;"
                f" the ignore category is called {printable(names[new_id])!r} in the result."
            )
    return names


def _record(new_id: int, name: str, content: dict[str, Any]) -> bytes:
    return replaced(msgspec.json.encode(content), {"id": new_id, "name": name})
