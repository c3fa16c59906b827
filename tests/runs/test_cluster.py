"""Shards on a Dask cluster: a real scheduler and two real workers on the loopback."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.coco import tree
from helpers.paths import TESTS
from helpers.processes import Process, RunCli, environment, start
from helpers.pseudo_label import Stub, make_photos, stub
from trashdata.pseudo_label import PseudoOptions, pseudo
from trashdata.pseudo_label.predicting.models_on_disk import ModelsOnDisk

from trashdata.errors import UserError
from trashdata.runs import workers
from trashdata.runs.cluster import Cluster
from trashdata.runs.workers import Workers

# One cluster is enough.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("cluster")]

pytest.importorskip("distributed", reason="the extra [dask] is not installed")


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

    def _start(self, what: str, *options: str) -> Process:
        file = ("--scheduler-file", str(self.file))
        return start(
            *file,
            "--no-dashboard",
            *options,
            module=f"distributed.cli.dask_{what}",
            cwd=self.folder,
            # Workers import the shards' functions by name, those of this file too.
            env=environment(TESTS),
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
    ["copy-paste", "--patch", "Paper", "--num", "120", "--min-area", "20", "--size", "120"],
    ["copy-paste", "--target", "Paper=120", "--min-area", "20"],
    ["oversample", "--patch", "Paper", "--num", "60", "--min-area", "20"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command[:2]))
def test_same_bytes_as_on_this_machine(
    command: list[str],
    sample_set: Path,
    tmp_path: Path,
    cluster: LoopbackCluster,
    run_process: RunCli,
) -> None:
    here = Path(shutil.copytree(sample_set, tmp_path / "here"))
    there = Path(shutil.copytree(sample_set, tmp_path / "there"))
    assert run_process(*arguments(command, here, None)).returncode == 0
    done = run_process(*arguments(command, there, cluster))
    assert done.returncode == 0, done.stderr
    assert tree(there) == tree(here)
    assert len(tree(there)) > len(tree(sample_set))


# --- pseudo ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def photo_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """130 small photos without labels: three shards of each pass."""
    folder = tmp_path_factory.mktemp("pseudo") / "data"
    make_photos(folder, 130)
    return folder


def test_predictions_on_a_cluster_are_those_of_this_machine(
    photo_set: Path, tmp_path: Path, cluster: LoopbackCluster
) -> None:
    trees = []
    for name, scheduler in (("here", None), ("there", cluster.address)):
        folder = Path(shutil.copytree(photo_set, tmp_path / name))
        options = PseudoOptions(min_area=20, threshold=0.5, masks=True, keep_images=0.8, agree=True)
        outcome = pseudo(folder, options, models=stub(), scheduler=scheduler)
        assert outcome.counts["kept"] == 104
        trees.append(tree(folder))
    assert trees[0] == trees[1]


def test_models_are_loaded_by_the_workers(
    sample_set: Path, tmp_path: Path, cluster: LoopbackCluster, run_process: RunCli
) -> None:
    """On the CPU, from files, with a report as well; worked out with one thread everywhere."""
    pytest.importorskip("torch", reason="the extra [train] is not installed")
    from helpers.models import tiny_run

    for seed in (1, 2):
        tiny_run(tmp_path / "runs" / f"exp{seed}", sample_set / "val.json", seed)
    words = ["pseudo", "--json", "val.json", "--device", "cpu", "--portion", "0.5"]
    words += ["--model", "exp1", "--model", "exp2", "--min-area", "5"]
    for extra in ([], ["--report"]):
        trees = []
        for name, where in (("here", None), ("there", cluster)):
            folder = tmp_path / name
            if not folder.is_dir():
                shutil.copytree(sample_set, folder)
            done = run_process(*arguments([*words, *extra], folder, where))
            assert done.returncode == 0, done.stderr
            trees.append(tree(folder))
        assert trees[0] == trees[1]
        assert len(trees[0]) > len(tree(sample_set))


def test_a_model_that_workers_see_otherwise(tmp_path: Path, cluster: LoopbackCluster) -> None:
    models = ModelsOnDisk((("nowhere", "0" * 64),), "none", "cpu", (("torch", "0.1"),))
    with (
        Workers(1, cluster.address) as pool,
        pytest.raises(UserError, match=r"torch on a worker: expected 0\.1, as where the command"),
    ):
        list(pool.run(_call, [str(tmp_path)], models))


def _call(models: Any, _: str) -> Any:
    return models(np.zeros((4, 4, 3), dtype=np.uint8))


# --- validate -------------------------------------------------------------------------------


def test_faults_of_photos_are_found_by_the_workers(
    data: Path, cluster: LoopbackCluster, run_process: RunCli
) -> None:
    names = [image["file_name"] for image in json.loads((data / "val.json").read_bytes())["images"]]
    (data / names[0]).write_bytes((data / names[0]).read_bytes()[:-200])
    (data / names[1]).unlink()
    shutil.copyfile(data / names[3], data / names[2])
    before = tree(data)
    summaries = []
    for where in (None, cluster):
        words = ["validate", "--json", "val.json", "--json-summary", "--fix", "fixed.json"]
        done = run_process(*arguments(words, data, where), "--overwrite")
        assert done.returncode == 1, done.stderr
        summaries.append(json.loads(done.stdout))
        assert {name: digest for name, digest in tree(data).items() if name in before} == before
    assert summaries[0] == summaries[1]
    kinds = {row["kind"] for row in summaries[0]["faults"]}
    assert {"photo-truncated", "photo-missing", "photo-twice"} <= kinds


# --- what goes wrong ------------------------------------------------------------------------


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
    with _loopback(tmp_path / "dask") as own, Workers(1, own.address) as pool:
        for index, result in pool.run(_pid_and_pause, list(range(20)), str(seen)):
            results[index] = result
            if len(results) == 3:
                os.kill(int(next(seen.iterdir()).name), signal.SIGKILL)
    assert results == {number: number * number for number in range(20)}


def test_a_worker_killed_while_it_predicts_changes_nothing(photo_set: Path, tmp_path: Path) -> None:
    here, there = (Path(shutil.copytree(photo_set, tmp_path / name)) for name in ("here", "there"))
    options = PseudoOptions(min_area=20, threshold=0.5)
    pseudo(here, options, models=stub())
    (tmp_path / "dask").mkdir()
    seen = tmp_path / "seen"
    seen.mkdir()
    with _loopback(tmp_path / "dask") as own:
        models = replace(stub(), predictor=KillOnce(str(seen)))
        pseudo(there, options, models=models, scheduler=own.address)
        assert sum(process.poll() is not None for process in own.processes) == 1
    assert tree(there) == tree(here)


class KillOnce(Stub):
    """A stub that kills the process that it first runs in, after some photos."""

    def __init__(self, seen: str) -> None:
        super().__init__()
        self.seen = seen

    def __call__(self, photo: Any) -> Any:
        if self.calls == 20 and not any(Path(self.seen).iterdir()):
            (Path(self.seen) / str(os.getpid())).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().__call__(photo)


def _refuse(context: object, number: int) -> Any:  # noqa: ARG001
    raise UserError("here", expected="this", found=f"{number}", advice="do that")


def test_an_error_of_a_shard_comes_back_whole(cluster: LoopbackCluster) -> None:
    with (
        Workers(1, cluster.address) as pool,
        pytest.raises(UserError, match="here: expected this, found 7; do that"),
    ):
        list(pool.run(_refuse, [7], None))


NOWHERE = ("--executor", "dask", "--scheduler", "tcp://127.0.0.1:9")


@pytest.mark.parametrize("command", ["masks", "validate"])
def test_a_scheduler_that_is_not_there(command: str, data: Path, run_process: RunCli) -> None:
    if command == "masks":
        # What an earlier run wrote stays, although it is to be replaced.
        assert run_process("masks", "--data", str(data), "--json", "val.json").returncode == 0
    before = tree(data)
    extra = ["--overwrite"] if command == "masks" else []
    done = run_process(command, "--data", str(data), *extra, *NOWHERE)
    assert done.returncode == 2
    assert "--scheduler tcp://127.0.0.1:9: expected a Dask scheduler with workers" in done.stderr
    assert "Traceback" not in done.stderr
    assert tree(data) == before


def test_pseudo_replaces_nothing_without_its_scheduler(photo_set: Path, tmp_path: Path) -> None:
    data = Path(shutil.copytree(photo_set, tmp_path / "data"))
    pseudo(data, PseudoOptions(threshold=0.5), models=stub())
    before = tree(data)
    with pytest.raises(UserError, match="expected a Dask scheduler with workers"):
        pseudo(
            data,
            PseudoOptions(threshold=0.6),
            models=stub(),
            scheduler="tcp://127.0.0.1:9",
            overwrite=True,
        )
    assert tree(data) == before


def test_executor_and_scheduler_come_together(sample_set: Path, run_process: RunCli) -> None:
    for command in ("masks", "pseudo", "validate"):
        done = run_process(command, "--data", str(sample_set), "--executor", "dask")
        assert done.returncode == 2
        assert "expected --scheduler with it" in done.stderr


def _double(_: object, number: int) -> int:
    return 2 * number


def _forget(dask_scheduler: Any, client: str) -> None:
    wanted = [task.key for task in dask_scheduler.clients[client].wants_what]
    dask_scheduler.client_releases_keys(keys=wanted, client=client, stimulus_id="test")


def test_a_scheduler_that_has_forgotten_the_shards_is_asked_again(
    cluster: LoopbackCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit, forgotten = Cluster.submit, []

    def submit_to_one_that_forgets(pool: Cluster, work: Any, shard: Any) -> Future[Any]:
        if forgotten and forgotten[0] is not pool:
            return submit(pool, work, shard)
        while not forgotten and pool._shared.status == "pending":
            # What has not reached the scheduler yet can't be forgotten.
            time.sleep(0.01)
        forgotten.append(pool)
        pool._client.run_on_scheduler(_forget, client=pool._client.id)
        return Future()

    monkeypatch.setattr(Cluster, "submit", submit_to_one_that_forgets)
    monkeypatch.setattr(workers, "SECONDS_WITHOUT_NEWS", 0.5)
    with Workers(1, cluster.address) as pool:
        assert sorted(pool.run(_double, [1, 2, 3], None)) == [(0, 2), (1, 4), (2, 6)]
    assert forgotten
