"""Standard output that can't be written to: a full disk, a reader that has gone, none at all."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import Any

from trashdata.errors import UserError


class StdoutError(OSError):
    """What was printed could not be written."""

    def sentence(self) -> UserError:
        """As one sentence."""
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
    """Make errors of standard output a `StdoutError`, so that they are told from those of files."""
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


def give_up_stdout() -> None:
    """Let Python end without trying once more to write what can't be written."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
