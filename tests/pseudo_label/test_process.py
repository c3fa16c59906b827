"""``trashdata pseudo`` as a process: killed at random moments, and its memory."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from helpers.coco import tree
from helpers.paths import ROOT, TESTS
from helpers.pseudo_label import make_photos

PHOTOS = 110
MOMENTS = 3


def start(*arguments: object) -> subprocess.Popen[str]:
    paths = [str(ROOT), str(TESTS), *filter(None, [os.environ.get("PYTHONPATH")])]
    return subprocess.Popen(
        [sys.executable, "-m", "helpers.pseudo_label", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> str:
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    return output


@pytest.mark.slow
def test_killed_at_random_moments_it_ends_with_the_same_bytes(tmp_path: Path) -> None:
    source = tmp_path / "source"
    make_photos(source, PHOTOS)
    undisturbed = Path(shutil.copytree(source, tmp_path / "undisturbed"))
    finish(start(undisturbed))
    expected = tree(undisturbed)
    chance = random.Random(0)
    killed = 0
    for moment in range(MOMENTS):
        data = Path(shutil.copytree(source, tmp_path / f"killed-{moment}"))
        process = start(data)
        # A prediction a photo, some notes for each shard, then the files of the second pass.
        wanted = chance.randint(1, PHOTOS + 12)
        journal = data / "pseudo" / ".journal"
        while process.poll() is None and len(list(journal.glob("*-*"))) < wanted:
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        killed += process.returncode == -signal.SIGKILL
        finish(start(data))
        assert tree(data) == expected, f"moment {moment}"
    assert killed >= MOMENTS - 1


def test_memory_does_not_grow_with_the_photos(tmp_path: Path) -> None:
    few = float(finish(start(tmp_path / "few", 40)))
    many = float(finish(start(tmp_path / "many", 400)))
    assert many - few < 25, f"{few} MB with 40 photos, {many} MB with 400"
