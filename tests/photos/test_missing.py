"""Photos that are not where they are looked for."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest
from helpers.processes import RunCli

from trashdata.coco.read import read_document
from trashdata.errors import UserError
from trashdata.photos import check_photo, folder_with, read_photo


@pytest.fixture
def apart(sample_set: Path, tmp_path: Path) -> Path:
    """The sample set as COCO keeps its own: photos in a folder that no file_name names."""
    shutil.copytree(sample_set, tmp_path / "set" / "val2017")
    shutil.move(tmp_path / "set" / "val2017" / "train.json", tmp_path / "set" / "train.json")
    return tmp_path / "set"


@pytest.mark.parametrize("look", [check_photo, read_photo])
def test_the_folder_that_holds_them_is_named(look: object, apart: Path) -> None:
    assert callable(look)
    image = read_document(apart / "train.json").images[0]
    with pytest.raises(UserError) as told:
        look(apart, image)
    assert told.value.advice.endswith(f"--images {apart / 'val2017'}")
    assert told.value.where == str(apart / image.file_name)
    look(apart / "val2017", image)


def test_where_no_folder_has_it_none_is_named(apart: Path) -> None:
    assert folder_with(apart, "else.jpg") is None
    assert folder_with(apart / "nowhere", "else.jpg") is None
    assert folder_with(apart, f"{300 * 'x'}.jpg") is None
    name = read_document(apart / "train.json").images[0].file_name
    assert folder_with(apart, name) == apart / "val2017"
    (apart / name).parent.mkdir()
    (apart / name).write_bytes(b"")
    assert folder_with(apart, name) is None


def test_a_name_too_long_is_one_sentence(apart: Path) -> None:
    image = read_document(apart / "train.json").images[0]
    with pytest.raises(UserError, match="File name too long"):
        read_photo(apart, msgspec.structs.replace(image, file_name=f"{300 * 'x'}.jpg"))


def test_commands_name_the_folder(apart: Path, run_cli: RunCli) -> None:
    done = run_cli("copy-paste", "--data", "set", "--patch", "Paper")
    assert done.returncode == 2
    assert done.stderr.rstrip().endswith("--images set/val2017.")
    done = run_cli("kfold", "--data", "set", "--json", "train.json")
    assert "They may be those in set/val2017: see --images." in done.stderr
    done = run_cli("report", "--data", "set", "--json", "train.json")
    assert done.returncode == 0
    assert "shown on gray, see --images set/val2017." in done.stderr
    assert (apart.parent / "report.html").is_file()


@pytest.mark.usefixtures("apart")
def test_another_image_root_for_a_finished_run(run_cli: RunCli) -> None:
    words = ["copy-paste", "--data", "set", "--patch", "Paper", "--num", "2", "--min-area", "20"]
    assert run_cli(*words, "--images", "set/val2017").returncode == 0
    done = run_cli(*words)
    assert done.returncode == 2
    assert "check --images, or make the set again with --overwrite" in done.stderr
