"""``trashdata kfold`` killed while it writes: started again, it ends as if undisturbed."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from helpers.coco import tree
from helpers.paths import ROOT


def start(data: Path, workers: int = 1) -> subprocess.Popen[bytes]:
    arguments = ("kfold", "--folds", "3", "--holdout", "0.2", "--data", str(data), "--quiet")
    return subprocess.Popen(
        [sys.executable, "-m", "trashdata", *arguments, "--workers", str(workers)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
    )


def finish(process: subprocess.Popen[bytes]) -> None:
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors.decode()


@pytest.mark.slow
def test_killed_while_writing_it_ends_with_the_same_bytes(sample_set: Path, tmp_path: Path) -> None:
    undisturbed = Path(shutil.copytree(sample_set, tmp_path / "undisturbed"))
    finish(start(undisturbed))
    expected = tree(undisturbed)
    interrupted = 0
    for moment, seen in enumerate(("kfold", "kfold_0_train.json", "kfold_2_val.json")):
        data = Path(shutil.copytree(sample_set, tmp_path / f"killed-{moment}"))
        process = start(data, workers=2)
        while process.poll() is None and not (data / seen).exists():
            time.sleep(0.001)
        process.kill()
        process.communicate(timeout=60)
        interrupted += process.returncode == -signal.SIGKILL
        finish(start(data, workers=1 + moment % 2))
        assert tree(data) == expected, f"killed when {seen} was there"
    # The last parts and the picture are still to be written at each of these moments.
    assert interrupted == 3
