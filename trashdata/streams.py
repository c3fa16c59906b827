"""Errors of standard output: a full disk, a closed pipe, no stream."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import Any

from trashdata.errors import UserError


class StdoutError(OSError):
    """Standard output could not be written."""

    def sentence(self) -> UserError:
        """The error as one sentence."""
        return UserError(
            "standard output",
            expected="to be able to write there",
            found=self.strerror or str(self),
            advice="redirect it to a file; files that were written are complete",
        )


class _Stdout(io.FileIO):
    def write(self, content: Any) -> int:
        try:
            return super().write(content)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise StdoutError(error.errno, error.strerror) from None


def guard_stdout() -> None:
    """Turn errors of standard output into `StdoutError`, to tell them from those of files."""
    stream = sys.stdout
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: PTH123, SIM115 - it stays open
    if type(stream) is io.TextIOWrapper and stream.fileno() == 1:
        stream.flush()
        buffer = io.BufferedWriter(_Stdout(1, "w", closefd=False))
        sys.stdout = io.TextIOWrapper(
            buffer, stream.encoding, stream.errors, line_buffering=stream.line_buffering
        )


def close_stdout() -> None:
    """Close standard output, so that Python does not try to flush it at exit."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
