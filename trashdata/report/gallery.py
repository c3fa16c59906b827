"""The gallery's data: every photo and its objects."""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, TypeAlias

import msgspec

from trashdata.coco.document import AnnotationRecord, Document, ImageRecord
from trashdata.coco.keys import BACKGROUND_IMAGE_ID, DONOR_ANNOTATION_ID, DONOR_IMAGE_ID, DONOR_JSON
from trashdata.errors import printable
from trashdata.palette import IGNORE_INDEX, palette
from trashdata.provenance import Provenance

from .donor_files import DonorFile
from .thumbnails import Thumbnail

PASTED, PSEUDO, CROWD = 1, 2, 4
"""Flags of an object."""


class _Scored(msgspec.Struct):
    score: msgspec.Raw = msgspec.Raw(b"null")


def scores_of(document: Document) -> dict[int, float]:
    """Score by annotation id, for annotations with a number as score."""
    decoder = msgspec.json.Decoder(_Scored)
    found = {}
    for annotation, raw in zip(document.annotations, document.raw_annotations, strict=True):
        # Few files have scores, and searching is faster than decoding.
        if b'"score"' in bytes(raw):
            with suppress(msgspec.DecodeError):
                score = msgspec.json.decode(decoder.decode(raw).score, type=float)
                found[annotation.id] = round(score, 4)
    return found


def colours(count: int) -> list[str]:
    """CSS colours of the first classes; they repeat after 254.

    >>> colours(2)
    ['#88ccee', '#cc6677']
    """
    known = palette()[1:255]
    return ["#" + known[index % len(known)].tobytes().hex() for index in range(count)]


Others: TypeAlias = Sequence[tuple[DonorFile, Sequence[Thumbnail]]]


def gallery_data(
    document: Document,
    images: Sequence[ImageRecord],
    thumbnails: Sequence[Thumbnail],
    others: Others = (),
    folds: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The data for the page's script.

    An object is a list: class index from 0 (-1: ignored), flags, score or null, mask. A part that a
    photo was made of has its index in ``photos`` followed by ``others``.

    Parameters
    ----------
    folds : by file name.
    """
    author = _Author(document, images, thumbnails, others, folds or {})
    pairs = zip(images, thumbnails, strict=True)
    names = [printable(category.name) for category in document.class_categories]
    return {
        "classes": [
            {"name": name, "colour": colour}
            for name, colour in zip(names, colours(len(names)), strict=True)
        ],
        "photos": [author.photo(image, thumbnail) for image, thumbnail in pairs],
        "others": [
            author.other(one, image, thumbnail)
            for one, made in others
            for image, thumbnail in zip(one.images, made, strict=True)
        ],
    }


def pictures(thumbnails: Sequence[Thumbnail]) -> list[str]:
    """The pictures in Base64, empty if there is none."""
    return [base64.b64encode(thumbnail.picture or b"").decode() for thumbnail in thumbnails]


def source_of(image: ImageRecord, rows: Sequence[AnnotationRecord], *, synthetic: bool) -> str:
    """``copy-paste``, ``pseudo`` or ``real``: the origin of a photo and its labels."""
    if synthetic:
        return "copy-paste"
    labelled = "models" in image.trashdata or any("models" in row.trashdata for row in rows)
    return "pseudo" if labelled else "real"


class _Author:
    """Makes the photos' entries; ``index_of``: of the photos by image id."""

    def __init__(
        self,
        document: Document,
        images: Sequence[ImageRecord],
        thumbnails: Sequence[Thumbnail],
        others: Others,
        folds: Mapping[str, str],
    ) -> None:
        self.document = document
        self.folds = folds
        self.provenance = Provenance(document)
        self.scores: Mapping[int, float] = scores_of(document)
        self.index_of = {image.id: index for index, image in enumerate(images)}
        self.object_of = {
            rows[index].id: (number, image.id)
            for image, thumbnail in zip(images, thumbnails, strict=True)
            for rows in [self.rows(image)]
            for number, (index, _) in enumerate(thumbnail.objects)
        }
        self.other_at = _indices_of(others, len(images))

    def rows(self, image: ImageRecord) -> list[AnnotationRecord]:
        return self.document.annotations_of.get(image.id, [])

    def photo(self, image: ImageRecord, thumbnail: Thumbnail) -> dict[str, Any]:
        rows = self.rows(image)
        synthetic = image.id in self.provenance.synthetic
        objects = [self._object(rows[index], mask) for index, mask in thumbnail.objects]
        if thumbnail.padding is not None:
            objects.append([-1, 0, None, thumbnail.padding])
        known = [self.scores[row.id] for row in rows if row.id in self.scores]
        return {
            "name": printable(image.file_name),
            "id": image.id,
            "size": [image.width, image.height],
            "small": [thumbnail.width, thumbnail.height],
            "fault": thumbnail.fault,
            "source": source_of(image, rows, synthetic=synthetic),
            "fold": self.folds.get(image.file_name),
            "score": round(sum(known) / len(known), 4) if known else None,
            "objects": objects,
            "unshown": thumbnail.unshown,
            "parts": self._parts(image) if synthetic else [],
        }

    def other(
        self, donor_file: DonorFile, image: ImageRecord, thumbnail: Thumbnail
    ) -> dict[str, Any]:
        """Entry of a photo of another file, with only its donors."""
        names = {c.name: k for k, c in enumerate(self.document.class_categories)}
        class_indices = {c.id: names.get(c.name, -1) for c in donor_file.document.class_categories}
        rows = donor_file.donors[image.id]
        return {
            "name": printable(image.file_name),
            "small": [thumbnail.width, thumbnail.height],
            "fault": thumbnail.fault,
            "objects": [
                [class_indices[rows[index].category_id], 0, None, mask]
                for index, mask in thumbnail.objects
            ],
        }

    def _object(self, row: AnnotationRecord, mask: str) -> list[Any]:
        index = self.document.class_index[row.category_id]
        flags = (
            PASTED * (DONOR_ANNOTATION_ID in row.trashdata)
            | PSEUDO * ("models" in row.trashdata)
            | CROWD * row.iscrowd
        )
        known = -1 if index == IGNORE_INDEX else index - 1
        return [known, flags, self.scores.get(row.id), mask]

    def _parts(self, image: ImageRecord) -> list[dict[str, Any]]:
        """Parts of a synthetic photo: its background, then its donors by rising id."""
        parts = []
        background = image.trashdata.get(BACKGROUND_IMAGE_ID)
        if isinstance(background, int):
            parts.append(self._part("background", background, []))
        donors: dict[tuple[str, int], list[AnnotationRecord]] = defaultdict(list)
        for row in self.rows(image):
            provenance = row.trashdata
            if isinstance(provenance.get(DONOR_IMAGE_ID), int):
                donor_json = provenance.get(DONOR_JSON)
                name = str(donor_json) if self.provenance.is_other_file(donor_json) else ""
                donors[name, provenance[DONOR_IMAGE_ID]].append(row)
        for (donor_json, donor), rows in sorted(donors.items(), key=lambda item: item[0]):
            parts.append(self._part("donor", donor, rows, donor_json))
        return parts

    def _part(
        self, role: str, image_id: int, rows: Sequence[AnnotationRecord], donor_json: str = ""
    ) -> dict[str, Any]:
        """Entry of a part; ``objects``: indices of the donors among the objects of its photo."""
        if donor_json:
            return self._part_of_donor_file(donor_json, image_id, rows)
        image = self.document.image_by_id.get(image_id)
        name = f"image {image_id}"
        donors = [row.trashdata.get(DONOR_ANNOTATION_ID) for row in rows]
        indices = [self.object_of.get(donor) for donor in donors if isinstance(donor, int)]
        return {
            "role": role,
            "photo": self.index_of.get(image_id),
            "name": printable(name if image is None else image.file_name),
            "objects": sorted({found[0] for found in indices if found and found[1] == image_id}),
            "classes": sorted({self.document.class_index[row.category_id] - 1 for row in rows}),
        }

    def _part_of_donor_file(
        self, donor_json: str, image_id: int, rows: Sequence[AnnotationRecord]
    ) -> dict[str, Any]:
        found = self.other_at.get((donor_json, image_id))
        name = f"image {image_id}" if found is None else found.name
        wanted = {row.trashdata.get(DONOR_ANNOTATION_ID) for row in rows}
        ids = [] if found is None else found.donor_ids
        return {
            "role": "donor",
            "photo": None if found is None else found.page_index,
            "name": printable(f"{name} of {donor_json}"),
            "objects": [number for number, donor in enumerate(ids) if donor in wanted],
            "classes": sorted({self.document.class_index[row.category_id] - 1 for row in rows}),
        }


class _DonorPhoto(NamedTuple):
    """A photo of a donor file: its index on the page, and the ids of its donors in order."""

    page_index: int
    name: str
    donor_ids: list[int]


def _indices_of(others: Others, first: int) -> dict[tuple[str, int], _DonorPhoto]:
    """Donor photos by file and image id, with indices from ``first`` on."""
    found: dict[tuple[str, int], _DonorPhoto] = {}
    for donor_file, made in others:
        for image, thumbnail in zip(donor_file.images, made, strict=True):
            ids = [donor_file.donors[image.id][index].id for index, _ in thumbnail.objects]
            photo = _DonorPhoto(first + len(found), image.file_name, ids)
            found[donor_file.document.name, image.id] = photo
    return found
