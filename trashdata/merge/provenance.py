"""Provenance of synthetic photos after a merge: the new ids of backgrounds and donors.

A synthetic photo names its background and its donors by their ids, without saying in which file: a
file of new photos alone (``copy-paste --mode self``) refers to the file that it was made from.
Among the other files of the merge, it is the one that holds every image referred to, and every
donor on the image named for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from trashdata.coco.document import AnnotationRecord, ImageRecord
from trashdata.coco.keys import (
    BACKGROUND_IMAGE_ID,
    DONOR_ANNOTATION_ID,
    DONOR_IMAGE_ID,
    DONOR_JSON,
    REPEAT_OF,
)
from trashdata.errors import UserError, printable

from .parts import Part

Donor = tuple[int, Any]  # ids of an image and of an annotation on it, if one is given
IMAGE_FIELDS = (BACKGROUND_IMAGE_ID, REPEAT_OF)


@dataclass(frozen=True)
class References:
    """What a file refers to and does not hold itself: ids of images; donors as pairs of ids of
    an image and an annotation, by the file they are said to be in (None: not said)."""

    images: frozenset[int]
    donors: dict[str | None, frozenset[Donor]]


@dataclass(frozen=True)
class ReferencedIds:
    """New ids of what a file refers to.

    ``home``: the part that the file was made from, by its index; ``donor_parts``: the parts that
    its donors name, by file name; ``lost``: new ids of images that are in none of the parts.
    """

    part: int
    home: int | None
    donor_parts: dict[str, int]
    image_ids: Sequence[dict[int, int]]
    lost: dict[int, int] = field(default_factory=dict)

    def image(self, old: Any) -> Any:
        """The new id of an image that this file refers to."""
        if type(old) is not int:
            return old
        part = self.part_of(old)
        return self.lost.get(old, old) if part is None else self.image_ids[part][old]

    def part_of(self, image_id: int) -> int | None:
        """The part with an image that this file refers to; None if no part has it."""
        if image_id in self.image_ids[self.part]:
            return self.part
        return self.home

    def image_values(self, image: ImageRecord) -> dict[str, Any]:
        """The image's ``trashdata`` in the result."""
        known = {key: image.trashdata[key] for key in IMAGE_FIELDS if key in image.trashdata}
        return image.trashdata | {key: self.image(old) for key, old in known.items()}

    def donor(self, annotation: AnnotationRecord, own_name: str) -> tuple[int | None, Any, bool]:
        """The donor's part (None if in none), its image's new id, and whether the annotation still
        has to name a file."""
        old, name = annotation.trashdata[DONOR_IMAGE_ID], annotation.trashdata.get(DONOR_JSON)
        if name is None or name == own_name:
            part = self.part_of(old) if type(old) is int else None
            return part, self.image(old), False
        if name not in self.donor_parts:
            return None, old, True
        part = self.donor_parts[name]
        return part, self.image_ids[part][old], False


def resolve_references(
    parts: Sequence[Part],
    referred: Sequence[References],
    image_ids: Sequence[dict[int, int]],
    free: Iterator[int],
) -> tuple[list[ReferencedIds], list[str]]:
    """New ids of what each part refers to, and warnings.

    Parameters
    ----------
    referred : the `references` of each part.
    image_ids : for each part the new id of each image by its old one.
    free : ids that no image has, and no part refers to.

    Raises
    ------
    UserError : two parts could be what a third was made from.
    """
    taken = {new for ids in image_ids for new in ids.values()}
    referenced, warnings = [], []
    for number, (part, refers) in enumerate(zip(parts, referred, strict=True)):
        donors = refers.donors.get(None, frozenset())
        home = _home(parts, image_ids, number, refers.images, donors, None)
        donor_parts = {
            name: found
            for name, pairs in refers.donors.items()
            if name is not None
            and (found := _home(parts, image_ids, number, frozenset(), pairs, name)) is not None
        }
        lost = {
            old: next(free) for old in sorted(refers.images if home is None else ()) if old in taken
        }
        if lost:
            warnings.append(
                f"{part.label}: {len(refers.images)} photos that it was made of are in none of the"
                " files, and others have their ids; they were renumbered and can't be found again."
                " Merge it together with the file that it was made from."
            )
        referenced.append(ReferencedIds(number, home, donor_parts, image_ids, lost))
    return referenced, warnings


def references(part: Part) -> References:
    """Images and donors outside of the part that its synthetic photos refer to."""
    document = part.document
    held = document.image_by_id
    images = {
        image.trashdata[key]
        for image in document.images
        if image.trashdata
        for key in IMAGE_FIELDS
        if key in image.trashdata
    }
    donors: dict[str | None, set[Donor]] = {}
    for index in part.marked:
        values = document.annotations[index].trashdata
        name, image_id = values.get(DONOR_JSON), values.get(DONOR_IMAGE_ID)
        name = None if name == document.name else name
        if type(image_id) is int and (name is not None or image_id not in held):
            donors.setdefault(name, set()).add((image_id, values.get(DONOR_ANNOTATION_ID)))
    images |= {image for image, _ in donors.get(None, ())}
    outside = frozenset(old for old in images if type(old) is int and old not in held)
    return References(outside, {name: frozenset(pairs) for name, pairs in donors.items()})


def _home(
    parts: Sequence[Part],
    image_ids: Sequence[dict[int, int]],
    number: int,
    images: frozenset[int],
    donors: frozenset[Donor],
    name: str | None,
) -> int | None:
    """The part that holds all of these; ``name``: its file's name, if that is known."""
    if not images and not donors:
        return None
    wanted = images | {image for image, _ in donors}
    fitting = [
        other
        for other, part in enumerate(parts)
        if other != number
        and (name is None or part.document.name == name)
        and wanted <= image_ids[other].keys()
        and all(_holds(part, *pair) for pair in donors)
    ]
    for other in fitting[1:]:
        if any(image_ids[other][old] != image_ids[fitting[0]][old] for old in wanted):
            raise _ambiguous(parts, number, fitting[0], other)
    return fitting[0] if fitting else None


def _holds(part: Part, image_id: int, annotation_id: object) -> bool:
    index = part.find_annotation(annotation_id) if type(annotation_id) is int else None
    return index is not None and part.document.annotations[index].image_id == image_id


def _ambiguous(parts: Sequence[Part], number: int, one: int, other: int) -> UserError:
    return UserError(
        parts[number].label,
        expected="one file that holds what its synthetic photos were made of",
        found=f"{printable(parts[one].label)} and {printable(parts[other].label)} that could be it",
        advice="merge it with the file that it was made from first, then the result with the rest",
    )
