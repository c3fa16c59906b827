"""Shards on the workers of a Dask cluster, with folders shared by all machines.

The context is sent once, as an argument of a task, so that the scheduler can restore it when a
worker that held it is lost. A worker process works on one shard at a time, whatever its number of
threads, since the context (caches of photos) is not thread-safe.
"""

from __future__ import annotations

import logging
import os
import pickle
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import cache
from typing import TYPE_CHECKING, Any

from trashdata.errors import UserError, printable
from trashdata.runs.pool import WorkersLost, single_threaded
from trashdata.runs.records import library_versions

if TYPE_CHECKING:
    from distributed import Client

_CONNECT_SECONDS = 10
_FIRST_WORKER_SECONDS = 30


class Cluster:
    """A connection to the scheduler of a Dask cluster.

    Parameters
    ----------
    address : of the scheduler, such as ``tcp://10.0.0.1:8786``.
    context : the context of the shards; sent once to each worker.

    Raises
    ------
    UserError : no scheduler answers at the address, or it has no worker.
    """

    def __init__(self, address: str, context: object) -> None:
        self.address = address
        self._client = _connect(address)
        self._executor = self._client.get_executor()
        # The path of the run folder may be relative to the working folder.
        shared = (context, os.getcwd(), library_versions())  # noqa: PTH109 - a plain string
        self._shared = self._client.submit(pickle.loads, pickle.dumps(shared), pure=False)

    @property
    def slots(self) -> int:
        """Current number of worker processes, at least 1."""
        return max(1, len(self._client.scheduler_info(n_workers=-1)["workers"]))

    def submit(self, work: Callable[[Any, Any], Any], shard: object) -> Future[Any]:
        """Submit ``work(context, shard)`` to a worker."""
        future: Future[Any] = self._executor.submit(_run_there, work, self._shared, shard)
        return future

    def result(self, future: Future[Any]) -> Any:
        """What the worker returned or raised."""
        from concurrent.futures import CancelledError

        from distributed.scheduler import KilledWorker

        try:
            return future.result()
        except (KilledWorker, CancelledError):
            raise WorkersLost from None
        except (ModuleNotFoundError, RuntimeError) as error:
            if "deserializ" in str(error) or isinstance(error, ModuleNotFoundError):
                raise _unlike_here(self.address, error) from None
            raise

    def check(self) -> None:
        """Check that the scheduler still has our shards.

        A scheduler that was restarted, or lost the connection for a moment, has forgotten them, and
        the run would wait for ever.

        Raises
        ------
        WorkersLost : it has none of them.
        """
        try:
            wanted = self._client.run_on_scheduler(_tasks_of, client=self._client.id)
        except (OSError, TimeoutError):
            raise WorkersLost from None
        if not wanted:
            raise WorkersLost

    def close(self, *, kill: bool) -> None:  # noqa: ARG002 - its workers are not ours
        """Cancel shards that have not begun; the workers keep running."""
        self._executor.shutdown(wait=False)
        self._client.close()


def check_scheduler(address: str | None) -> None:
    """Check the cluster before anything is written; None is no cluster.

    Raises
    ------
    UserError : no scheduler answers at the address, or it has no worker.
    """
    if address is not None:
        _connect(address).close()


def _connect(address: str) -> Client:
    try:
        from distributed import Client
    except ImportError:
        raise UserError(
            "--executor dask",
            expected="the package 'distributed'",
            found="none",
            advice="install it with: pip install 'trashdata[dask]'",
        ) from None
    # A lost connection is reported by our own error.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        client = Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise _unreachable(address, f"none ({printable(reason)})") from None
    try:
        client.wait_for_workers(1, timeout=_FIRST_WORKER_SECONDS)
    except TimeoutError:
        client.close()
        raise _unreachable(address, "one without any worker") from None
    return client


def _unreachable(address: str, found: str) -> UserError:
    return UserError(
        f"--scheduler {printable(address)}",
        expected="a Dask scheduler with workers",
        found=found,
        advice="start 'dask scheduler' and 'dask worker', or omit --executor dask",
    )


def _unlike_here(address: str, error: Exception) -> UserError:
    return UserError(
        f"--scheduler {printable(address)}",
        expected="trashdata on every machine of the cluster",
        found=printable(str(error).splitlines()[0]),
        advice="install the same version there",
    )


# --- on the scheduler ---


def _tasks_of(dask_scheduler: Any, client: str) -> int:
    """Tasks of a client on the scheduler, its context included."""
    state = dask_scheduler.clients.get(client)
    return 0 if state is None else len(state.wants_what)


# --- on the worker ---

_one_at_a_time = threading.Lock()


def _run_there(
    work: Callable[[Any, Any], Any], shared: tuple[Any, str, dict[str, str]], shard: object
) -> object:
    context, folder, versions = shared
    with _one_at_a_time:
        _check_worker(folder, tuple(sorted(versions.items())))
        os.chdir(folder)
        single_threaded()
        return work(context, shard)


@cache
def _check_worker(folder: str, versions: tuple[tuple[str, str], ...]) -> None:
    """Check that a worker has the same libraries, for equal bytes, and sees the run's folders."""
    installed = library_versions()
    host = os.uname().nodename
    for name, wanted in versions:
        if installed[name] != wanted:
            raise UserError(
                f"the Dask worker on {host}",
                expected=f"{name} {wanted}, as where the command was started",
                found=installed[name],
                advice="install the same versions on all machines",
            )
    if not os.path.isdir(folder):  # noqa: PTH112 - a plain string
        raise UserError(
            f"the Dask worker on {host}",
            expected=f"the folder {printable(folder)}, as where the command was started",
            found="none",
            advice="work in a folder that all machines see under the same name",
        )
