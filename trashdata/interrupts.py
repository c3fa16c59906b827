"""Ctrl-C, from the first import to the last line.

What a SIGINT raises can surface inside any import or callback: a library then turns it into
another exception, or drops it with a traceback of its own. So it is also noted.
"""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType, TracebackType
from typing import Protocol

GO_ON = "Interrupted. Nothing is lost: start the same command again."

_farewell = [GO_ON]
_came: list[bool] = []


def say_when_interrupted(sentence: str) -> None:
    """What to tell from here on, for a command that isn't taken up by starting it again."""
    _farewell[0] = f"Interrupted. {sentence}"


def farewell() -> str:
    """The sentence that an interrupt ends with."""
    return _farewell[0]


def end_at_once(_number: int, _frame: FrameType | None) -> None:
    """A handler for moments at which no exception will do; a run survives it as it does a kill."""
    os.write(2, f"{farewell()}\n".encode())
    os._exit(130)


def handle_with(handler: signal._HANDLER) -> None:
    """Set the handler of SIGINT, unless who started us wants it ignored, as ``nohup`` does."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, handler)


def note_interrupts() -> None:
    """From here on a SIGINT raises `KeyboardInterrupt` and is noted; a second one ends at once."""
    handle_with(_interrupt)
    sys.unraisablehook = _end_where_nothing_can_be_raised


def interrupted() -> bool:
    """Whether a SIGINT has come."""
    return bool(_came)


def _interrupt(number: int, frame: FrameType | None) -> None:
    if _came:
        end_at_once(number, frame)
    _came.append(True)
    raise KeyboardInterrupt


class _Unraisable(Protocol):
    exc_type: type[BaseException]
    exc_value: BaseException | None
    exc_traceback: TracebackType | None
    err_msg: str | None
    object: object


def _end_where_nothing_can_be_raised(unraisable: _Unraisable) -> None:
    """An interrupt that struck in a callback would be printed, and the command go on."""
    if unraisable.exc_type is KeyboardInterrupt and _came:
        end_at_once(signal.SIGINT, None)
    sys.__unraisablehook__(unraisable)
