"""The names of label PNGs."""

from __future__ import annotations

from pathlib import PurePosixPath

from trashdata.coco.document import Document
from trashdata.coco.keys import REPEAT_OF
from trashdata.errors import UserError, printable


def mask_names(document: Document) -> dict[int, str]:
    """Relative PNG name by image id; refuses two photos that would share one."""
    names: dict[int, str] = {}
    owners: dict[str, str] = {}
    for image in document.images:
        if REPEAT_OF in image.trashdata:
            continue
        path = PurePosixPath(image.file_name)
        name = str(path.with_suffix(".png"))
        # Case-folded, since some file systems ignore case.
        other = owners.setdefault(name.casefold(), image.file_name)
        if other != image.file_name:
            raise UserError(
                f"{document.name}: image {image.id}",
                expected="a unique mask name",
                found=f"{printable(name)}, which {printable(other)} has as well",
                advice="rename one of the two photos",
            )
        names[image.id] = name
    return names
