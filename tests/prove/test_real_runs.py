"""Comparisons whose runs are real trainings, of a tiny model; each is a process."""

from __future__ import annotations

import json
import shutil
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from helpers.coco import load, tree
from helpers.processes import Done, run, start

pytestmark = pytest.mark.slow

MODEL = (
    *("--size", "64", "--arch", "FPN", "--decoder-channels", "32", "--batch-size", "4"),
    *("--encoder", "tu-test_efficientnet", "--encoder-weights", "none", "--seeds", "2"),
)
ARMS = """
[arm.repeats.oversample]
repeat-factor = "0.9"

[arm.new.oversample]
num = 6
min-visible = 0.0
max-cover = 1.0

[arm.counted.copy-paste]
num = 5
min-area = 20

[arm.labelled.pseudo]
json = "test.json"

[arm.whole.copy-paste]
extract-patch = false
lsj-max = 1.0
"""


@pytest.fixture
def workplace(sample_set: Path, tmp_path: Path) -> Path:
    shutil.copytree(sample_set, tmp_path / "data")
    return tmp_path


def prove(folder: Path, *words: str) -> Done:
    return run("prove", "--data", "data", "--val", "val.json", *MODEL, *words, cwd=folder)


def findings(folder: Path) -> dict[str, Any]:
    content = load(folder / "prove/prove.json")
    return {one["arm"]: one for one in content["findings"]}


def test_every_kind_of_arm_is_trained_and_inputs_stay_as_they_are(workplace: Path) -> None:
    (workplace / "arms.toml").write_text(ARMS)
    before = tree(workplace / "data")
    names = ("repeats", "new", "counted", "labelled", "whole")
    flags = [word for name in names for word in ("--arm", name)]
    done = prove(workplace, "--arms", "arms.toml", "--steps", "3", *flags, "--json-summary")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["counts"] == {"runs": 12, "trained": 12}
    assert set(findings(workplace)) == set(names)
    assert tree(workplace / "data") == before
    assert not list((workplace / "prove/work").iterdir())


def test_killed_it_goes_on_and_says_the_same(workplace: Path) -> None:
    flags = ("--arm", "copy-paste", "--steps", "20", "--workers", "1")
    whole = prove(workplace, *flags, "--out", "whole")
    assert whole.returncode == 0, whole.stderr
    killed = 0
    for wanted in (0, 1, 3):
        words = ("prove", "--data", "data", "--val", "val.json", *MODEL, *flags)
        process = start(*words, cwd=workplace)
        runs = workplace / "prove/runs"
        while process.poll() is None and (not runs.exists() or len(list(runs.iterdir())) < wanted):
            time.sleep(0.05)
        time.sleep(1)
        killed += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert_no_trial_left(workplace)
    assert killed
    again = prove(workplace, *flags)
    assert again.returncode == 0, again.stderr
    assert load(workplace / "prove/prove.json") == load(workplace / "whole/prove.json")


def assert_no_trial_left(folder: Path) -> None:
    """Trials end with the process that waits for them."""
    for _ in range(100):
        left = [pid for pid in Path("/proc").iterdir() if is_trial_in(pid, folder)]
        if not left:
            return
        time.sleep(0.1)
    raise AssertionError(f"left: {left}")


def is_trial_in(process: Path, folder: Path) -> bool:
    try:
        there = (process / "cwd").readlink().is_relative_to(folder)
        return there and b"trial_process" in (process / "cmdline").read_bytes()
    except OSError:
        return False
