"""Faults of the machine that need no chance: a full disk, a read-only one, workers that die.

`tests/faults` injects faults at random moments; here it is the first moment, and every command.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from corpus.running import state
from faults.blows import CLOCK
from faults.disks import file_limit, obey_modes
from helpers import processes
from helpers.examples import WRITE_NOTHING
from helpers.processes import environment

from trashdata.cli import COMMANDS
from trashdata.errors import UserError
from trashdata.masks import MasksOptions, masks
from trashdata.runs.workers import MAX_LOST_POOLS, run_shards
from trashdata.sample import SampleOptions, sample

WRITERS = {
    "sample": "sample --data new --images 4 --size 64",
    "stats": "stats --data data --out sheet.png",
    "preview": "preview --data data --out sheet.png --num 4",
    "report": "report --data data --out report.html",
    "kfold": "kfold --data data --folds 2",
    "merge": "merge train.json val.json --data data --out merged",
    "filter": "filter --data data --json train.json --out fewer --drop Metal",
    "export": "export --data data --json train.json --to yolo --out exported",
    "copy-paste": "copy-paste --data data --patch Paper --num 8 --workers 2",
    "oversample": "oversample --data data --patch Paper --num 8 --workers 1",
    "masks": "masks --data data --workers 2",
    "from-masks": "from-masks labels --data data --out traced --workers 1",
    "pseudo": "pseudo --data data --json train.json --from-masks labels --out labelled --masks",
    "validate": "validate --data data --json train.json --fix fixed --no-photos",
}
# They need a model to write anything; what writes for them is what writes for the others.
WITH_MODELS = {"train", "predict", "evaluate", "prove"}


@pytest.fixture(scope="module")
def small_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set of few photos, and the masks of some of them."""
    folder = tmp_path_factory.mktemp("small")
    sample(folder / "data", SampleOptions(images=10, size=64))
    masks(folder / "data", MasksOptions(json="train.json", out="labels"))
    (folder / "data" / "labels").rename(folder / "labels")
    return folder


@pytest.fixture
def workplace(small_set: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small_set, tmp_path / "work"))


def run(
    folder: Path, arguments: str, limits: Callable[[], None] | None = None, path: str = ""
) -> subprocess.CompletedProcess[str]:
    first = [path] if path else []
    return processes.run(
        *arguments.split(),
        cwd=folder,
        env=environment(*first),
        preexec_fn=limits,
        timeout=120,
    )


def is_one_sentence(done: subprocess.CompletedProcess[str], *says: str) -> None:
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("Error: ") == 1
    for words in says:
        assert words in done.stderr.splitlines()[-1]


def inputs_of(folder: Path) -> dict[str, object]:
    """All but what a run that can go on leaves in its own folder."""
    found = state(folder)
    journals = {name.partition("/.journal")[0] for name in found if "/.journal" in name}
    return {
        name: content
        for name, content in found.items()
        if not any(name == own or name.startswith(f"{own}/") for own in journals)
    }


def test_every_command_is_tried() -> None:
    # The demo writes nothing itself; the commands that it calls do.
    assert WRITERS.keys() | WITH_MODELS | WRITE_NOTHING | {"demo"} == set(COMMANDS)


@pytest.mark.parametrize("name", WRITERS)
def test_a_full_disk_is_one_sentence(name: str, workplace: Path) -> None:
    """No file may grow beyond 700 bytes, which every command's files do."""
    before = state(workplace)
    is_one_sentence(run(workplace, WRITERS[name], file_limit(700)), "File too large")
    after = inputs_of(workplace)
    assert {key: after.get(key) for key in before} == before
    assert not [key for key in after if key.endswith(".part")]


@pytest.mark.parametrize("name", ["preview", "kfold", "merge", "export", "copy-paste", "masks"])
def test_a_read_only_folder_is_one_sentence(name: str, workplace: Path) -> None:
    before = state(workplace)
    folders = [workplace, *(path for path in workplace.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    try:
        done = run(workplace, WRITERS[name], obey_modes)
    finally:
        for folder in folders:
            folder.chmod(0o755)
    is_one_sentence(done, "Permission denied")
    assert state(workplace) == before


def test_overwriting_in_a_read_only_folder_is_one_sentence(workplace: Path) -> None:
    assert run(workplace, "masks --data data --workers 1").returncode == 0
    before = state(workplace)
    folders = [path for path in (workplace / "data" / "masks").rglob("*") if path.is_dir()]
    for folder in folders:
        folder.chmod(0o555)
    try:
        command = "masks --data data --json train.json --workers 1 --overwrite"
        done = run(workplace, command, obey_modes)
    finally:
        for folder in folders:
            folder.chmod(0o755)
    is_one_sentence(done, "Permission denied")
    assert state(workplace) == before


def test_a_folder_that_may_not_be_entered_is_one_sentence(workplace: Path) -> None:
    (workplace / "data").chmod(0o000)
    try:
        done = run(workplace, "stats --data data/batch_03", obey_modes)
    finally:
        (workplace / "data").chmod(0o755)
    is_one_sentence(done, "data/batch_03", "Permission denied")


def test_the_clock_that_runs_backwards_is_not_that_of_the_tests() -> None:
    first = time.time()
    time.sleep(0.01)
    assert time.time() > first


def test_a_clock_that_runs_backwards_changes_nothing(workplace: Path) -> None:
    assert run(workplace, WRITERS["copy-paste"], path=str(CLOCK)).returncode == 0
    backwards = state(workplace / "data")
    assert run(workplace, "clean data/copy_paste").returncode == 0
    assert run(workplace, WRITERS["copy-paste"]).returncode == 0
    assert state(workplace / "data") == backwards


# --- workers that the kernel kills ------------------------------------------------------------


def die_once(marks: Path, shard: int) -> int:
    mark = marks / f"{shard}"
    if shard == 2 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return shard * shard


def die(_: None, shard: int) -> int:
    if shard == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return shard


def test_the_run_goes_on_without_a_lost_worker(tmp_path: Path) -> None:
    results = dict(run_shards(die_once, range(6), tmp_path, workers=2))
    assert results == {shard: shard * shard for shard in range(6)}


def test_workers_that_die_over_and_over_are_one_sentence() -> None:
    with pytest.raises(UserError, match=f"workers that died {MAX_LOST_POOLS} times"):
        list(run_shards(die, range(6), None, workers=2))
