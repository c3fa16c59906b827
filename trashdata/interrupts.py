"""Handling of Ctrl-C, from the first import on.

A `KeyboardInterrupt` can be raised inside any import or callback, where a library turns it into
another exception or drops it with a traceback. So the signal is also noted.
"""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType, TracebackType
from typing import Protocol

GO_ON = "Interrupted. Nothing is lost: start the same command again."

_message = [GO_ON]
_came: list[bool] = []


def set_interrupt_message(sentence: str) -> None:
    """Set the sentence after an interrupt, for a command that can't be resumed."""
    _message[0] = f"Interrupted. {sentence}"


def interrupt_message() -> str:
    """The sentence to print after an interrupt."""
    return _message[0]


def exit_at_once(_number: int, _frame: FrameType | None) -> None:
    """Exit without an exception; the run can be resumed, as after a kill."""
    os.write(2, f"{interrupt_message()}\n".encode())
    os._exit(130)


def set_handler(handler: signal._HANDLER) -> None:
    """Set the handler of SIGINT, unless the parent process ignores it, as ``nohup`` does."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, handler)


def note_interrupts() -> None:
    """Make a SIGINT raise `KeyboardInterrupt` and be noted; a second one exits at once."""
    set_handler(_interrupt)
    sys.unraisablehook = _exit_if_interrupted


def interrupted() -> bool:
    """Whether a SIGINT has arrived."""
    return bool(_came)


def _interrupt(number: int, frame: FrameType | None) -> None:
    if _came:
        exit_at_once(number, frame)
    _came.append(True)
    raise KeyboardInterrupt


class _Unraisable(Protocol):
    exc_type: type[BaseException]
    exc_value: BaseException | None
    exc_traceback: TracebackType | None
    err_msg: str | None
    object: object


def _exit_if_interrupted(unraisable: _Unraisable) -> None:
    """Exit if an interrupt was raised in a callback, where Python would only print it."""
    if unraisable.exc_type is KeyboardInterrupt and _came:
        exit_at_once(signal.SIGINT, None)
    sys.__unraisablehook__(unraisable)
