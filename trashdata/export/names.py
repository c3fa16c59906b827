"""Names in an exported set, which has one flat folder of photos."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from trashdata.coco.document import Document
from trashdata.errors import UserError, printable


def flat_name(file_name: str, ending: str | None = None) -> str:
    """The photo's name with its folders as a prefix, and with another ending if one is given.

    >>> flat_name("batch_01_vt/0003.jpg"), flat_name("batch_01_vt/0003.jpg", ".png")
    ('batch_01_vt_0003.jpg', 'batch_01_vt_0003.png')
    """
    name = "_".join(PurePosixPath(file_name).parts)
    return name if ending is None else str(PurePosixPath(name).with_suffix(ending))


def check_names(documents: Sequence[Document]) -> None:
    """Refuse two photos that would share a name; a photo may be in several files.

    Raises
    ------
    UserError : two photos get one name, or one file twice names the same photo.
    """
    owners: dict[str, str] = {}
    for document in documents:
        for image in document.images:
            # Without ending, since labels of a.jpg and a.png would share a name; folded for file
            # systems that ignore case.
            key = flat_name(image.file_name, "").casefold()
            owner = owners.setdefault(key, image.file_name)
            if owner != image.file_name:
                raise UserError(
                    f"{document.name}: image {image.id}",
                    expected="a unique name in one folder",
                    found=f"{printable(image.file_name)} beside {printable(owner)}",
                    advice="rename one of the two photos",
                )
