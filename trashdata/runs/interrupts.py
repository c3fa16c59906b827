"""Delaying Ctrl-C."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def interrupts_later() -> Iterator[None]:
    """Delay a SIGINT until the end of the block, and block it in processes started inside.

    Otherwise a worker that is interrupted during its start prints a traceback.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[FrameType | None] = []
    # The handler is for this process, since other threads may get the signal; the mask is for new
    # processes, which inherit it.
    former = signal.signal(signal.SIGINT, lambda _, frame: came.append(frame))
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, former)
    if came and callable(former):
        former(signal.SIGINT, came[0])
