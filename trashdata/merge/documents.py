"""Merging of COCO documents: unique ids, categories by name, duplicate photos once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from trashdata.coco.document import Document
from trashdata.coco.keys import DONOR_ANNOTATION_ID, DONOR_IMAGE_ID, DONOR_JSON
from trashdata.coco.records import counts_of, replaced, with_settled_ties

from .categories import Categories, unite_categories
from .ids import unite_ids, unite_unique_ids
from .options import DuplicateRule
from .parts import Part
from .provenance import references, resolve_references
from .shared_photos import Numbering, SharedPhotos, unite_shared_photos
from .top import unite_info, unite_licenses, unite_unknown

Ids = NDArray[np.int64]
_BLOCK = 65_536


def merge_documents(
    documents: Sequence[Document],
    *,
    labels: Sequence[str] | None = None,
    file_names: Sequence[Sequence[str]] | None = None,
    on_duplicate: DuplicateRule = "error",
) -> Merged:
    """Plan the merge of COCO files; nothing is written.

    Parameters
    ----------
    documents : the files. The first one keeps an id that several have, and its info, category
        fields and (with ``first`` and ``union``) images and annotations are kept.
    labels : names of the files in messages; by default those of the files.
    file_names : for each file the names of its photos in the result; by default unchanged. Images
        of the same name are the same photo.
    on_duplicate : what to do about a photo whose labels differ between files: refuse, take the
        first file's annotations, or unite those of all.

    Raises
    ------
    UserError : with ``error``, a photo whose labels differ; with ``union``, one whose sizes differ;
        two files that a third one's synthetic photos could both have been made from.

    Notes
    -----
    Synthetic photos refer to their background and donors by id. If a file refers to images that it
    does not hold, they are looked up in the other file that holds all of them, with each donor on
    its image; see `trashdata.merge.provenance`.
    """
    labels = labels or [document.name for document in documents]
    file_names = file_names or [[i.file_name for i in d.images] for d in documents]
    settled = [with_settled_ties(document) for document in documents]
    parts = [Part(*row) for row in zip(settled, labels, file_names, strict=True)]
    referred = [references(part) for part in parts]
    categories = unite_categories(parts)
    image_ids, free = unite_ids(
        [
            list(zip(part.photo_keys, (i.id for i in part.document.images), strict=True))
            for part in parts
        ],
        (old for refers in referred for old in refers.images),
    )
    referenced, warnings = resolve_references(parts, referred, image_ids, free)
    license_ids, licenses = unite_licenses(parts)
    numbering = Numbering(image_ids, categories.ids, license_ids, referenced)
    shared = unite_shared_photos(parts, numbering, on_duplicate)
    kept = shared.representatives == np.arange(len(shared.representatives))
    starts = np.cumsum([len(part.document.annotations) for part in parts])[:-1]
    new_ids = unite_unique_ids([part.annotation_ids for part in parts], np.split(kept, starts))
    notes = [*categories.warnings, *warnings]
    return Merged(parts, numbering, categories, licenses, shared, np.concatenate(new_ids), notes)


@dataclass
class Merged:
    """A planned merge. ``annotation_ids``: the new id of every annotation of all files, (total,)
    int64; ``shared.representatives`` says which of them are in the result."""

    parts: Sequence[Part]
    numbering: Numbering
    categories: Categories
    licenses: list[dict[str, Any]]
    shared: SharedPhotos
    annotation_ids: Ids
    warnings: list[str]

    def __post_init__(self) -> None:
        sizes = [len(part.document.annotations) for part in self.parts]
        self._starts = np.cumsum([0, *sizes]).tolist()
        self._kept = np.flatnonzero(
            self.shared.representatives == np.arange(len(self.shared.representatives))
        )
        self._known = np.sort(self.annotation_ids[self._kept])
        highest = max([0, *self._known.tolist()[-1:], *(_highest(part) for part in self.parts)])
        self._free = count(highest + 1)
        self._new_licenses = [
            {old: new for old, new in ids.items() if old != new} for ids in self.numbering.licenses
        ]
        self._vacant: dict[tuple[int, int], int] = {}

    @property
    def image_count(self) -> int:
        return len({new for ids in self.numbering.images for new in ids.values()})

    @property
    def annotation_count(self) -> int:
        return len(self._kept)

    def class_counts(self) -> list[tuple[str, list[int], int]]:
        """For each class its name, its objects in each file, and those in the result."""
        columns = [self._category_column(number) for number in range(len(self.parts))]
        after = counts_of(np.concatenate([np.empty(0, np.int64), *columns])[self._kept])
        before = [counts_of(column) for column in columns]
        return [
            (name, [counts.get(new_id, 0) for counts in before], after.get(new_id, 0))
            for new_id, name, _ in self.categories.records
            if new_id not in self.categories.ignore_ids
        ]

    def top(self, made_by: str) -> tuple[dict[str, bytes | msgspec.Raw], list[str]]:
        """Encoded values of the top-level keys in order, and warnings."""
        unknown, warnings = unite_unknown(
            self.parts,
            [
                {
                    "image_id": partial(_of, self.numbering.images[number]),
                    "category_id": partial(_of, self.numbering.categories[number]),
                    "annotation_id": partial(self._annotation_id, number),
                }
                for number in range(len(self.parts))
            ],
        )
        known: dict[str, bytes | msgspec.Raw] = {
            "licenses": msgspec.json.encode(self.licenses),
            **unknown,
            "info": unite_info(self.parts, self.categories.ignore_ids, made_by),
        }
        keys = dict.fromkeys(key for part in self.parts for key in part.document.top)
        ordered = keys if "info" in keys else {"info": None} | keys
        return {key: known.get(key, b"[]") for key in ordered}, warnings

    def donor_files_outside(self) -> set[str]:
        """Names of files in ``donor_json`` that are not among the parts."""
        return {
            name
            for referenced, part in zip(self.numbering.referenced_ids, self.parts, strict=True)
            for name in references(part).donors
            if name is not None and name not in referenced.donor_parts
        }

    def lists(self) -> dict[str, Iterable[bytes | msgspec.Raw]]:
        """The records of the result by rising id; unchanged ones as they were read."""
        return {
            "images": self._images(),
            "annotations": self._annotations(),
            "categories": (raw for _, _, raw in self.categories.records),
        }

    # --- images -----------------------------------------------------------------------------

    def _images(self) -> Iterator[bytes | msgspec.Raw]:
        first: dict[int, tuple[int, int]] = {}
        for number, ids in enumerate(self.numbering.images):
            for index, new_id in enumerate(ids.values()):
                first.setdefault(new_id, (number, index))
        for new_id in sorted(first):
            yield self._image(new_id, *first[new_id])

    def _image(self, new_id: int, number: int, index: int) -> bytes | msgspec.Raw:
        part = self.parts[number]
        image, raw = part.document.images[index], part.document.raw_images[index]
        values: dict[str, Any] = {}
        if new_id != image.id:
            values["id"] = new_id
        if part.file_names[index] != image.file_name:
            values["file_name"] = part.file_names[index]
        if image.trashdata:
            provenance = self.numbering.referenced_ids[number].image_values(image)
            if provenance != image.trashdata:
                values["trashdata"] = provenance
        if self._new_licenses[number]:
            old = msgspec.json.decode(raw).get("license")
            if type(old) is int and old in self._new_licenses[number]:
                values["license"] = self._new_licenses[number][old]
        values |= self.shared.extra.get(new_id, {})
        return replaced(raw, values) if values else raw

    # --- annotations ------------------------------------------------------------------------

    def _annotations(self) -> Iterator[bytes | msgspec.Raw]:
        kept = self._kept[np.argsort(self.annotation_ids[self._kept], kind="stable")]
        columns = self._columns()
        raws = [[*part.document.raw_annotations] for part in self.parts]
        for start in range(0, len(kept), _BLOCK):
            block = kept[start : start + _BLOCK]
            numbers = np.searchsorted(self._starts, block, side="right") - 1
            rows = (numbers, *(column[block] for column in columns))
            for index, row in zip(
                block.tolist(), zip(*(r.tolist() for r in rows), strict=True), strict=True
            ):
                number, touched, marked, *new = row
                raw = raws[number][index - self._starts[number]]
                if not touched and not marked:
                    yield raw
                    continue
                values = dict(zip(("id", "image_id", "category_id"), new, strict=True))
                provenance = (
                    self._provenance(number, index - self._starts[number]) if marked else {}
                )
                yield replaced(raw, values | provenance) if touched or provenance else raw

    def _columns(self) -> tuple[NDArray[Any], ...]:
        """For every annotation: whether an id changes, whether it has a ``trashdata`` key, and its
        new id, image and category."""
        images = np.concatenate([self._image_column(n) for n in range(len(self.parts))])
        categories = np.concatenate([self._category_column(n) for n in range(len(self.parts))])
        old = [np.concatenate([_old_column(p, what) for p in self.parts]) for what in range(3)]
        new = (self.annotation_ids, images, categories)
        touched = np.zeros(len(images), dtype=bool)
        for before, after in zip(old, new, strict=True):
            touched |= before != after
        marked = np.zeros(len(images), dtype=bool)
        for part, start in zip(self.parts, self._starts, strict=False):
            marked[np.array(part.marked, dtype=np.int64) + start] = True
        return (touched, marked, *new)

    def _image_column(self, number: int) -> Ids:
        new = np.array(list(self.numbering.images[number].values()), dtype=np.int64)
        return new[self.parts[number].image_indices]

    def _category_column(self, number: int) -> Ids:
        ids = self.numbering.categories[number]
        old, new = (np.array(list(side), dtype=np.int64) for side in (ids.keys(), ids.values()))
        return new[np.searchsorted(old, self.parts[number].category_ids)]

    def _provenance(self, number: int, index: int) -> dict[str, Any]:
        """The annotation's ``trashdata`` in the result, empty if unchanged."""
        document = self.parts[number].document
        annotation = document.annotations[index]
        provenance = dict(annotation.trashdata)
        if DONOR_IMAGE_ID not in provenance:
            return {}
        part, image_id, named = self.numbering.referenced_ids[number].donor(
            annotation, document.name
        )
        provenance[DONOR_IMAGE_ID] = image_id
        if not named:
            provenance.pop(DONOR_JSON, None)
        if part is not None and type(provenance.get(DONOR_ANNOTATION_ID)) is int:
            provenance[DONOR_ANNOTATION_ID] = self._annotation_id(
                part, provenance[DONOR_ANNOTATION_ID]
            )
        return {"trashdata": provenance} if provenance != annotation.trashdata else {}

    def _annotation_id(self, number: int, old: int) -> int:
        """The new id of an annotation of a part; an unused id if it is not in the result."""
        index = self.parts[number].find_annotation(old)
        if index is not None:
            representative = int(self.shared.representatives[self._starts[number] + index])
            if representative >= 0:
                return int(self.annotation_ids[representative])
        if (number, old) not in self._vacant:
            at = int(np.searchsorted(self._known, old))
            taken = at < len(self._known) and self._known[at] == old
            self._vacant[number, old] = next(self._free) if taken else old
        return self._vacant[number, old]


def _of(ids: dict[int, int], old: int) -> int:
    return ids.get(old, old)


def _old_column(part: Part, what: int) -> Ids:
    images = np.array([image.id for image in part.document.images], dtype=np.int64)
    if what == 1:
        return images[part.image_indices]
    return part.annotation_ids if what == 0 else part.category_ids


def _highest(part: Part) -> int:
    """The largest annotation id that the file has or refers to."""
    found = [int(part.annotation_ids.max(initial=0))]
    for index in part.marked:
        donor = part.document.annotations[index].trashdata.get(DONOR_ANNOTATION_ID)
        found += [donor] if type(donor) is int else []
    return max(found)
