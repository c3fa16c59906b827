"""File names of photos relative to another root."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator, Sequence
from pathlib import Path

from trashdata.coco.document import ImageRecord
from trashdata.errors import UserError, printable


def relocated_names(
    images: Sequence[ImageRecord], label: str, root: Path, new_root: Path
) -> list[str]:
    """The name of each image's photo relative to a new root; photos need not exist.

    Parameters
    ----------
    images, label : the images, and the name of their file in messages.
    root : the root of their names.
    new_root : the root of the new names.

    Raises
    ------
    UserError : a photo is outside of the new root.
    """
    if _absolute(root) == _absolute(new_root) or _same_folder(root, new_root):
        return [image.file_name for image in images]
    # First with the paths as written, then with links resolved.
    ways = [_way(_absolute(root), _absolute(new_root)), _way(root.resolve(), new_root.resolve())]
    return [_relocated(image, label, new_root, ways) for image in images]


def _absolute(folder: Path) -> Path:
    return Path(os.path.abspath(folder))  # noqa: PTH100 - resolve() would follow links


def _same_folder(root: Path, new_root: Path) -> bool:
    return root.exists() and new_root.exists() and root.samefile(new_root)


def _way(root: Path, new_root: Path) -> tuple[str, str]:
    """The prefix to add to a name, and the one to remove, to get from one root to the other."""
    if root.is_relative_to(new_root):
        return root.relative_to(new_root).as_posix() + "/", ""
    if new_root.is_relative_to(root):
        return "", new_root.relative_to(root).as_posix() + "/"
    return "", "\0"  # no name begins with it


def _relocated(
    image: ImageRecord, label: str, new_root: Path, ways: Sequence[tuple[str, str]]
) -> str:
    for name in _names(posixpath.normpath(image.file_name), ways):
        return name
    raise UserError(
        f"{label}: image {image.id}",
        expected=f"a photo under {new_root}, the image root of the result",
        found=f"{printable(image.file_name)} outside of it",
        advice="give a folder that holds all photos with --images, or where those of this file"
        " are with --images-of",
    )


def _names(name: str, ways: Sequence[tuple[str, str]]) -> Iterator[str]:
    for before, off in ways:
        if name.startswith(off):
            yield before + name[len(off) :]
