"""Shards on a Dask cluster: a real scheduler and two real workers on the loopback."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from coco_checks import tree
from conftest import RunCli

from trashdata.errors import UserError
from trashdata.jobs.shards import Crew

pytest.importorskip("distributed", reason="the extra [dask] is not installed")

ROOT = Path(__file__).resolve().parent.parent


class LoopbackCluster:
    """A scheduler and its worker processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "scheduler.json"
        self.processes = [self._start("scheduler", "--port", "0", "--host", "127.0.0.1")]
        deadline = time.monotonic() + 60
        while not self.file.exists():
            assert time.monotonic() < deadline, "the scheduler did not start"
            time.sleep(0.05)
        self.address = json.loads(self.file.read_text())["address"]
        for _ in range(2):
            self.add_worker()

    def _start(self, what: str, *options: str) -> subprocess.Popen[bytes]:
        module = f"distributed.cli.dask_{what}"
        file = ("--scheduler-file", str(self.file))
        return subprocess.Popen(
            [sys.executable, "-m", module, *file, "--no-dashboard", *options],
            cwd=self.folder,
            # Workers import the shards' functions by name, those of this file too.
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def add_worker(self) -> None:
        folder = ("--local-directory", str(self.folder))
        options = ("--nthreads", "1", "--nworkers", "1", "--no-nanny", *folder)
        self.processes.append(self._start("worker", *options))

    def end(self) -> None:
        for process in reversed(self.processes):
            process.kill()
            process.wait()


@contextmanager
def _loopback(folder: Path) -> Iterator[LoopbackCluster]:
    running = LoopbackCluster(folder)
    try:
        yield running
    finally:
        running.end()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoopbackCluster]:
    with _loopback(tmp_path_factory.mktemp("dask")) as running:
        yield running


def arguments(command: list[str], data: Path, cluster: LoopbackCluster | None) -> list[str]:
    where = ["--executor", "dask", "--scheduler", cluster.address] if cluster else []
    return [*command, "--data", str(data), "--quiet", *where]


COMMANDS = [
    ["masks", "--json", "train_all.json"],
    ["copy-paste", "--patch", "Paper", "--num", "120", "--min-area", "20"],
    ["copy-paste", "--target", "Paper=120", "--min-area", "20"],
    ["oversample", "--patch", "Paper", "--num", "60", "--min-area", "20"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command[:2]))
def test_same_bytes_as_on_this_machine(
    command: list[str], sample_set: Path, tmp_path: Path, cluster: LoopbackCluster, run_cli: RunCli
) -> None:
    here = Path(shutil.copytree(sample_set, tmp_path / "here"))
    there = Path(shutil.copytree(sample_set, tmp_path / "there"))
    assert run_cli(*arguments(command, here, None)).returncode == 0
    done = run_cli(*arguments(command, there, cluster))
    assert done.returncode == 0, done.stderr
    assert tree(there) == tree(here)
    assert len(tree(there)) > len(tree(sample_set))


def _pid_and_pause(folder: str, number: int) -> int:
    """A shard that leaves the number of its process behind, then takes a while."""
    (Path(folder) / str(os.getpid())).touch()
    time.sleep(0.2)
    return number * number


def test_a_worker_killed_in_the_middle_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "dask").mkdir()
    seen = tmp_path / "seen"
    seen.mkdir()
    results: dict[int, int] = {}
    with _loopback(tmp_path / "dask") as own, Crew(str(seen), 1, own.address) as crew:
        for index, result in crew.run(_pid_and_pause, list(range(20))):
            results[index] = result
            if len(results) == 3:
                os.kill(int(next(seen.iterdir()).name), signal.SIGKILL)
    assert results == {number: number * number for number in range(20)}


def _refuse(context: object, number: int) -> Any:  # noqa: ARG001
    raise UserError("here", expected="this", found=f"{number}", advice="do that")


def test_an_error_of_a_shard_comes_back_whole(cluster: LoopbackCluster) -> None:
    with (
        Crew(None, 1, cluster.address) as crew,
        pytest.raises(UserError, match="here: expected this, found 7; do that"),
    ):
        list(crew.run(_refuse, [7]))


def test_a_scheduler_that_is_not_there(sample_set: Path, run_cli: RunCli) -> None:
    before = tree(sample_set)
    nowhere = ("--executor", "dask", "--scheduler", "tcp://127.0.0.1:9")
    done = run_cli("masks", "--data", str(sample_set), "--out", "m", *nowhere)
    assert done.returncode == 2
    assert "--scheduler tcp://127.0.0.1:9: expected a Dask scheduler with workers" in done.stderr
    assert "Traceback" not in done.stderr
    assert tree(sample_set) == before
    done = run_cli("masks", "--data", str(sample_set), "--executor", "dask")
    assert done.returncode == 2
    assert "expected --scheduler with it" in done.stderr
