"""``trashdata pseudo`` as a process: killed at random moments, and its memory."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest
from helpers.coco import tree
from helpers.paths import TESTS
from helpers.processes import Process, environment, finish, kill, start, wait_for_files
from helpers.pseudo_label import make_photos

PHOTOS = 110
MOMENTS = 3


def started(*arguments: object) -> Process:
    return start(*arguments, module="helpers.pseudo_label", env=environment(TESTS))


@pytest.mark.slow
def test_killed_at_random_moments_it_ends_with_the_same_bytes(tmp_path: Path) -> None:
    source = tmp_path / "source"
    make_photos(source, PHOTOS)
    undisturbed = Path(shutil.copytree(source, tmp_path / "undisturbed"))
    finish(started(undisturbed))
    expected = tree(undisturbed)
    chance = random.Random(0)
    killed = 0
    for moment in range(MOMENTS):
        data = Path(shutil.copytree(source, tmp_path / f"killed-{moment}"))
        process = started(data)
        # A prediction a photo, some notes for each shard, then the files of the second pass.
        wanted = chance.randint(1, PHOTOS + 12)
        wait_for_files(process, data / "pseudo" / ".journal", wanted)
        killed += kill(process, workers=False)
        finish(started(data))
        assert tree(data) == expected, f"moment {moment}"
    assert killed >= MOMENTS - 1


@pytest.mark.slow
def test_memory_does_not_grow_with_the_photos(tmp_path: Path) -> None:
    few = float(finish(started(tmp_path / "few", 40)))
    many = float(finish(started(tmp_path / "many", 400), 300))
    assert many - few < 25, f"{few} MB with 40 photos, {many} MB with 400"
