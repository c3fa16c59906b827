"""The table of faults that a COCO set can have, with handling, advice and repair."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from trashdata.errors import UserError

Severity = Literal["error", "warning", "note"]
Handling = Literal["refuse", "work around", "pass"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


@dataclass(frozen=True)
class FaultKind:
    """One row of the table.

    ``severity``: an error makes the set unusable or wrong for some reader, a warning may change
    results, a note is common in COCO files; ``handling``: what commands do about it; ``expected``:
    the correct value, tolerance included; ``advice``: what the user should do; ``repair``: what
    ``validate --fix`` does.
    """

    severity: Severity
    handling: Handling
    expected: str
    advice: str
    repair: str = "leaves it"


_FILE = {
    "not-json": FaultKind(
        "error", "refuse", "a JSON object", "write the file again with the tool that made it"
    ),
    "byte-order-mark": FaultKind(
        "warning",
        "work around",
        "UTF-8 without a byte-order mark",
        "save it without the mark",
        "removes the mark",
    ),
    "not-a-number": FaultKind(
        "error",
        "refuse",
        "finite numbers",
        "replace the value or drop the record",
        "sets the value to null, drops a polygon that holds it",
    ),
    "text-broken": FaultKind(
        "error",
        "refuse",
        "text in whole characters",
        "correct the name",
        "replaces it by U+FFFD, but not in file_name",
    ),
    "key-missing": FaultKind(
        "error",
        "refuse",
        "lists under the keys images, annotations and categories",
        "add the key",
        "adds an empty list",
    ),
    "record-malformed": FaultKind(
        "error",
        "refuse",
        "the fields and types that COCO gives them",
        "correct the field",
        'writes "1" and 1.0 as 1, takes width and height from the photo, else drops the record',
    ),
}
_REFERENCES = {
    "id-twice": FaultKind(
        "error",
        "refuse",
        "a unique id",
        "renumber one of the two",
        "drops an equal record, renumbers another; annotations stay with the first",
    ),
    # Refused only by commands that refer to annotations by id, such as copy-paste.
    "annotation-id-twice": FaultKind(
        "error",
        "work around",
        "a unique id",
        "renumber one of the two",
        "drops an equal record, renumbers another",
    ),
    "id-huge": FaultKind(
        "error",
        "refuse",
        "an id of at most 2^53, which every JSON reader keeps",
        "renumber it",
        "renumbers it and what refers to it",
    ),
    "name-twice": FaultKind(
        "error",
        "refuse",
        "a unique name",
        "rename or merge one of the two",
        "gives the annotations of the second to the first, unless the sizes differ",
    ),
    "image-unknown": FaultKind(
        "error",
        "refuse",
        "an image_id that is in images",
        "drop the annotation",
        "drops the annotation",
    ),
    "category-unknown": FaultKind(
        "error",
        "refuse",
        "a category_id that is in categories",
        "drop the annotation",
        "drops the annotation",
    ),
    "category-ids": FaultKind(
        "note", "pass", "any whole numbers", "nothing: classes are numbered by rising id"
    ),
}
_IMAGES = {
    "file-name-leaves": FaultKind(
        "error",
        "refuse",
        "a file_name relative to the image root that stays inside it",
        "make file_name relative and pass the folder with --images",
        "makes the name relative where it is under --images",
    ),
    "file-name-long": FaultKind(
        "error", "refuse", "names of at most 240 bytes", "shorten file_name and the photo's name"
    ),
    "file-name-backslash": FaultKind(
        "warning",
        "pass",
        "folders separated by /",
        "write / for \\, if the photo is in a folder",
        "writes /, if a photo of that name exists",
    ),
    "file-name-control": FaultKind(
        "warning",
        "pass",
        "a file_name without control characters, such as a line break",
        "rename the photo",
    ),
    "file-name-case": FaultKind(
        "warning",
        "pass",
        "names that differ by more than case or the form of accents",
        "rename one of the two photos: many file systems treat them as one",
    ),
    "image-size": FaultKind(
        "error",
        "refuse",
        "width and height of at least 1 and at most 1,000,000,000 pixels in all",
        "correct width and height",
        "takes them from the photo, if it exists",
    ),
    "valid-box": FaultKind(
        "error",
        "refuse",
        "a trashdata.valid_box of four whole numbers x, y, width, height inside the image",
        "correct it or drop the key",
        "drops the key",
    ),
}
_POLYGONS = {
    "segmentation-empty": FaultKind(
        "error",
        "refuse",
        "polygons or an RLE",
        "drop the annotation or draw it again",
        "drops the annotation",
    ),
    "polygon-four": FaultKind(
        "error",
        "refuse",
        "polygons of at least three x, y pairs",
        "draw it again: pycocotools would take the four numbers for a box",
        "drops the polygon",
    ),
    "polygon-short": FaultKind(
        "error",
        "refuse",
        "polygons of at least three x, y pairs",
        "drop the polygon",
        "drops the polygon",
    ),
    "polygon-odd": FaultKind(
        "error", "refuse", "an even number of coordinates", "drop the polygon", "drops the polygon"
    ),
    "polygon-huge": FaultKind(
        "error",
        "refuse",
        "coordinates no further outside the photo than its size",
        "correct the coordinates or the photo's width and height",
        "drops the polygon",
    ),
    "polygon-crossing": FaultKind(
        "warning",
        "pass",
        "an outline that does not cross itself",
        "draw it again: readers fill the parts in different ways",
        "traces the mask that pycocotools fills",
    ),
    "polygon-outside": FaultKind(
        "note",
        "pass",
        "corners inside the photo, to half a pixel",
        "nothing: what is outside is cut",
    ),
    "mask-empty": FaultKind(
        "warning",
        "pass",
        "at least one pixel inside the photo",
        "drop the annotation",
        "drops the annotation",
    ),
}
_RLES = {
    "rle-size": FaultKind(
        "error",
        "refuse",
        "an RLE of the photo's height and width",
        "encode the mask again",
        "drops the annotation",
    ),
    "rle-counts": FaultKind(
        "error",
        "refuse",
        "counts that add up to the photo's pixels",
        "encode the mask again",
        "drops the annotation",
    ),
    "rle-bytes": FaultKind(
        "error",
        "refuse",
        "compressed counts as plain text",
        "write the text inside of b'...' alone",
        "takes the text inside of b'...'",
    ),
    "rle-uncompressed": FaultKind(
        "note", "pass", "compressed counts or a list of them", "nothing: both are COCO"
    ),
}
_FIELDS = {
    "bbox-missing": FaultKind(
        "note",
        "pass",
        "a bbox, which some readers need",
        "set it to the mask's",
        "sets it to the mask's",
    ),
    "bbox-malformed": FaultKind(
        "error",
        "pass",
        "a bbox of four numbers x, y, width, height, the last two not negative",
        "set it to the mask's",
        "sets it to the mask's",
    ),
    "bbox-order": FaultKind(
        "error",
        "pass",
        "a bbox in the order x, y, width, height",
        "set it to the mask's",
        "sets it to the mask's",
    ),
    "bbox-mask": FaultKind(
        "warning",
        "pass",
        "a bbox that fits the mask to a pixel and a half, or 2 % of its side",
        "set it to the mask's",
        "sets it to the mask's",
    ),
    "bbox-outside": FaultKind(
        "warning",
        "pass",
        "a bbox that is inside the photo to half a pixel",
        "set it to the mask's",
        "sets it to the mask's",
    ),
    "bbox-fractional": FaultKind("note", "pass", "whole numbers", "nothing: common in COCO files"),
    "area-missing": FaultKind(
        "warning",
        "work around",
        "a positive area",
        "set it to the mask's area",
        "sets it to the mask's",
    ),
    "area-box": FaultKind(
        "warning",
        "pass",
        "the mask's area, not the bounding box's",
        "set it to the mask's area",
        "sets it to the mask's",
    ),
    "area-mask": FaultKind(
        "warning",
        "pass",
        "the mask's area to 2 %, or to half a pixel along its outline",
        "set it to the mask's area",
        "sets it to the mask's",
    ),
    "area-rounded": FaultKind(
        "note", "pass", "the mask's area", "nothing: a polygon's own area differs a little"
    ),
    "crowd-value": FaultKind(
        "error",
        "refuse",
        "an iscrowd of 0 or 1",
        "set it to 1 for a group of objects, else to 0",
        "writes true and numbers over 0 as 1, others as 0",
    ),
    "crowd-missing": FaultKind(
        "note", "pass", "an iscrowd, which some readers need", "set it to 0", "sets it to 0"
    ),
    "crowd-single": FaultKind(
        "warning",
        "pass",
        "iscrowd 1 for groups of objects only, since readers omit those silently",
        "set iscrowd to 0 if it is one object",
        "sets it to 0 where the segmentation is one polygon, leaves RLEs",
    ),
}
_PHOTOS = {
    "photo-missing": FaultKind(
        "error", "refuse", "a photo", "check --images and the file_name in the JSON"
    ),
    "photo-truncated": FaultKind(
        "error", "refuse", "a complete photo", "copy or download it again"
    ),
    "photo-damaged": FaultKind(
        "error",
        "refuse",
        "a photo with undamaged data",
        "copy or download it again, or save it again if it looks right",
    ),
    "photo-unreadable": FaultKind(
        "error",
        "refuse",
        "a photo that can be decoded",
        "replace the file or drop the image from the JSON",
    ),
    "photo-size": FaultKind(
        "error",
        "refuse",
        "a photo of the width and height that the JSON says",
        "correct width and height, replace the photo, or see --exif",
    ),
    "photo-turn-open": FaultKind(
        "warning",
        "pass",
        "no EXIF rotation or mirror that the photo's size can't confirm",
        "save the photo upright, or see --exif",
    ),
    "photo-turned": FaultKind(
        "note", "pass", "pixels as they are shown", "nothing: it is rotated, as its size confirms"
    ),
    "photo-twice": FaultKind(
        "warning", "pass", "a photo once", "drop one, or keep both on one side of every split"
    ),
    "photo-similar": FaultKind(
        "note", "pass", "photos that differ", "nothing: 'trashdata kfold' keeps them together"
    ),
    "photo-16-bit": FaultKind(
        "warning", "pass", "8 bits a channel", "save it with 8 bits: the lower ones are dropped"
    ),
    "photo-animated": FaultKind(
        "warning", "pass", "one picture in a file", "save the frame to use: the first is read"
    ),
    "photo-alpha": FaultKind(
        "warning",
        "pass",
        "a photo without transparency",
        "save it without: transparent pixels show the colour stored for them",
    ),
    "photo-cmyk": FaultKind(
        "warning", "pass", "RGB colours", "save it as RGB: the conversion is a rough one"
    ),
    "photo-gray": FaultKind("note", "pass", "colours", "nothing: it is read as gray RGB"),
}

FAULTS: dict[str, FaultKind] = {
    **_FILE,
    **_REFERENCES,
    **_IMAGES,
    **_POLYGONS,
    **_RLES,
    **_FIELDS,
    **_PHOTOS,
}


def refuse(kind: str, where: str, found: str) -> UserError:
    """The error for a fault that commands refuse."""
    row = FAULTS[kind]
    return UserError(where, expected=row.expected, found=found, advice=row.advice)
