"""Duplicate photos, which are in several files: comparing and merging their annotations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from trashdata.coco.keys import DONOR_ANNOTATION_ID, DONOR_IMAGE_ID, DONOR_JSON
from trashdata.errors import UserError, printable

from .options import DuplicateRule
from .parts import Part
from .provenance import ReferencedIds

Holder = tuple[int, int]  # a part, and the index of the image in it


@dataclass(frozen=True)
class Numbering:
    """New ids for the comparison, an entry per part."""

    images: Sequence[dict[int, int]]
    categories: Sequence[dict[int, int]]
    licenses: Sequence[dict[int, int]]
    referenced_ids: Sequence[ReferencedIds]


@dataclass(frozen=True)
class SharedPhotos:
    """Duplicate photos. ``holders``: part and image index of each, the first part first;
    ``representatives``: for every annotation of all files the one that represents it in the result,
    or -1,
    (total,) int64; ``extra``: values that later files add to an image, by its new id."""

    holders: dict[int, list[Holder]]
    representatives: NDArray[np.int64]
    extra: dict[int, dict[str, Any]]


def unite_shared_photos(
    parts: Sequence[Part], numbering: Numbering, rule: DuplicateRule
) -> SharedPhotos:
    """Compare photos that are in several files, and merge equal annotations.

    Raises
    ------
    UserError : a photo's labels differ, and the rule is ``error``; or its sizes differ, and the
        rule is ``union``.
    """
    return _Comparison(parts, numbering, rule).result()


class _Comparison:
    def __init__(self, parts: Sequence[Part], numbering: Numbering, rule: DuplicateRule) -> None:
        self.parts = parts
        self.numbering = numbering
        self.rule = rule
        sizes = [len(part.document.annotations) for part in parts]
        self.starts = np.cumsum([0, *sizes]).tolist()
        self.representatives = np.arange(self.starts[-1], dtype=np.int64)
        self.extra: dict[int, dict[str, Any]] = {}

    def result(self) -> SharedPhotos:
        holders = self._holders()
        for new_id, images in holders.items():
            pool = [(images[0][0], k) for k in self._annotations(images[0])]
            for later in images[1:]:
                self._compare_images(new_id, images[0], later)
                self._unite_annotations(images[0], later, pool)
        return SharedPhotos(holders, self.representatives, self.extra)

    def _holders(self) -> dict[int, list[Holder]]:
        found: dict[int, list[Holder]] = defaultdict(list)
        for number, ids in enumerate(self.numbering.images):
            for index, new_id in enumerate(ids.values()):
                found[new_id].append((number, index))
        return {new_id: images for new_id, images in found.items() if len(images) > 1}

    def _annotations(self, holder: Holder) -> list[int]:
        return self.parts[holder[0]].annotations_at(holder[1])

    # --- images -----------------------------------------------------------------------------

    def _compare_images(self, new_id: int, first: Holder, later: Holder) -> None:
        if self._images_as_read(first, later):
            return
        one, other = (self._image_values(holder) for holder in (first, later))
        differing = sorted(key for key in one.keys() & other.keys() if one[key] != other[key])
        if "width" in differing or "height" in differing:
            sizes = [f"{values['width']} x {values['height']}" for values in (one, other)]
            if self.rule != "first":
                found = f"{sizes[1]} pixels instead of {sizes[0]}"
                raise self._difference(first, later, found, way_out="first")
        elif differing and self.rule == "error":
            fields = ", ".join(printable(key) for key in differing)
            raise self._difference(first, later, f"another {fields}")
        added = {key: other[key] for key in other.keys() - one.keys()}
        if added:
            self.extra[new_id] = added | self.extra.get(new_id, {})

    def _images_as_read(self, first: Holder, later: Holder) -> bool:
        """Whether two images have equal bytes, in files with equal ids."""
        (one, k), (other, j) = first, later
        documents = self.parts[one].document, self.parts[other].document
        licenses = self.numbering.licenses
        return (
            documents[0].raw_images[k] == documents[1].raw_images[j]
            and licenses[one] == licenses[other]
            and not documents[0].images[k].trashdata
        )

    def _image_values(self, holder: Holder) -> dict[str, Any]:
        """The values of an image, with the ids of the result."""
        number, index = holder
        document = self.parts[number].document
        values: dict[str, Any] = msgspec.json.decode(document.raw_images[index])
        del values["id"], values["file_name"]
        image = document.images[index]
        values["trashdata"] = self.numbering.referenced_ids[number].image_values(image)
        if type(values.get("license")) is int:
            old = values["license"]
            values["license"] = self.numbering.licenses[number].get(old, old)
        return values

    # --- annotations ------------------------------------------------------------------------

    def _unite_annotations(self, first: Holder, later: Holder, pool: list[tuple[int, int]]) -> None:
        """Match each annotation of the later file with those of the earlier ones."""
        number, indices = later[0], self._annotations(later)
        pairs = zip(pool, indices, strict=False)
        if len(indices) == len(pool) and all(self._as_read(*mine, number, k) for mine, k in pairs):
            for (owner, index), k in zip(pool, indices, strict=True):
                self.representatives[self.starts[number] + k] = self.starts[owner] + index
            return
        open_rows = defaultdict(list)
        for owner, index in reversed(pool):
            open_rows[self._content(owner, index)].append((owner, index))
        unmatched = []
        for k in indices:
            there = open_rows[self._content(number, k)]
            if there:
                owner, index = there.pop()
                self.representatives[self.starts[number] + k] = self.starts[owner] + index
            else:
                unmatched.append(k)
        lacking = sum(map(len, open_rows.values()))
        if self.rule == "error" and (unmatched or lacking):
            raise self._difference(first, later, _counts(len(unmatched), lacking))
        if self.rule == "union":
            pool += [(number, k) for k in unmatched]
        else:
            for k in unmatched:
                self.representatives[self.starts[number] + k] = -1

    def _as_read(self, owner: int, index: int, number: int, k: int) -> bool:
        """Whether two annotations have equal bytes, in files with equal ids."""
        one, other = self.parts[owner].document, self.parts[number].document
        if one.raw_annotations[index] != other.raw_annotations[k]:
            return False
        category_id = one.annotations[index].category_id
        categories = self.numbering.categories
        if categories[owner][category_id] != categories[number][category_id]:
            return False
        return not one.annotations[index].trashdata or (
            self._content(owner, index) == self._content(number, k)
        )

    def _content(self, number: int, index: int) -> bytes:
        """The values of an annotation without its id and those of its image and donor."""
        document = self.parts[number].document
        annotation = document.annotations[index]
        values: dict[str, Any] = msgspec.json.decode(document.raw_annotations[index])
        del values["id"], values["image_id"]
        values["category_id"] = self.numbering.categories[number][annotation.category_id]
        provenance = values.get("trashdata", {})
        if DONOR_IMAGE_ID in provenance:
            referenced = self.numbering.referenced_ids[number]
            _, provenance[DONOR_IMAGE_ID], named = referenced.donor(annotation, document.name)
            if not named:
                provenance.pop(DONOR_ANNOTATION_ID, None)
                provenance.pop(DONOR_JSON, None)
        return msgspec.json.encode(_whole(values), order="sorted")

    def _difference(
        self, first: Holder, later: Holder, found: str, *, way_out: str = "first or union"
    ) -> UserError:
        one, other = (self.parts[number].document.images[k] for number, k in (first, later))
        label = self.parts[later[0]].label
        return UserError(
            f"{label}: image {other.id} ({printable(other.file_name)})",
            expected=f"what {self.parts[first[0]].label} says of the same photo (image {one.id})",
            found=found,
            advice=f"correct one of the files, or pass --on-duplicate {way_out}",
        )


def _counts(more: int, fewer: int) -> str:
    words = [f"{more} annotation{'s' * (more > 1)} that it lacks"] if more else []
    words += [f"{fewer} of its annotations missing"] if fewer else []
    return " and ".join(words)


def _whole(value: Any) -> Any:
    """The value with 1.0 as 1, since tools write either."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    return value
