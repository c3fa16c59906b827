"""Checks of ids and names that must be unique, and of references."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, TypeVar

from trashdata.coco.document import AnnotationRecord, CategoryRecord, ImageRecord
from trashdata.coco.keys import REPEAT_OF
from trashdata.coco.read import MAX_ID
from trashdata.errors import printable

from .findings import Drop, Finding, Key, MergeInto, Renumber

Record = TypeVar("Record", ImageRecord, AnnotationRecord, CategoryRecord)


def id_faults(
    records: Sequence[Any], sound: Sequence[ImageRecord | AnnotationRecord | CategoryRecord | None],
    key: Key,
) -> Iterator[Finding]:  # fmt: skip
    """Faults of repeated ids, and of ids too large for some readers."""
    kind = "annotation-id-twice" if key == "annotations" else "id-twice"
    first: dict[int, int] = {}
    for index, record in enumerate(sound):
        if record is None:
            continue
        if abs(record.id) > MAX_ID:
            yield Finding("id-huge", str(record.id)[:40], key, index, str(record.id)[:40],
                          Renumber(follow=True))  # fmt: skip
        other = first.setdefault(record.id, index)
        if other != index:
            equal = records[index] == records[other]
            found = "an equal record a second time" if equal else "another record with this id"
            fix = Drop() if equal else Renumber(follow=False)
            yield Finding(kind, found, key, index, str(record.id), fix)


def image_names(sound: Sequence[ImageRecord | None]) -> Iterator[Finding]:
    """Faults of repeated file names, except those of repeats (``repeat_of``)."""

    def merge(one: ImageRecord, other: ImageRecord) -> MergeInto | None:
        same = (one.width, one.height) == (other.width, other.height)
        return MergeInto(one.id) if same else None

    named = [None if r is None or REPEAT_OF in r.trashdata else r for r in sound]
    yield from _names_twice(named, "images", lambda image: image.file_name, merge)


def category_names(sound: Sequence[CategoryRecord | None]) -> Iterator[Finding]:
    """Faults of repeated class names."""
    yield from _names_twice(
        sound, "categories", lambda category: category.name, lambda one, _: MergeInto(one.id)
    )


def _names_twice(
    sound: Sequence[Record | None],
    key: Key,
    name_of: Callable[[Record], str],
    merge: Callable[[Record, Record], MergeInto | None],
) -> Iterator[Finding]:
    first: dict[str, Record] = {}
    for index, record in enumerate(sound):
        if record is None:
            continue
        name = name_of(record)
        other = first.setdefault(name, record)
        # Repeated ids are a separate fault.
        if other.id != record.id:
            found = f"{printable(name)!r}, as {other.id}"
            yield Finding("name-twice", found, key, index, str(record.id), merge(other, record))


def unknown_references(
    annotations: Sequence[AnnotationRecord | None], images: set[int], categories: set[int]
) -> Iterator[Finding]:
    """Faults of annotations of missing images or categories."""
    for index, item in enumerate(annotations):
        if item is None:
            continue
        for kind, known, name, value in (
            ("image-unknown", images, "image_id", item.image_id),
            ("category-unknown", categories, "category_id", item.category_id),
        ):
            if value not in known:
                found = f"{name} {value}"
                yield Finding(kind, found, "annotations", index, str(item.id), Drop())


def category_gaps(ids: Collection[int]) -> Iterator[Finding]:
    """Notes about category ids other than 1, 2, 3, ..."""
    ranked = sorted(ids)
    if ranked and ranked != list(range(1, len(ranked) + 1)):
        found = f"{len(ranked)} category ids from {ranked[0]} to {ranked[-1]}"
        gaps = ranked[-1] - ranked[0] + 1 - len(ranked)
        yield Finding("category-ids", found + (f", {gaps} missing" if gaps else ""))
