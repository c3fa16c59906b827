"""``trashdata kfold`` killed while it writes: started again, it ends as if undisturbed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from helpers.coco import tree
from helpers.processes import Process, finish, kill, start, wait_until


def started(data: Path, workers: int = 1) -> Process:
    arguments = ("kfold", "--folds", 3, "--holdout", 0.2, "--data", data, "--quiet")
    return start(*arguments, "--workers", workers)


@pytest.mark.slow
def test_killed_while_writing_it_ends_with_the_same_bytes(sample_set: Path, tmp_path: Path) -> None:
    undisturbed = Path(shutil.copytree(sample_set, tmp_path / "undisturbed"))
    finish(started(undisturbed))
    expected = tree(undisturbed)
    interrupted = 0
    for moment, seen in enumerate(("kfold", "kfold_0_train.json", "kfold_2_val.json")):
        data = Path(shutil.copytree(sample_set, tmp_path / f"killed-{moment}"))
        process = started(data, workers=2)
        wait_until(process, (data / seen).exists)
        interrupted += kill(process, workers=False)
        finish(started(data, workers=1 + moment % 2))
        assert tree(data) == expected, f"killed when {seen} was there"
    # The last parts and the picture are still to be written at each of these moments.
    assert interrupted == 3
