"""Checks of image records: names and sizes."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath
from typing import Any

from trashdata.coco.document import ImageRecord
from trashdata.coco.keys import VALID_BOX
from trashdata.coco.read import image_faults
from trashdata.errors import printable
from trashdata.names import leaves_root

from .findings import Finding, Fix, SetFields
from .records import photo_size


def image_findings(
    records: Sequence[Any], sound: Sequence[ImageRecord | None], photos: Path | None
) -> Iterator[Finding]:
    """Faults of every image, and names that are equal on some file systems.

    Parameters
    ----------
    photos : the image root; None if photos are not to be opened.
    """
    folded: dict[str, ImageRecord] = {}
    for index, image in enumerate(sound):
        if image is None:
            continue
        faults = [*image_faults(image), *_odd_names(image)]
        other = folded.setdefault(_folded(image.file_name), image)
        if other.file_name != image.file_name:
            found = f"{printable(image.file_name)!r} and {printable(other.file_name)!r}"
            faults.append(("file-name-case", found))
        for kind, found in faults:
            fix = _fix(kind, image, records[index], photos)
            yield Finding(kind, found, "images", index, str(image.id), fix)


def _odd_names(image: ImageRecord) -> Iterator[tuple[str, str]]:
    name = image.file_name
    if leaves_root(name):
        return
    if "\\" in name:
        yield "file-name-backslash", repr(printable(name))
    if any(unicodedata.category(letter) == "Cc" for letter in name):
        yield "file-name-control", f"'{printable(name)}'"


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _fix(kind: str, image: ImageRecord, record: Any, photos: Path | None) -> Fix | None:
    name = image.file_name
    if kind == "valid-box":
        kept = {key: value for key, value in image.trashdata.items() if key != VALID_BOX}
        return SetFields({"trashdata": kept})
    if kind == "image-size":
        return photo_size(record, photos)
    if photos is None:
        return None
    if kind == "file-name-backslash":
        slashed = name.replace("\\", "/")
        mistaken = not (photos / name).is_file() and (photos / slashed).is_file()
        return SetFields({"file_name": slashed}) if mistaken else None
    if kind == "file-name-leaves":
        inside = _inside(name, photos)
        return SetFields({"file_name": inside}) if inside else None
    return None


def _inside(name: str, root: Path) -> str | None:
    """An absolute name relative to the root, if the file exists there."""
    if "\0" in name or not PurePath(name).is_absolute():
        return None
    try:
        path = PurePath(name).relative_to(root.resolve())
    except ValueError:
        return None
    return None if leaves_root(str(path)) else path.as_posix()
