"""The table of faults that a COCO file can have, and what happens on each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from trashdata.errors import UserError

Severity = Literal["error", "warning", "note"]
Handling = Literal["refuse", "work around", "pass"]


@dataclass(frozen=True)
class FaultKind:
    """One row of the table.

    ``handling``: what every command does on meeting it; ``expected``: what a sound file has
    there; ``mend``: what a repair does, which is also the advice to the user.
    """

    severity: Severity
    handling: Handling
    expected: str
    mend: str


FAULTS: dict[str, FaultKind] = {
    # The file as a whole.
    "not-json": FaultKind(
        "error", "refuse", "a JSON object", "write the file anew with the tool that made it"
    ),
    "byte-order-mark": FaultKind(
        "warning", "work around", "UTF-8 without a byte-order mark", "save it without the mark"
    ),
    "not-a-number": FaultKind(
        "error", "refuse", "finite numbers", "replace the value or drop the record"
    ),
    "key-missing": FaultKind(
        "error", "refuse", "the keys images, annotations and categories", "add the key"
    ),
    "record-malformed": FaultKind(
        "error", "refuse", "the fields and types that COCO gives them", "correct the field"
    ),
    # Ids and references.
    "id-twice": FaultKind("error", "refuse", "an id of its own", "renumber one of the two"),
    # Refused only by commands that refer to annotations by id, such as copy-paste.
    "annotation-id-twice": FaultKind(
        "error", "work around", "an id of its own", "renumber one of the two"
    ),
    "name-twice": FaultKind(
        "error", "refuse", "a name of its own", "rename or merge one of the two"
    ),
    "image-unknown": FaultKind(
        "error", "refuse", "an image_id that stands in images", "drop the annotation"
    ),
    "category-unknown": FaultKind(
        "error", "refuse", "a category_id that stands in categories", "drop the annotation"
    ),
    # Images.
    "file-name-leaves": FaultKind(
        "error",
        "refuse",
        "a file_name relative to the image root that stays inside it",
        "make file_name relative and pass the folder with --images",
    ),
    "file-name-long": FaultKind(
        "error", "refuse", "names of at most 240 bytes", "shorten file_name and the photo's name"
    ),
    "id-huge": FaultKind(
        "error", "refuse", "an id of at most 2^53, which every JSON reader keeps", "renumber it"
    ),
    "image-size": FaultKind(
        "error",
        "refuse",
        "width and height of at least 1 and at most 1,000,000,000 pixels in all",
        "correct width and height",
    ),
    "valid-box": FaultKind(
        "error",
        "refuse",
        "a trashdata.valid_box of four whole numbers x, y, width, height inside the image",
        "correct it or drop the key",
    ),
    # Segmentations.
    "segmentation-empty": FaultKind(
        "error", "refuse", "polygons or an RLE", "drop the annotation or draw it again"
    ),
    "polygon-short": FaultKind(
        "error", "refuse", "polygons of at least three x, y pairs", "drop the polygon"
    ),
    "polygon-odd": FaultKind(
        "error", "refuse", "an even number of coordinates", "drop the polygon"
    ),
    "polygon-huge": FaultKind(
        "error",
        "refuse",
        "coordinates no further outside the photo than its own size",
        "correct the coordinates or the photo's width and height",
    ),
    "rle-size": FaultKind(
        "error", "refuse", "an RLE of the photo's height and width", "encode the mask again"
    ),
    "rle-counts": FaultKind(
        "error",
        "refuse",
        "counts that add up to the photo's pixels",
        "encode the mask again",
    ),
    "area-missing": FaultKind(
        "warning", "work around", "a positive area", "set it to the mask's area"
    ),
    "polygon-outside": FaultKind(
        "note", "pass", "corners inside the photo", "nothing: what lies outside is cut"
    ),
}


def refuse(kind: str, where: str, found: str) -> UserError:
    """The error for a fault that commands refuse."""
    row = FAULTS[kind]
    return UserError(where, expected=row.expected, found=found, advice=row.mend)
