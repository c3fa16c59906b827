"""Exclusive locks on open files, released when the process ends."""

from __future__ import annotations

import sys
from typing import BinaryIO

from trashdata.errors import UserError


def check_locks() -> None:
    """Refuse a system without such locks.

    Raises
    ------
    UserError : there is no `fcntl`, as on Windows.
    """
    try:
        import fcntl  # noqa: F401 - to check that it exists
    except ImportError:
        raise UserError(
            "this system",
            expected="Linux or macOS, where a run can lock its folder",
            found="Windows" if sys.platform == "win32" else sys.platform,
            advice="on Windows, run trashdata in WSL (Windows Subsystem for Linux)",
        ) from None


def lock(file: BinaryIO) -> bool:
    """Lock an open file, unless another process holds its lock.

    Returns
    -------
    Whether it is locked now.
    """
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
