"""The protocol of a worker pool, and the pool of processes on this machine."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Protocol

from trashdata.runs.interrupts import interrupts_later

# Forking a process that has threads (the progress bar's, OpenCV's) can hang the child.
START_METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"


class WorkersLost(Exception):  # noqa: N818 - not an error as long as workers can be restarted
    """Workers ended unexpectedly."""


class Pool(Protocol):
    """Started workers: processes here, or those of a cluster."""

    @property
    def slots(self) -> int:
        """Number of shards in work at a time."""

    def submit(self, work: Callable[[Any, Any], Any], shard: object) -> Future[Any]:
        """Submit ``work(context, shard)`` to a worker."""

    def result(self, future: Future[Any]) -> Any:
        """What the worker returned or raised; `WorkersLost` if it ended early."""

    def check(self) -> None:
        """Raise `WorkersLost` if no worker has the submitted shards any more."""

    def close(self, *, kill: bool) -> None:
        """End the workers, at once or after their current shards."""


class Processes:
    """Processes on this machine."""

    def __init__(self, workers: int, context: object) -> None:
        self.slots = workers
        self._others = {process.pid for process in multiprocessing.active_children()}
        self._pool = ProcessPoolExecutor(
            workers,
            mp_context=multiprocessing.get_context(START_METHOD),
            initializer=_start_worker,
            initargs=(context,),
        )

    def submit(self, work: Callable[[Any, Any], Any], shard: object) -> Future[Any]:
        """See `Pool.submit`."""
        try:
            # A process may be started for it.
            with interrupts_later():
                return self._pool.submit(_run_one, work, shard)
        except BrokenProcessPool:
            raise WorkersLost from None

    def result(self, future: Future[Any]) -> Any:
        """See `Pool.result`."""
        try:
            return future.result()
        except BrokenProcessPool:
            raise WorkersLost from None

    def check(self) -> None:
        """Do nothing: the end of a process is reported at once."""

    def close(self, *, kill: bool) -> None:
        """See `Pool.close`."""
        if kill:
            for process in multiprocessing.active_children():
                if process.pid not in self._others:
                    process.terminate()
        self._pool.shutdown(wait=True, cancel_futures=True)


_context: list[Any] = []


def _start_worker(context: object) -> None:
    # Ctrl-C reaches the whole process group; the parent decides how to stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    single_threaded()
    _context[:] = [context]


def _end_with_parent() -> None:
    """End this worker when its parent is killed; otherwise it would wait for shards for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _run_one(work: Callable[[Any, Any], Any], shard: object) -> object:
    return work(_context[0], shard)


def single_threaded() -> None:
    """Use one core per worker, since OpenCV's threads would compete with the other workers."""
    import cv2

    cv2.setNumThreads(1)
