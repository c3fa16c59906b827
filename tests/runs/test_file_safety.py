"""No command writes outside its output folder: not by a path that climbs, not through a link."""

from __future__ import annotations

import re
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest
from corpus.base import add_other_file, make_set
from corpus.running import Result, state, trashdata
from helpers.examples import WRITE_NOTHING

from trashdata.cli import COMMANDS
from trashdata.masks import MasksOptions, masks

SET = ("--data", "data", "--json", "train.json")
ONE = ("--workers", "1")
# What each command is called with, the option that names its output, and a fitting name.
WRITERS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "stats": (SET, "--out", "new.png"),
    "preview": (SET, "--out", "new.png"),
    "report": (SET, "--out", "new.html"),
    "evaluate": ((*SET, "--predictions", "data/train.json"), "--out", "new.png"),
    "kfold": ((*SET, "--folds", "2", *ONE), "--out", "new"),
    "merge": (("train.json", "--data", "data"), "--out", "new"),
    "filter": ((*SET, "--drop", "Paper"), "--out", "new"),
    "export": ((*SET, "--to", "yolo", *ONE), "--out", "new"),
    "copy-paste": ((*SET, "--patch", "Battery", "--num", "2", *ONE), "--out", "new"),
    "oversample": (
        (*SET, "--patch", "Battery", "--num", "2", "--max-cover", "1", "--min-visible", "0", *ONE),
        "--out",
        "new",
    ),
    "masks": ((*SET, *ONE), "--out", "new"),
    "from-masks": (("labels", "--data", "data", *ONE), "--out", "new"),
    "pseudo": ((*SET, "--from-masks", "labels", "--masks", *ONE), "--out", "new"),
    "predict": ((*SET, "--model", "run", "--device", "cpu"), "--out", "new"),
    "train": (
        (
            *("--data", "data", "--train", "train.json", "--val", "other.json"),
            *("--encoder", "tu-test_resnet", "--encoder-weights", "none", "--size", "64"),
            *("--epochs", "1", "--accelerator", "cpu", "--workers", "0"),
        ),
        "--name",
        "new",
    ),
    "prove": (
        ("--data", "data", "--val", "other.json", "--encoder-weights", "none"),
        "--out",
        "new",
    ),
    "validate": ((*SET, *ONE), "--fix", "new"),
}
# `sample` makes the very folder that it is told to, and the others write nothing.
NO_OUTPUT = {"sample"} | WRITE_NOTHING
IN_THE_WORKING_FOLDER = {"stats", "preview", "report", "evaluate", "export", "prove"}
# Of these the user may name any place: a picture by its full path, a new folder by any.
ANY_PLACE = {"export"}
ANY_FULL_PATH = ANY_PLACE | {"stats", "preview", "report", "evaluate", "prove"}
NEEDS_TORCH = {"predict", "train", "prove"}


def test_every_command_is_tried() -> None:
    # The demo writes nothing itself; the commands that it calls do.
    assert WRITERS.keys() | NO_OUTPUT | {"demo"} == set(COMMANDS)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What to work with: a set, its masks, a model of its classes."""
    folder = tmp_path_factory.mktemp("base")
    make_set(folder / "data")
    add_other_file(folder / "data")
    masks(folder / "data", MasksOptions(json="train.json", out="labels"))
    (folder / "data" / "labels").rename(folder / "labels")
    if find_spec("torch"):
        from helpers.models import tiny_run

        tiny_run(folder / "run", folder / "data" / "train.json")
    return folder


@pytest.fixture
def workplace(base: Path, tmp_path: Path) -> Path:
    """The folder to work in, and beside it one that must stay as it is."""
    (tmp_path / "outside").mkdir()
    return Path(shutil.copytree(base, tmp_path / "work"))


def call(folder: Path, command: str, *value: str) -> Result:
    if command in NEEDS_TORCH:
        pytest.importorskip("torch")
    arguments, option, _ = WRITERS[command]
    return trashdata(folder, command, *arguments, option, *value)


CLIMBING = {
    "relative": "../outside/{}",
    "through a folder": "a/../../outside/{}",
    "absolute": "{outside}/{}",
}


@pytest.mark.parametrize(
    ("command", "way"),
    [
        (command, way)
        for way in CLIMBING
        for command in WRITERS
        if command not in (ANY_FULL_PATH if way == "absolute" else ANY_PLACE)
    ],
)
def test_a_path_that_climbs_out_is_refused(command: str, way: str, workplace: Path) -> None:
    before = state(workplace.parent)
    path = CLIMBING[way].format(WRITERS[command][2], outside=workplace.parent / "outside")
    result = call(workplace, command, path)
    assert result.code == 2
    assert re.search("plain name|leaves it", result.sentence), result.sentence
    assert state(workplace.parent) == before


def output_of(workplace: Path, command: str) -> Path:
    folder = "" if command in IN_THE_WORKING_FOLDER else "data"
    return workplace / folder / WRITERS[command][2]


# Training takes minutes, and gives a run a new name where there is anything of its own.
@pytest.mark.parametrize("command", sorted(WRITERS.keys() - ANY_PLACE - {"train"}))
def test_nothing_is_written_through_a_link(command: str, workplace: Path) -> None:
    """The output's name is that of a link to a folder outside: refused, or not followed."""
    output = output_of(workplace, command)
    output.symlink_to(workplace.parent / "outside")
    before = state(workplace.parent)
    result = call(workplace, command, output.name)
    assert result.code == 0 or result.sentence.startswith("Error: "), result.stderr
    after = state(workplace.parent)
    assert not [path for path in after if path.startswith("outside/")]
    assert result.code == 0 or after == before


@pytest.mark.parametrize("command", ["export", "masks", "copy-paste", "oversample", "predict"])
def test_a_link_inside_of_the_output_folder_is_in_the_way(command: str, workplace: Path) -> None:
    output = output_of(workplace, command)
    output.mkdir()
    for name in ("images", "masks", "labels", "batch_1"):
        (output / name).symlink_to(workplace.parent / "outside")
    before = state(workplace.parent)
    result = call(workplace, command, output.name)
    assert result.code == 2
    assert "expected a folder that is new" in result.sentence
    assert state(workplace.parent) == before
