"""Trials side by side, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryFile
from threading import Lock
from typing import IO, Protocol

import msgspec

from trashdata.errors import UserError, printable
from trashdata.prove.files import WORK
from trashdata.prove.trial_process import Answer, Job

MODULE = "trashdata.prove.trial_process"
_ONE_THREAD = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
_VISIBLE = "CUDA_VISIBLE_DEVICES"
_MOST_SAID = 400  # characters of a crashed process's last line


class Runner(Protocol):
    """Carries out a job in a lane, numbered from 0.

    Raises
    ------
    UserError : what the user can correct.
    """

    def __call__(self, job: Job, lane: int) -> Answer: ...


@dataclass
class Processes:
    """Carries out each job in a process of its own: a `Runner`.

    ``gpus``: how many lanes have a GPU of their own; without one, each has one thread.
    """

    gpus: int = 0
    _running: set[subprocess.Popen[str]] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)
    _stopped: bool = False

    def __call__(self, job: Job, lane: int) -> Answer:
        with TemporaryFile("w+") as said:
            process = self._start(lane, said)
            answer = self._answer(process, job)
            if answer is None:
                said.seek(0)
                raise _crashed(job, process.returncode, said.read())
        if answer.error is not None:
            raise _told(job, answer.error)
        return answer

    def _answer(self, process: subprocess.Popen[str], job: Job) -> Answer | None:
        # An early death closes the pipe; what it printed says why.
        with suppress(BrokenPipeError):
            assert process.stdin is not None
            process.stdin.write(msgspec.json.encode(job).decode() + "\n")
            process.stdin.flush()
        try:
            # communicate() would close stdin, which ends the process.
            assert process.stdout is not None
            line = process.stdout.readline()
            process.wait()
            return msgspec.json.decode(line, type=Answer) if line.endswith("\n") else None
        finally:
            self._end(process)

    def _start(self, lane: int, said: IO[str]) -> subprocess.Popen[str]:
        environment = dict(os.environ)
        if self.gpus:
            visible = os.environ.get(_VISIBLE) or ",".join(map(str, range(self.gpus)))
            environment[_VISIBLE] = visible.split(",")[lane % self.gpus]
        else:
            environment |= dict.fromkeys(_ONE_THREAD, "1")
        with self._lock:
            if self._stopped:
                raise KeyboardInterrupt
            process = subprocess.Popen(
                [sys.executable, "-m", MODULE],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
                env=environment,
                # Ctrl-C is for this process, which then ends the others.
                start_new_session=True,
            )
            self._running.add(process)
        return process

    def _end(self, process: subprocess.Popen[str]) -> None:
        with self._lock:
            self._running.discard(process)
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                # Closing flushes, which fails if the process has exited.
                with suppress(BrokenPipeError):
                    pipe.close()

    def stop(self) -> None:
        """Kill what is running, and start nothing more."""
        with self._lock:
            self._stopped = True
            for process in self._running:
                process.kill()


def _told(job: Job, error: tuple[str, str, str, str]) -> UserError:
    # Training names the options of pastes in its own way; here they are those of prove.
    where, expected, found, advice = (text.replace("--paste-", "--") for text in error)
    return UserError(
        f"arm {printable(job.trial.arm)}: {where}", expected=expected, found=found, advice=advice
    )


def _crashed(job: Job, code: int, said: str) -> UserError:
    last = said.strip().splitlines()[-1][-_MOST_SAID:] if said.strip() else "nothing"
    found = f"it killed by signal {-code}" if code < 0 else f"exit code {code}"
    return UserError(
        f"arm {printable(job.trial.name)}",
        expected="its run to come to an end",
        found=f"{found}, after it said: {printable(last)}",
        advice="start again, and what is missing is run; with --workers 1 less memory is needed",
    )


def carry_out(
    jobs: Sequence[Job],
    run: Runner,
    lanes: int,
    *,
    stop: Callable[[], None] = lambda: None,
) -> Iterator[tuple[Job, Answer]]:
    """Carry out jobs, ``lanes`` at a time, in their order; yields each as it ends.

    ``stop`` : ends what is running, if this generator is left early.
    """
    free: SimpleQueue[int] = SimpleQueue()
    for lane in range(lanes):
        free.put(lane)

    def one(job: Job) -> Answer:
        lane = free.get()
        try:
            return run(job, lane)
        finally:
            free.put(lane)

    pool = ThreadPoolExecutor(lanes)
    waiting: dict[Future[Answer], Job] = {}
    try:
        waiting = {pool.submit(one, job): job for job in jobs}
        while waiting:
            done, _ = wait(waiting, return_when=FIRST_COMPLETED)
            # Several that ended at once, in the order of the jobs.
            for future in [future for future in waiting if future in done]:
                yield waiting.pop(future), future.result()
    finally:
        for future in waiting:
            future.cancel()
        if waiting:
            stop()
        pool.shutdown()


class Lanes:
    """Where jobs are carried out, ``number`` at a time; ``stop`` ends what is running."""

    def __init__(self, run: Runner, number: int, stop: Callable[[], None]) -> None:
        self.run, self.number, self._stop = run, max(1, number), stop

    def carry_out(self, jobs: Sequence[Job]) -> Iterator[tuple[Job, Answer]]:
        """See `carry_out`."""
        return carry_out(jobs, self.run, self.number, stop=self._stop)


def work_folder(out: Path, job_key: str) -> Path:
    """The folder of a trial while it runs."""
    return out / WORK / job_key[:16]
