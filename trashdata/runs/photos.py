"""Checks of photos that an earlier run has read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from trashdata.errors import UserError, printable
from trashdata.runs.hashes import file_sha256


def check_unchanged(photos: Mapping[str, str], path_of: Callable[[str], Path]) -> None:
    """Refuse to resume a run whose photos have changed.

    Parameters
    ----------
    photos : SHA-256 by the run's name of a photo.
    path_of : returns the path of the photo with that name.
    """
    for name, digest in photos.items():
        path = path_of(name)
        if not path.is_file() or file_sha256(path) != digest:
            raise UserError(
                printable(str(path)),
                expected="the photo that the earlier run read",
                found="another content" if path.is_file() else "no file",
                advice="put it back, or make the output again with --overwrite",
            )
