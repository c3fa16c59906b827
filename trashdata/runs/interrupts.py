"""Ctrl-C at moments when it must wait."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def interrupts_later() -> Iterator[None]:
    """Let a SIGINT wait until the block is left, and keep it from processes started inside.

    A worker that is interrupted while it starts, or whose parent is while it tells it what to do,
    shows a traceback of its own.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[FrameType | None] = []
    # The handler is for this process, whose other threads may take the signal; the mask is for
    # the processes, which inherit it.
    former = signal.signal(signal.SIGINT, lambda _, frame: came.append(frame))
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, former)
    if came and callable(former):
        former(signal.SIGINT, came[0])
