"""An image root that has the user's photos as links, beside folders of new photos."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from trashdata.errors import UserError, printable
from trashdata.runs.files import make_folders


def entries_of(file_names: Iterable[str]) -> list[str]:
    """The folders and photos directly in the root that lead to these photos.

    >>> entries_of(["b/1.jpg", "b/2.jpg", "a.jpg"])
    ['a.jpg', 'b']
    """
    return sorted({PurePosixPath(name).parts[0] for name in file_names})


def refuse_same_names(entries: Sequence[str], folders: Iterable[str]) -> None:
    """Refuse new folders that are called as something in the user's image root."""
    known = {entry.casefold(): entry for entry in entries}
    for name in folders:
        if name.casefold() in known:
            raise UserError(
                f"--images: {printable(known[name.casefold()])}",
                expected="no photos under a name that new photos of an arm need",
                found=f"that {printable(name)} is one",
                advice="give the arm another name",
            )


def link_photos(root: Path, entries: Sequence[str], images: Path) -> None:
    """Make links to entries of the root in the folder ``images``, unless they are there.

    Raises
    ------
    UserError : the folder can't hold links, or holds something else under such a name.
    """
    make_folders([images])
    for entry in entries:
        link, target = images / entry, root.resolve() / entry
        if link.exists() and not link.is_symlink():
            raise UserError(
                printable(str(link)),
                expected=f"a link to {printable(str(target))}",
                found="something else",
                advice="move it away, or choose another folder",
            )
        try:
            if link.is_symlink() and link.readlink() != target:
                link.unlink()
            if not link.is_symlink():
                link.symlink_to(target, target_is_directory=target.is_dir())
        except OSError as error:
            raise UserError(
                printable(str(link)),
                expected=f"to be able to make a link to {printable(str(target))}",
                found=error.strerror or str(error),
                advice="choose a folder on another disk",
            ) from None


def remove_folders(images: Path, names: Iterable[str]) -> None:
    """Delete folders of new photos, as far as they are there and no links."""
    for name in names:
        if not (images / name).is_symlink():
            shutil.rmtree(images / name, ignore_errors=True)
