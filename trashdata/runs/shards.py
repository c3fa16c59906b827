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
from typing import Any, Generic, Protocol, Self, TypeVar

from trashdata.errors import UserError
from trashdata.runs.interrupts import interrupts_later

Context = TypeVar("Context")
Shard = TypeVar("Shard")
Result = TypeVar("Result")

# A worker may be lost to the kernel's memory killer; one that dies over and over is a fault.
MAX_LOST_POOLS = 3
# Without any news for so long, a pool is asked whether it still knows of its shards.
SECONDS_WITHOUT_NEWS = 30.0
# Forking a process that has threads (the progress bar's, OpenCV's) can hang the child.
_START_METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"


def warm_up(module: str) -> None:
    """Start the process that workers are forked from, and let it import what they need.

    Called first thing, it does so while this process still reads its input.
    """
    if _START_METHOD == "forkserver":
        from multiprocessing.forkserver import ensure_running

        multiprocessing.set_forkserver_preload([module])
        with interrupts_later():
            ensure_running()


class Crew(Generic[Context]):
    """Workers that share a context, for one kind of shards after the other.

    Parameters
    ----------
    context : what all shards share; sent once to each worker.
    workers : processes on this machine; 1 works in this one.
    scheduler : address of a Dask scheduler, whose workers are to do it instead.
    """

    def __init__(self, context: Context, workers: int, scheduler: str | None = None) -> None:
        self.context = context
        self.workers = workers
        self.scheduler = scheduler
        self._pool: _Pool | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._dismiss(kill=kind is not None)

    def run(
        self, work: Callable[[Context, Shard], Result], shards: Sequence[Shard]
    ) -> Iterator[tuple[int, Result]]:
        """Run ``work(context, shard)`` for every shard.

        ``work`` stands at the top level of a module, so that it can be pickled. Yields the index
        of the shard and its result, in the order in which they end.
        """
        alone = self.workers <= 1 or (len(shards) <= 1 and self._pool is None)
        if self.scheduler is None and alone:
            single_threaded()
            for index, shard in enumerate(shards):
                yield index, work(self.context, shard)
            return
        left = dict(enumerate(shards))
        for _ in range(MAX_LOST_POOLS):
            try:
                for index, result in self._run_in_pool(work, left):
                    del left[index]
                    yield index, result
                return
            except WorkersLost:
                self._dismiss(kill=True)
        raise self._all_lost()

    def _run_in_pool(
        self, work: Callable[[Context, Shard], Result], shards: dict[int, Shard]
    ) -> Iterator[tuple[int, Result]]:
        pool = self._hire()
        queue = iter(list(shards.items()))
        running: dict[Future[Any], int] = {}
        while True:
            # Few shards wait in the pool's queue, so that memory does not grow with their number.
            for index, shard in itertools.islice(queue, max(0, 2 * pool.slots - len(running))):
                running[pool.submit(work, shard)] = index
            if not running:
                return
            ended, _ = wait(running, SECONDS_WITHOUT_NEWS, return_when=FIRST_COMPLETED)
            if not ended:
                pool.check()
            for future in ended:
                index = running.pop(future)
                yield index, pool.result(future)

    def _hire(self) -> _Pool:
        if self._pool is None:
            if self.scheduler is None:
                self._pool = _Processes(self.workers, self.context)
            else:
                from trashdata.runs.cluster import Cluster

                self._pool = Cluster(self.scheduler, self.context)
        return self._pool

    def _dismiss(self, *, kill: bool) -> None:
        if self._pool is not None:
            self._pool.close(kill=kill)
            self._pool = None

    def _all_lost(self) -> UserError:
        if self.scheduler is not None:
            advice = "look at the cluster's logs, then start the same command again"
            option = f"--scheduler {self.scheduler}"
        else:
            advice = (
                "free memory or use fewer workers, then start again; a script that calls this"
                " needs 'if __name__ == \"__main__\":'"
            )
            option = f"--workers {self.workers}"
        return UserError(
            option,
            expected="worker processes that live",
            found=f"{MAX_LOST_POOLS} times one that ended early",
            advice=advice,
        )


from trashdata.runs.pool import WorkersLost


class _Unused(Exception):
    """Workers ended before they were told to."""


class _Pool(Protocol):
    """Workers that were hired: processes here, or those of a cluster."""

    @property
    def slots(self) -> int: ...

    def submit(self, work: Callable[[Any, Any], Any], shard: object) -> Future[Any]: ...

    def result(self, future: Future[Any]) -> Any: ...

    def check(self) -> None: ...

    def close(self, *, kill: bool) -> None: ...


class _Processes:
    """Processes on this machine."""

    def __init__(self, workers: int, context: object) -> None:
        self.slots = workers
        self._strangers = {process.pid for process in multiprocessing.active_children()}
        self._pool = ProcessPoolExecutor(
            workers,
            mp_context=multiprocessing.get_context(_START_METHOD),
            initializer=_start_worker,
            initargs=(context,),
        )

    def submit(self, work: Callable[[Any, Any], Any], shard: object) -> Future[Any]:
        try:
            # A process may be started for it.
            with interrupts_later():
                return self._pool.submit(_run_one, work, shard)
        except BrokenProcessPool:
            raise WorkersLost from None

    def result(self, future: Future[Any]) -> Any:
        try:
            return future.result()
        except BrokenProcessPool:
            raise WorkersLost from None

    def check(self) -> None:
        """Nothing to ask: a process that ends is told of at once."""

    def close(self, *, kill: bool) -> None:
        if kill:
            for process in multiprocessing.active_children():
                if process.pid not in self._strangers:
                    process.terminate()
        self._pool.shutdown(wait=True, cancel_futures=True)


def run_shards(
    work: Callable[[Context, Shard], Result],
    shards: Sequence[Shard],
    context: Context,
    *,
    workers: int,
    scheduler: str | None = None,
) -> Iterator[tuple[int, Result]]:
    """Run one kind of shards with a crew of its own; see `Crew`."""
    with Crew(context, min(workers, max(1, len(shards))), scheduler) as crew:
        yield from crew.run(work, shards)


_context: list[Any] = []


def _start_worker(context: object) -> None:
    # Ctrl-C reaches the whole process group; the parent decides how to stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    single_threaded()
    _context[:] = [context]


def _end_with_parent() -> None:
    """End this worker when its parent is killed; else it would wait for shards for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _run_one(work: Callable[[Any, Any], Any], shard: object) -> object:
    return work(_context[0], shard)


def single_threaded() -> None:
    """One core a worker: OpenCV's own threads would compete with the other workers."""
    import cv2

    cv2.setNumThreads(1)
