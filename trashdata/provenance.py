"""Provenance of synthetic photos: the photos that each was made of."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any, Final, Literal, TypeAlias

import msgspec

from trashdata.coco.document import Document, ImageRecord
from trashdata.coco.keys import BACKGROUND_IMAGE_ID, DONOR_IMAGE_ID, DONOR_JSON, MADE_OF, REPEAT_OF

Role: TypeAlias = Literal["background", "donor"]
BACKGROUND: Final = "background"
DONOR: Final = "donor"


class MadeOf(msgspec.Struct, frozen=True, omit_defaults=True):
    """A photo that a synthetic photo was made of, as it was at that time.

    ``role``: ``background`` or ``donor``; ``json``: the name of its COCO file, where ``image_id``
    and ``file_name`` are its own; ``sha256``: of the photo's file, by which it is found again under
    any name. Files of older versions have no ``sha256``.
    """

    role: Role
    json: str
    image_id: int
    file_name: str
    sha256: str | None = None

    def within(self, role: Role) -> MadeOf:
        """The same photo as part of a photo that was itself used in this role."""
        return msgspec.structs.replace(self, role=DONOR) if role == DONOR else self


class Provenance:
    """The photos that the synthetic photos of a document were made of, by image id."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._sources: dict[int, frozenset[int]] = {}

    @cached_property
    def synthetic(self) -> frozenset[int]:
        """Ids of the synthetic images, repeats of synthetic ones included."""
        return frozenset(i.id for i in self._document.images if self._is_synthetic(i))

    @cached_property
    def pseudo_labelled(self) -> frozenset[int]:
        """Ids of the images whose annotations a model made; they can't be used for validation."""
        return frozenset(i.id for i in self._document.images if "models" in i.trashdata)

    def _is_synthetic(self, image: ImageRecord) -> bool:
        seen: set[int] = set()
        current: ImageRecord | None = image
        while current is not None and current.id not in seen:
            if current.trashdata.get(MADE_OF) or any(True for _ in self.direct(current)):
                return True
            seen.add(current.id)
            current = self._document.image_by_id.get(current.trashdata.get(REPEAT_OF, current.id))
        return False

    def direct(self, image: ImageRecord) -> Iterator[tuple[Role, int]]:
        """(``background`` or ``donor``, image id) of what the photo was made of."""
        background = image.trashdata.get(BACKGROUND_IMAGE_ID)
        if background is not None:
            yield BACKGROUND, background
        for annotation in self._document.annotations_of.get(image.id, []):
            donor = annotation.trashdata.get(DONOR_IMAGE_ID)
            if donor is not None and not self.is_other_file(annotation.trashdata.get(DONOR_JSON)):
                yield DONOR, donor

    def made_of(self, image: ImageRecord) -> list[MadeOf]:
        """All photos that a photo was made of, directly or through synthetic photos.

        Of a photo of an older version those that the document holds, without ``sha256``.
        """
        if MADE_OF in image.trashdata:
            return recorded_sources(image)
        return [*dict.fromkeys(self._followed(image, frozenset({image.id})))]

    def _followed(self, image: ImageRecord, seen: frozenset[int]) -> Iterator[MadeOf]:
        for role, image_id in self.direct(image):
            source = self._document.image_by_id.get(image_id) if type(image_id) is int else None
            if source is None or source.id in seen:
                continue
            yield MadeOf(role, self._document.name, source.id, source.file_name)
            further = recorded_sources(source) or self._followed(source, seen | {source.id})
            yield from (photo.within(role) for photo in further)

    def is_other_file(self, donor_json: object) -> bool:
        """Whether ``donor_json`` names another file, to which the donor's id then belongs."""
        return donor_json is not None and donor_json != self._document.name

    def donor_files(self) -> list[str]:
        """Names of other files that donors came from."""
        names = (a.trashdata.get(DONOR_JSON) for a in self._document.annotations)
        return sorted({str(name) for name in names if self.is_other_file(name)})

    def sources(self, image_id: int) -> frozenset[int]:
        """Ids of all photos that a photo was made of, directly or through synthetic photos."""
        if image_id not in self._sources:
            self._sources[image_id] = self._walk(image_id)
        return self._sources[image_id]

    def _walk(self, image_id: int) -> frozenset[int]:
        found: set[int] = set()
        open_ids = [image_id]
        while open_ids:
            image = self._document.image_by_id.get(open_ids.pop())
            if image is None:
                continue
            next_ids = [source for _, source in self.direct(image)]
            if REPEAT_OF in image.trashdata:
                next_ids.append(image.trashdata[REPEAT_OF])
            open_ids += [source for source in next_ids if source not in found]
            found.update(next_ids)
        return frozenset(found)


def recorded_sources(image: ImageRecord) -> list[MadeOf]:
    """The photos that an image says it was made of; entries of another form are passed over."""
    entries = image.trashdata.get(MADE_OF)
    found = map(_source_photo, entries if isinstance(entries, list) else ())
    return [photo for photo in found if photo is not None]


def _source_photo(entry: Any) -> MadeOf | None:
    try:
        return msgspec.convert(entry, MadeOf)
    except msgspec.ValidationError:
        return None
