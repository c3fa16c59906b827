"""What holds for every command alike."""

from __future__ import annotations

import json
import platform
import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from helpers.examples import example, example_of, prepare
from helpers.marks import slow_where
from helpers.paths import ROOT
from helpers.processes import RunCli

from trashdata.cli import COMMANDS

HEAVY = ("cv2", "torch", "numpy", "matplotlib", "PIL")


@pytest.fixture
def workplace(sample_set: Path, tmp_path: Path) -> Path:
    """A folder with the sample set where the examples expect it."""
    shutil.copytree(sample_set, tmp_path / "demo" / "input" / "data")
    return tmp_path


# In a new process most of the time of these goes into PyTorch; `predict` stands for them.
SLOW = {"sample", "train", "evaluate", "pseudo", "prove", "app"}


@pytest.mark.parametrize("name", slow_where(COMMANDS, SLOW))
def test_help_and_its_example(
    name: str, tmp_path: Path, sample_set: Path, run_cli: RunCli, run_process: RunCli
) -> None:
    done = run_cli(name, "--help")
    assert done.returncode == 0, done.stderr
    words = example_of(done.stdout)
    assert words == example(name)
    assert words[0] == name
    prepare(name, tmp_path, sample_set, run_cli)
    # The one test that has every command do its work in a new process.
    ran = run_process(*words)
    assert ran.returncode == 0, ran.stderr
    assert "\x1b" not in done.stdout + ran.stdout + ran.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_a_wrong_option_is_one_sentence(name: str, run_cli: RunCli) -> None:
    done = run_cli(name, "--no-such-option")
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("Error: No such option: --no-such-option")


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from trashdata.cli import app; app(['--help'], standalone_mode=False);"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == "[]"
    for name in COMMANDS:
        assert re.search(rf"^  {name}\s", done.stdout, flags=re.MULTILINE), name


def test_mistyped_command(run_process: RunCli) -> None:
    done = run_process("copypaste")
    assert done.returncode == 2
    assert "Did you mean 'copy-paste'?" in done.stderr


def test_version_and_module_entry_points(run_cli: RunCli) -> None:
    first, *rest = run_cli("--version").stdout.splitlines()
    assert re.fullmatch(r"trashdata \d+\.\d+\.\d+", first)
    named = dict(line.split() for line in rest)
    assert named["Python"] == platform.python_version()
    for library in ("numpy", "opencv-python-headless", "pycocotools"):
        assert named[library] == metadata.version(library)
    done = subprocess.run(
        [sys.executable, "-m", "trashdata.copy_paste", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "--patch" in done.stdout


def test_json_summary_is_all_of_stdout(workplace: Path, run_process: RunCli) -> None:
    data = workplace / "demo" / "input" / "data"
    commands = (
        ("masks", "--data", data),
        ("from-masks", data / "masks", "--data", data, "--out", "again"),
        ("copy-paste", "--data", data, "--num", "2", "--patch", "Paper"),
        ("preview", "--data", data, "--num", "2", "--out", "sheet.png"),
        ("sample", "--data", workplace / "other", "--images", "6", "--size", "64"),
    )
    for command in commands:
        done = run_process(*command, "--json-summary")
        assert done.returncode == 0, done.stderr
        summary = json.loads(done.stdout)
        assert summary["command"] == command[0]
        keys = {"command", "version", "inputs", "outputs", "counts", "warnings"}
        assert keys <= summary.keys()
        assert all({"name", "sha256"} == entry.keys() for entry in summary["inputs"])


def test_quiet_says_nothing(workplace: Path, run_process: RunCli) -> None:
    data = workplace / "demo" / "input" / "data"
    done = run_process("copy-paste", "--data", data, "--num", "2", "--patch", "Paper", "--quiet")
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


def test_readme_names_commands_that_exist() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^trashdata ([a-z-]+)", text, flags=re.MULTILINE))
    assert named
    assert named <= COMMANDS.keys()
