"""Running shards of work, in this process or on several.

What a shard does depends on the shard and the context alone, so neither the number of workers
nor the order in which shards end changes a byte.
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from trashdata.errors import UserError

Context = TypeVar("Context")
Shard = TypeVar("Shard")
Result = TypeVar("Result")

# A worker may be lost to the kernel's memory killer; one that dies over and over is a fault.
MAX_LOST_POOLS = 3


def run_shards(
    work: Callable[[Context, Shard], Result],
    shards: Sequence[Shard],
    context: Context,
    *,
    workers: int,
) -> Iterator[tuple[int, Result]]:
    """Run ``work(context, shard)`` for every shard.

    Parameters
    ----------
    work : a function at the top level of a module, so that it can be pickled.
    context : what all shards share; sent once to each worker.
    workers : processes; 1 runs in this one.

    Yields
    ------
    (index of the shard, result), in the order in which they end.
    """
    if workers <= 1 or len(shards) <= 1:
        _single_threaded()
        for index, shard in enumerate(shards):
            yield index, work(context, shard)
        return
    left = dict(enumerate(shards))
    for _ in range(MAX_LOST_POOLS):
        try:
            for index, result in _run_in_pool(work, left, context, min(workers, len(left))):
                del left[index]
                yield index, result
            return
        except BrokenProcessPool:
            continue
    raise UserError(
        f"--workers {workers}",
        expected="worker processes that live",
        found=f"{MAX_LOST_POOLS} times one that ended early",
        advice="free memory or use fewer workers, then start again; a script that calls this needs"
        " 'if __name__ == \"__main__\":'",
    )


def _run_in_pool(
    work: Callable[[Context, Shard], Result],
    shards: dict[int, Shard],
    context: Context,
    workers: int,
) -> Iterator[tuple[int, Result]]:
    # Forking a process that has threads (the progress bar's, OpenCV's) can hang the child.
    method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    pool = ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context(method),
        initializer=_start_worker,
        initargs=(work, context),
    )
    finished = False
    try:
        queue = iter(list(shards.items()))
        running: dict[Future[Any], int] = {}
        while True:
            # Few shards wait in the pool's queue, so that memory does not grow with their number.
            for index, shard in itertools.islice(queue, 2 * workers - len(running)):
                running[pool.submit(_run_one, shard)] = index
            if not running:
                break
            ended, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in ended:
                index = running.pop(future)
                yield index, future.result()
        finished = True
    finally:
        if not finished:
            for process in multiprocessing.active_children():
                process.terminate()
        pool.shutdown(wait=True, cancel_futures=True)


_worker: tuple[Callable[[Any, Any], Any], Any] | None = None


def _start_worker(work: Callable[[Any, Any], Any], context: object) -> None:
    global _worker  # noqa: PLW0603 - what the executor's initializer is for
    # Ctrl-C reaches the whole process group; the parent decides how to stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _single_threaded()
    _worker = (work, context)


def _end_with_parent() -> None:
    """End this worker when its parent is killed; else it would wait for shards for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _run_one(shard: object) -> object:
    assert _worker is not None
    work, context = _worker
    return work(context, shard)


def _single_threaded() -> None:
    """One core a worker: OpenCV's own threads would compete with the other workers."""
    import cv2

    cv2.setNumThreads(1)
