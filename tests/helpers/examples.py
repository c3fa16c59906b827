"""The example in each command's help, and the folder that it runs in."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import typer
from helpers.models import tiny_run
from helpers.processes import RunCli

from trashdata.cli import COMMANDS, app

DATA = Path("demo", "input", "data")
_GROUP = typer.main.get_command(app)
WRITE_NOTHING = {"app", "clean", "config", "verify"}
"""Commands without an output. A new command that writes nothing belongs here."""


def options_of(name: str) -> set[str]:
    """The names of a command's parameters, as Python has them."""
    return {option.name for option in _GROUP.get_command(None, name).params}


def example_of(help_text: str) -> list[str]:
    """The words of the one example in a help text, without ``trashdata``."""
    found = re.findall(
        r"Example: trashdata (.*?)(?= Options:| Arguments:|$)", " ".join(help_text.split())
    )
    assert len(found) == 1, help_text
    return shlex.split(found[0])


def example(name: str) -> list[str]:
    """The words of a command's example, without ``trashdata``."""
    assert name in COMMANDS
    return example_of(_GROUP.get_command(None, name).help)


def prepare(name: str, workplace: Path, sample_set: Path, run_cli: RunCli) -> None:
    """Make what a command's example expects: the sample set, masks, a run."""
    data = workplace / DATA
    if name == "sample":
        return
    shutil.copytree(sample_set, data)
    if name == "from-masks":
        assert run_cli("masks", "--data", data).returncode == 0
    if name in ("predict", "evaluate", "pseudo", "app"):
        tiny_run(workplace / "runs" / "exp", data / "val.json")
