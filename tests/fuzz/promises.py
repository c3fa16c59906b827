"""What every target promises of an error, and a place for the files that it reads."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from trashdata.errors import UserError


@cache
def folder() -> Path:
    """A folder of this process, in memory where the system has such a place."""
    memory = Path("/dev/shm")
    made = tempfile.mkdtemp(prefix="fuzz-", dir=memory if memory.is_dir() else None)
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return Path(made)


def check_sentence(error: UserError) -> None:
    """One line that names a place and says what to do, without control characters."""
    sentence = str(error)
    assert sentence.isprintable(), repr(sentence)
    assert error.where
    assert error.expected
    assert error.found
    assert error.advice
    assert len(sentence) < 5000, len(sentence)
