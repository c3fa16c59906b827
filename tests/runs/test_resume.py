"""A run that is killed goes on, and ends with the bytes of an undisturbed one."""

from __future__ import annotations

import random
import shutil
import time
from pathlib import Path

import msgspec
import pytest
from helpers.coco import tree
from helpers.processes import Process, finish, kill, start, wait_for_files, wait_until
from trashdata.copy_paste import CopyPasteOptions, copy_paste

from trashdata.coco.document import ImageRecord
from trashdata.errors import UserError
from trashdata.photos import encode_jpeg, read_photo
from trashdata.runs.folder import RunFolder
from trashdata.runs.manifest import write_manifest
from trashdata.runs.records import FileEntry, Manifest

ARGUMENTS = ("copy-paste", "--patch", "Paper", "--num", "600", "--min-area", "20", "--quiet")
MOMENTS = 10


def started(data: Path, workers: int) -> Process:
    return start(*ARGUMENTS, "--data", data, "--workers", workers)


@pytest.mark.slow
def test_killed_at_random_moments_it_ends_with_the_same_bytes(
    sample_set: Path, tmp_path: Path
) -> None:
    undisturbed = Path(shutil.copytree(sample_set, tmp_path / "undisturbed"))
    finish(started(undisturbed, 2))
    expected = tree(undisturbed)
    chance = random.Random(0)
    interrupted = 0
    for moment in range(MOMENTS):
        data = Path(shutil.copytree(sample_set, tmp_path / f"killed-{moment}"))
        process = started(data, 1 + moment % 2)
        # Up to 12 plans, then 4 notes for each of 12 shards: some moment in between.
        wait_for_files(process, data / "copy_paste" / ".journal", chance.randint(0, 50))
        time.sleep(chance.uniform(0, 0.05))
        # The whole group at once, as a machine that goes down; and the parent alone.
        interrupted += kill(process, workers=bool(moment % 3))
        finish(started(data, 2 - moment % 2))
        assert tree(data) == expected, f"moment {moment}"
        shutil.rmtree(data)
    assert interrupted >= MOMENTS - 2


def test_another_run_does_not_go_on_with_it(data: Path) -> None:
    process = started(data, 1)
    wait_for_files(process, data / "copy_paste" / ".journal", 1, "*.done")
    kill(process, workers=False)
    options = CopyPasteOptions(patch=("Paper",), num=7, min_area=20)
    with pytest.raises(UserError, match="an interrupted run with other options"):
        copy_paste(data, options)
    copy_paste(data, options, overwrite=True)
    assert len(list((data / "copy_paste" / "images").iterdir())) == 7


def test_a_manifest_that_a_killed_run_began_goes_as_well(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    with RunFolder(folder, {"command": "masks"}, {"data": tmp_path}) as run:
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
    process = started(data, 1)
    wait_until(process, (data / "copy_paste" / ".journal" / "identity.json").exists)
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
