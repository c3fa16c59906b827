"""The four JSON files of a sample set."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from trashdata.coco.document import AnnotationRecord
from trashdata.coco.write import lines_of, write_document
from trashdata.sample.parts import Part, PhotoPlan
from trashdata.sample.plan import CATEGORIES

FILES: Mapping[str, tuple[Part, ...]] = {
    "train_all.json": ("train", "val"),
    "train.json": ("train",),
    "val.json": ("val",),
    "test.json": ("test",),
}
"""The parts that each file holds."""

UNLABELLED: Part = "test"
"""The part whose objects are in no file."""


def photos_in(photos: Sequence[PhotoPlan], name: str) -> list[PhotoPlan]:
    """The photos of a file, in their order."""
    return [photo for photo in photos if photo.part in FILES[name]]


def document_bytes(
    photos: Sequence[PhotoPlan], name: str, size: int, annotations: Sequence[Path]
) -> bytes:
    """Make one of the `FILES` in memory, 1.5 kB per object.

    Parameters
    ----------
    size : side of the photos, pixels.
    annotations : files of encoded annotations, one per line, of all photos by rising id.
    """
    part = photos_in(photos, name)
    content = io.BytesIO()
    lists = {
        "images": (_image_record(photo, size) for photo in part),
        "annotations": _annotation_lines(part, annotations),
        "categories": _category_records(),
    }
    write_document(content, _head(), lists)
    return content.getvalue()


def _head() -> dict[str, bytes]:
    info = {"description": "Drawn by 'trashdata sample'; shows no real thing", "version": "1.0"}
    licence = {
        "id": 1,
        "name": "CC0 1.0",
        "url": "https://creativecommons.org/publicdomain/zero/1.0/",
    }
    return {"info": msgspec.json.encode(info), "licenses": msgspec.json.encode([licence])}


def _image_record(photo: PhotoPlan, size: int) -> bytes:
    return msgspec.json.encode(
        {
            "license": 1,
            "url": None,
            "file_name": photo.file_name,
            "height": size,
            "width": size,
            "date_captured": None,
            "id": photo.image_id,
        }
    )


def _annotation_lines(part: Sequence[PhotoPlan], files: Sequence[Path]) -> Iterator[bytes]:
    wanted = {photo.image_id for photo in part if photo.part != UNLABELLED}
    decode = msgspec.json.Decoder(AnnotationRecord).decode
    for line in lines_of(files) if wanted else ():
        if decode(line).image_id in wanted:
            yield line


def _category_records() -> Iterator[bytes]:
    for number, name in enumerate(CATEGORIES, start=1):
        yield msgspec.json.encode({"id": number, "name": name, "supercategory": name})
