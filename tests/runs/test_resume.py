"""A run that is killed goes on, and ends with the bytes of an undisturbed one."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest
from helpers.coco import tree
from helpers.paths import ROOT
from trashdata.copy_paste import CopyPasteOptions, copy_paste

from trashdata.coco.document import ImageRecord
from trashdata.errors import UserError
from trashdata.jobs.manifest import write_manifest
from trashdata.jobs.records import FileEntry, Manifest
from trashdata.jobs.run import Run
from trashdata.photos import encode_jpeg, read_photo

ARGUMENTS = ("copy-paste", "--patch", "Paper", "--num", "600", "--min-area", "20", "--quiet")
MOMENTS = 10


def start(data: Path, workers: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "trashdata", *ARGUMENTS, "--data", str(data)]
    return subprocess.Popen(
        [*command, "--workers", str(workers)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def wait_for_notes(data: Path, process: subprocess.Popen[bytes], count: int) -> None:
    """Wait until the journal holds so many files."""
    journal = data / "copy_paste" / ".journal"
    while process.poll() is None and len(list(journal.glob("*-*"))) < count:
        time.sleep(0.002)


def finish(process: subprocess.Popen[bytes]) -> None:
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors.decode()


@pytest.mark.slow
def test_killed_at_random_moments_it_ends_with_the_same_bytes(
    sample_set: Path, tmp_path: Path
) -> None:
    undisturbed = Path(shutil.copytree(sample_set, tmp_path / "undisturbed"))
    finish(start(undisturbed, 2))
    expected = tree(undisturbed)
    chance = random.Random(0)
    interrupted = 0
    for moment in range(MOMENTS):
        data = Path(shutil.copytree(sample_set, tmp_path / f"killed-{moment}"))
        process = start(data, 1 + moment % 2)
        # Up to 12 plans, then 4 notes for each of 12 shards: some moment in between.
        wait_for_notes(data, process, chance.randint(0, 50))
        time.sleep(chance.uniform(0, 0.05))
        # The whole group at once, as a machine that goes down; and the parent alone.
        os.killpg(process.pid, signal.SIGKILL) if moment % 3 else process.kill()
        process.communicate(timeout=60)
        interrupted += process.returncode == -signal.SIGKILL
        finish(start(data, 2 - moment % 2))
        assert tree(data) == expected, f"moment {moment}"
        shutil.rmtree(data)
    assert interrupted >= MOMENTS - 2


def test_another_run_does_not_go_on_with_it(data: Path) -> None:
    process = start(data, 1)
    journal = data / "copy_paste" / ".journal"
    while not list(journal.glob("*.done")) and process.poll() is None:
        time.sleep(0.01)
    process.kill()
    process.communicate(timeout=60)
    options = CopyPasteOptions(patch=("Paper",), num=7, min_area=20)
    with pytest.raises(UserError, match="an interrupted run with other options"):
        copy_paste(data, options)
    copy_paste(data, options, overwrite=True)
    assert len(list((data / "copy_paste" / "images").iterdir())) == 7


def test_a_manifest_that_a_killed_run_began_goes_as_well(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    with Run(folder, {"command": "masks"}, {"data": tmp_path}) as run:
        run.start()
        (folder / ".manifest.json.23861.part").write_bytes(b"{")
        run.finish([], {}, {})
    assert [path.name for path in folder.iterdir()] == ["manifest.json"]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_manifest_written_file_by_file_is_the_whole_one(count: int, tmp_path: Path) -> None:
    files = [FileEntry("data", f'a "b"\n{k}.png', k, "0" * 64) for k in range(count)]
    whole = Manifest({"command": "masks"}, {"b": "1", "a": "2"}, files, {"masks": [count]})
    write_manifest(
        tmp_path / "manifest.json", whole.identity, whole.photos, iter(files), whole.summary
    )
    written = (tmp_path / "manifest.json").read_bytes()
    sorted_photos = msgspec.structs.replace(whole, photos=dict(sorted(whole.photos.items())))
    assert written == msgspec.json.format(msgspec.json.encode(sorted_photos), indent=1) + b"\n"


def test_a_second_run_into_the_same_folder_is_refused(data: Path) -> None:
    process = start(data, 1)
    lock = data / "copy_paste" / ".journal" / "identity.json"
    while not lock.exists() and process.poll() is None:
        time.sleep(0.01)
    options = CopyPasteOptions(patch=("Paper",), num=600, min_area=20)
    with pytest.raises(UserError, match="another process"):
        copy_paste(data, options)
    finish(process)


def test_a_photo_that_changed_since_stops_the_run(data: Path) -> None:
    options = CopyPasteOptions(patch=("Paper",), num=30, min_area=20)
    copy_paste(data, options)
    path = next(iter(sorted(data.glob("batch_*/*.jpg"))))
    used = path.relative_to(data).as_posix()
    manifest = (data / "copy_paste" / "manifest.json").read_text()
    if used not in manifest:
        used = manifest.split('"images:')[1].split('"')[0]
        path = data / used
    image = ImageRecord(id=0, file_name=used, width=96, height=96)
    path.write_bytes(encode_jpeg(read_photo(data, image).pixels, 50))
    with pytest.raises(UserError, match="another content"):
        copy_paste(data, options)
