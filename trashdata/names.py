"""File names in a COCO file."""

from __future__ import annotations

import re
from pathlib import PurePosixPath, PureWindowsPath

_SUSPICIOUS = re.compile(r"\\|:|\0|\.\.")


def leaves_root(file_name: str) -> bool:
    """Whether a ``file_name`` is absolute, leaves its root, or is empty.

    >>> leaves_root("batch_01/0003.jpg"), leaves_root("../0003.jpg"), leaves_root("C:/0003.jpg")
    (False, True, True)
    """
    if file_name and file_name[0] not in "/." and not _SUSPICIOUS.search(file_name):
        return False  # fast path for nearly every name
    parts = PurePosixPath(file_name.replace("\\", "/")).parts
    absolute = PurePosixPath(file_name).is_absolute() or bool(PureWindowsPath(file_name).anchor)
    return absolute or ".." in parts or not parts or "\0" in file_name
