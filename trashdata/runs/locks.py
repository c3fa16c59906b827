"""Locks that end with the process that holds them."""

from __future__ import annotations

from typing import BinaryIO


def try_lock(stream: BinaryIO) -> bool:
    """Lock an open file against other processes, unless one of them holds its lock."""
    import fcntl

    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
