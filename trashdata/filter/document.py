"""Filtered COCO documents: classes renamed, merged or dropped, small objects left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from trashdata.coco.document import Document
from trashdata.coco.keys import DONOR_JSON, MADE_BY
from trashdata.coco.records import counts_of, info_of, own_info, replaced, with_settled_ties

Ids = NDArray[np.int64]
_BLOCK = 65_536


def filter_document(
    document: Document,
    targets: Mapping[int, str | None],
    *,
    min_area: float = 0.0,
    drop_empty: bool = False,
) -> Filtered:
    """Plan a filtered file; nothing is written.

    Parameters
    ----------
    targets : the new name of each class by its id, None if it is dropped; see
        `trashdata.filter.class_map.class_targets`.
    min_area : drop objects of a smaller area in pixels; ignored regions are kept.
    drop_empty : drop images without objects, with their ignored regions.
    """
    document = with_settled_ties(document)
    new_ids = _new_ids(document, targets)
    ids = _column([category.id for category in document.categories])
    indices = np.searchsorted(ids, _column([a.category_id for a in document.annotations]))
    table = _column([new_ids.get(c.id, c.id) for c in document.categories])
    stays = np.array([targets.get(c.id, "") is not None for c in document.categories], dtype=bool)
    is_class = np.array([c.id not in document.ignore_ids for c in document.categories], dtype=bool)
    kept, objects = stays[indices], is_class[indices]
    if min_area > 0:
        kept &= ~_small(document, kept & objects, min_area)
    images = np.ones(len(document.images), dtype=bool)
    if drop_empty:
        image_ids = _column([image.id for image in document.images])
        rows = np.searchsorted(image_ids, _column([a.image_id for a in document.annotations]))
        images = np.bincount(rows[kept & objects], minlength=len(images)) > 0
        kept &= images[rows]
    return Filtered(document, targets, new_ids, ids[indices], table[indices], kept, images)


def _new_ids(document: Document, targets: Mapping[int, str | None]) -> dict[int, int]:
    """New category id by old one: the id of the class that keeps this name, else the lowest id of
    the classes that get it."""
    names = {category.id: category.name for category in document.class_categories}
    chosen: dict[str, int] = {}
    for old, name in targets.items():
        if name is not None and (name not in chosen or names[old] == name):
            chosen[name] = old
    return {old: chosen[name] for old, name in targets.items() if name is not None}


def _small(document: Document, asked: NDArray[np.bool_], min_area: float) -> NDArray[np.bool_]:
    from trashdata.coco.areas import object_areas

    chosen = np.flatnonzero(asked)
    small = np.zeros(len(asked), dtype=bool)
    areas = object_areas(document, [document.annotations[k] for k in chosen.tolist()])
    small[chosen] = areas < min_area
    return small


@dataclass(frozen=True)
class Filtered:
    """A filtered file, planned.

    ``targets``: new name of each class by its id, None if dropped; ``new_ids``: new id of the
    others; ``old_categories``, ``new_categories``: of every annotation, (M,) int64; ``kept``:
    whether each annotation is kept, (M,) bool; ``images``: whether each image is kept, (N,) bool.
    """

    document: Document
    targets: Mapping[int, str | None]
    new_ids: Mapping[int, int]
    old_categories: Ids
    new_categories: Ids
    kept: NDArray[np.bool_]
    images: NDArray[np.bool_]

    def fates(self) -> list[tuple[str, str | None, int, int]]:
        """Each old class, its new name (None: dropped), its objects before and after."""
        before, left = counts_of(self.old_categories), counts_of(self.old_categories[self.kept])
        return [
            (c.name, self.targets[c.id], before.get(c.id, 0), left.get(c.id, 0))
            for c in self.document.class_categories
        ]

    def class_counts(self) -> list[tuple[str, int, int]]:
        """For each name, before or after: the numbers of its objects before and after."""
        before = {name: count for name, _, count, _ in self.fates()}
        after: dict[str, int] = {}
        for _, target, _, count in self.fates():
            if target is not None:
                after[target] = after.get(target, 0) + count
        return [(name, before.get(name, 0), after.get(name, 0)) for name in before | after]

    def top(self, made_by: str) -> dict[str, bytes | msgspec.Raw]:
        """Encoded values of the top-level keys in order, with ours in ``info``."""
        info = info_of(self.document.top)
        info["trashdata"] = own_info(info) | {MADE_BY: made_by}
        top: dict[str, bytes | msgspec.Raw] = dict(self.document.top)
        first: dict[str, bytes | msgspec.Raw] = {} if "info" in top else {"info": b""}
        return {**first, **top, "info": msgspec.json.encode(info)}

    def lists(self, out_name: str) -> dict[str, Iterable[bytes | msgspec.Raw]]:
        """The kept records by rising id; unchanged ones as they were read.

        ``out_name``: the name of the result's file; donors in the old file become donors in the
        result.
        """
        images = np.flatnonzero(self.images).tolist()
        return {
            "images": (self.document.raw_images[k] for k in images),
            "annotations": self._annotations(out_name),
            "categories": self.categories,
        }

    def _annotations(self, out_name: str) -> Iterator[bytes | msgspec.Raw]:
        document, own_name = self.document, self.document.name
        raws = [*document.raw_annotations]
        chosen = np.flatnonzero(self.kept)
        for start in range(0, len(chosen), _BLOCK):
            block = chosen[start : start + _BLOCK]
            old, new = self.old_categories[block].tolist(), self.new_categories[block].tolist()
            for k, before, after in zip(block.tolist(), old, new, strict=True):
                raw, provenance = raws[k], document.annotations[k].trashdata
                values: dict[str, Any] = {} if before == after else {"category_id": after}
                if provenance and provenance.get(DONOR_JSON) == own_name != out_name:
                    values["trashdata"] = {x: y for x, y in provenance.items() if x != DONOR_JSON}
                yield replaced(raw, values) if values else raw

    @cached_property
    def categories(self) -> list[bytes | msgspec.Raw]:
        """Categories by rising id. A merged class keeps the values that its classes share, or all
        values of the class that had its name already."""
        records: list[bytes | msgspec.Raw] = []
        rows = zip(self.document.categories, self.document.raw_categories, strict=True)
        raws = {category.id: (category.name, raw) for category, raw in rows}
        for old, (name, raw) in raws.items():
            if old in self.document.ignore_ids:
                records.append(raw)
            elif self.new_ids.get(old) == old:
                target = self.targets[old]
                assert target is not None
                sources = [raws[s][1] for s, new in self.new_ids.items() if new == old]
                records.append(raw if target == name else _renamed(raw, target, sources))
        return records


def _renamed(raw: msgspec.Raw, name: str, sources: Sequence[msgspec.Raw]) -> bytes:
    """A record with its new name, and the values that all merged classes agree on."""
    contents = [_with_own_name(msgspec.json.decode(source), name) for source in sources]
    record = {
        key: value
        for key, value in _with_own_name(msgspec.json.decode(raw), name).items()
        if key == "id" or all(key in c and c[key] == value for c in contents)
    }
    if any("supercategory" in content for content in contents):
        # COCO's readers expect one.
        record.setdefault("supercategory", name)
    return msgspec.json.encode({"id": record.pop("id"), "name": name} | (record | {"name": name}))


def _with_own_name(content: dict[str, Any], name: str) -> dict[str, Any]:
    """Set the supercategory to the new name if it repeats the old name."""
    same = content.get("supercategory") == content["name"]
    return content | ({"supercategory": name} if same else {})


def _column(values: list[int]) -> Ids:
    return np.array(values, dtype=np.int64)
