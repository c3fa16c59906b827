"""Running shards in this process or on several workers.

A shard's result depends only on the shard and the context, so neither the number of workers nor the
order in which shards end changes a byte.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any, Self, TypeVar

from trashdata.errors import UserError
from trashdata.runs.interrupts import interrupts_later
from trashdata.runs.pool import START_METHOD, Pool, Processes, WorkersLost, single_threaded

Context = TypeVar("Context")
Shard = TypeVar("Shard")
Result = TypeVar("Result")

# A worker may be killed for its memory use; repeated losses are an error.
MAX_LOST_POOLS = 3
# Seconds without a result, after which the pool is checked for its shards.
SECONDS_WITHOUT_NEWS = 30.0


def warm_up(module: str) -> None:
    """Start the process that workers are forked from, and let it import their modules.

    Called early, so that it runs while this process reads its input.
    """
    if START_METHOD == "forkserver":
        import multiprocessing
        from multiprocessing.forkserver import ensure_running

        multiprocessing.set_forkserver_preload([module])
        with interrupts_later():
            ensure_running()


class Workers:
    """Workers for several kinds of shards in turn.

    Shards with the same context as those before them run in the same processes.

    Parameters
    ----------
    number : processes on this machine; 1 works in this one.
    scheduler : address of a Dask scheduler, whose workers are to do it instead.
    """

    def __init__(self, number: int = 1, scheduler: str | None = None) -> None:
        self.number = number
        self.scheduler = scheduler
        self._pool: Pool | None = None
        self._context: object = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._close(kill=kind is not None)

    def run(
        self,
        work: Callable[[Context, Shard], Result],
        shards: Sequence[Shard],
        context: Context,
    ) -> Iterator[tuple[int, Result]]:
        """Run ``work(context, shard)`` for every shard.

        ``work`` is defined at the top level of a module, so that it can be pickled. The context is
        sent once to each worker. Yields the index of each shard and its result, in the order in
        which they end.
        """
        if context is not self._context:
            self._close(kill=False)
            self._context = context
        alone = self.number <= 1 or (len(shards) <= 1 and self._pool is None)
        if self.scheduler is None and alone:
            single_threaded()
            for index, shard in enumerate(shards):
                yield index, work(context, shard)
            return
        left = dict(enumerate(shards))
        for _ in range(MAX_LOST_POOLS):
            try:
                for index, result in self._run_in_pool(work, left):
                    del left[index]
                    yield index, result
                return
            except WorkersLost:
                self._close(kill=True)
        raise self._all_lost()

    def _run_in_pool(
        self, work: Callable[[Context, Shard], Result], shards: dict[int, Shard]
    ) -> Iterator[tuple[int, Result]]:
        pool = self._started()
        queue = iter(list(shards.items()))
        running: dict[Future[Any], int] = {}
        while True:
            # The pool's queue is short, so that memory does not grow with the number of shards.
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

    def _started(self) -> Pool:
        if self._pool is None:
            if self.scheduler is None:
                self._pool = Processes(self.number, self._context)
            else:
                from trashdata.runs.cluster import Cluster

                self._pool = Cluster(self.scheduler, self._context)
        return self._pool

    def _close(self, *, kill: bool) -> None:
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
            option = f"--workers {self.number}"
        return UserError(
            option,
            expected="running worker processes",
            found=f"workers that died {MAX_LOST_POOLS} times",
            advice=advice,
        )


def run_shards(
    work: Callable[[Context, Shard], Result],
    shards: Sequence[Shard],
    context: Context,
    *,
    workers: int,
    scheduler: str | None = None,
) -> Iterator[tuple[int, Result]]:
    """Run one kind of shards with new workers; see `Workers.run`."""
    with Workers(workers, scheduler) as started:
        yield from started.run(work, shards, context)
