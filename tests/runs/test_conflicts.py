"""A dry run makes the checks of the real run: what stands where an output would go stops both."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.coco import tree
from helpers.examples import WRITE_NOTHING, example, options_of, prepare
from helpers.processes import Done, RunCli

from trashdata.cli import COMMANDS

# The example is not what writes here: it has a dry run in it, or writes nothing without options.
LINES = {
    "copy-paste": "copy-paste --data demo/input/data --patch Paper --num 2",
    "oversample": "oversample --data demo/input/data --patch Paper --num 2",
    "repeats": "oversample --data demo/input/data --repeat-factor 0.9",
    "sample": "sample --data demo/input/data --images 4 --size 64",
    "stats": "stats --data demo/input/data --json train.json --out stats.png",
    "evaluate": "evaluate --data demo/input/data --json val.json --model exp --out confusion.png",
    "pseudo": "pseudo --data demo/input/data --json test.json --model exp --masks --unsure ignore",
    "pseudo-report": "pseudo --data demo/input/data --json val.json --model exp --report",
    "validate": "validate --data demo/input/data --json train.json --fix fixed",
    "predict-csv": "predict --data demo/input/data --json val.json --model exp --format csv",
}
# The command behind a line that is not called as the command.
COMMAND_OF = {"repeats": "oversample", "pseudo-report": "pseudo", "predict-csv": "predict"}
# They write nothing, into a folder whose name is free by itself, or, as prove, into one that they
# made themselves; see tests/prove/test_run.py.
ELSEWHERE = {"train", "demo", "prove"} | WRITE_NOTHING
WRITERS = sorted((set(COMMANDS) - ELSEWHERE) | set(LINES))


@pytest.mark.parametrize("name", WRITERS)
def test_dry_run_and_run_refuse_alike(
    name: str, tmp_path: Path, sample_set: Path, run_cli: RunCli
) -> None:
    command = COMMAND_OF.get(name, name)
    words = LINES[name].split() if name in LINES else example(name)
    assert "dry_run" in options_of(command)
    prepare(command, tmp_path, sample_set, run_cli)
    before = set(files_under(tmp_path))
    fresh = tmp_path.with_name(f"{tmp_path.name}-fresh")
    shutil.copytree(tmp_path, fresh)
    done = run_cli(*words)
    assert done.returncode == 0, done.stderr
    written = sorted(set(files_under(tmp_path)) - before)
    outputs = one_of_each_kind(path for path in written if path.name != "manifest.json")
    assert outputs
    for output in outputs:
        shutil.rmtree(tmp_path)
        shutil.copytree(fresh, tmp_path)
        stray = tmp_path / output
        stray.parent.mkdir(parents=True, exist_ok=True)
        stray.write_bytes(b"somebody else's")
        state = tree(tmp_path)
        rehearsed, real = run_cli(*words, "--dry-run"), run_cli(*words)
        assert (rehearsed.returncode, real.returncode) == (2, 2), (output, rehearsed, real)
        assert sentence(rehearsed) == sentence(real), output
        assert tree(tmp_path) == state, output


def files_under(folder: Path) -> Iterator[Path]:
    return (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())


def one_of_each_kind(paths: Iterator[Path]) -> list[Path]:
    """The first file of each folder and ending."""
    return list({(path.parent, path.suffix): path for path in reversed(list(paths))}.values())


def sentence(done: Done) -> str:
    """The error that a command ended with; notes may stand before it."""
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    return line
