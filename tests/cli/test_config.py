"""``trashdata config``: which defaults hold, and where they come from."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

from helpers.processes import RunCli

from trashdata.cli import COMMANDS


def test_what_the_file_says_is_named(tmp_path: Path, run_cli: RunCli) -> None:
    assert run_cli("config").stdout == "# No file: the built-in defaults hold.\n"
    file = tmp_path / "trashdata.toml"
    file.write_text('[kfold]\nfolds = 3\n[copy-paste]\npatch = ["Paper pack"]\nnum = 7\n')
    shown = run_cli("config").stdout
    assert tomllib.loads(shown) == tomllib.loads(file.read_text())
    assert "folds = 3  # trashdata.toml" in shown
    whole = run_cli("config", "kfold").stdout
    assert "folds = 3  # trashdata.toml" in whole
    assert "seed = 42\n" in whole
    assert "# weights =" in whole


def test_what_is_printed_can_begin_a_file(tmp_path: Path, run_cli: RunCli) -> None:
    for name in COMMANDS:
        if name == "config":
            continue
        done = run_cli("config", name)
        assert done.returncode == 0, done.stderr
        (tmp_path / "mine.toml").write_text(done.stdout)
        again = run_cli("config", name, "--config", "mine.toml", "--json-summary")
        assert again.returncode == 0, again.stderr
        values = json.loads(again.stdout)["defaults"][name]
        assert {k: v for k, v in values.items() if v is not None} == tomllib.loads(done.stdout)[
            name
        ]


def test_mistakes_are_told_in_one_sentence(tmp_path: Path, run_cli: RunCli) -> None:
    done = run_cli("config", "kfol")
    assert done.returncode == 2
    assert "did you mean 'kfold'" in done.stderr
    (tmp_path / "bad.toml").write_text("[kfold]\nfold = 3\n")
    done = run_cli("config", "--config", "bad.toml")
    assert done.returncode == 2
    assert "did you mean 'folds'" in done.stderr
