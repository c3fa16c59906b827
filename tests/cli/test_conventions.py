"""What the design promises of every command's options and streams; see also test_commands.py."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from helpers.coco import tree
from helpers.examples import WRITE_NOTHING, example, options_of, prepare
from helpers.marks import slow_where
from helpers.paths import ROOT
from helpers.processes import RunCli

from trashdata import __version__
from trashdata.cli import COMMANDS

ESCAPE = "\x1b"
# Of terminals that show 16 or more colours; bold and dim are none.
COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3[0-8]|4[0-8]|9\d|10\d)(?:;\d+)*m")
# It prints what holds, and does nothing that could be told of.
WITHOUT_STREAMS = {"config"}
# They delete or serve nothing either.
WITHOUT_DRY_RUN = {name for name in WRITE_NOTHING if "dry_run" not in options_of(name)}


def test_options_that_mean_the_same_everywhere() -> None:
    for name in COMMANDS:
        own = options_of(name)
        assert {"json_summary", "config"} <= own, name
        assert ({"quiet", "verbose"} <= own) == (name not in WITHOUT_STREAMS), name
        assert ("dry_run" in own) == (name not in WITHOUT_DRY_RUN), name


def arguments_of(name: str) -> list[str]:
    """The example, doing what it says; but the app never ends, and the demo takes minutes."""
    words = example(name)
    if name == "sample":
        # As a whole it is drawn by test_commands.py.
        words = [*words, "--images", "6"]
    return words if name in ("app", "demo") else [word for word in words if word != "--dry-run"]


@pytest.mark.parametrize("name", slow_where(sorted(set(COMMANDS) - WITHOUT_DRY_RUN), {"prove"}))
def test_dry_run_writes_nothing(
    name: str, tmp_path: Path, sample_set: Path, run_cli: RunCli
) -> None:
    prepare(name, tmp_path, sample_set, run_cli)
    before = tree(tmp_path), sorted(tmp_path.rglob("*"))
    words = [word for word in arguments_of(name) if word != "--dry-run"]
    done = run_cli(*words, "--dry-run", "--json-summary")
    assert done.returncode == 0, done.stderr
    assert (tree(tmp_path), sorted(tmp_path.rglob("*"))) == before
    check_summary(name, json.loads(done.stdout))
    # "Would write ...", "... planned": what it did not do is said.
    assert re.search("[Ww]ould|planned", done.stderr), done.stderr


@pytest.mark.parametrize("name", slow_where(COMMANDS, {"train", "prove"}))
def test_summary_on_stdout_and_quiet_on_stderr(
    name: str,
    tmp_path: Path,
    sample_set: Path,
    run_cli: RunCli,
    capfd: pytest.CaptureFixture[str],
) -> None:
    prepare(name, tmp_path, sample_set, run_cli)
    quiet = [] if name in WITHOUT_STREAMS else ["--quiet"]
    done = run_cli(*arguments_of(name), "--json-summary", *quiet)
    assert done.returncode == 0, done.stderr
    assert ESCAPE not in done.stdout + done.stderr
    assert done.stdout.count("\n") == 1
    summary = json.loads(done.stdout)
    check_summary(name, summary)
    said = done.stderr.splitlines()
    assert said == [f"Warning: {warning}" for warning in summary["warnings"]]
    # What C libraries print, which knows nothing of sys.stdout.
    assert capfd.readouterr() == ("", "")


def check_summary(name: str, summary: dict[str, Any]) -> None:
    assert (summary["command"], summary["version"]) == (name, __version__)
    for entry in summary["inputs"]:
        assert entry.keys() == {"name", "sha256"}
        assert re.fullmatch(r"[0-9a-f]{64}", entry["sha256"]), entry
    assert all(isinstance(path, str) and path for path in summary["outputs"])
    assert summary["counts"]
    assert all(type(count) is int and count >= 0 for count in summary["counts"].values())
    assert all(isinstance(warning, str) for warning in summary["warnings"])


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize("name", ["masks", "stats"])
def test_no_color_on_a_terminal(
    name: str, tmp_path: Path, sample_set: Path, run_cli: RunCli
) -> None:
    prepare(name, tmp_path, sample_set, run_cli)
    coloured = on_terminal([*example(name), "--overwrite"], tmp_path, {})
    plain = on_terminal([*example(name), "--overwrite"], tmp_path, {"NO_COLOR": "1"})
    assert ESCAPE in coloured
    assert (COLOUR.search(coloured) is not None) == (name == "masks")
    assert COLOUR.search(plain) is None


def on_terminal(arguments: list[str], folder: Path, environment: dict[str, str]) -> str:
    """What a command shows on a terminal that knows colours."""
    import pty

    ours, theirs = pty.openpty()
    kept = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    process = subprocess.Popen(
        [sys.executable, "-m", "trashdata", *arguments],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", **environment},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    try:
        while block := os.read(ours, 1 << 16):
            shown += block
    except OSError:
        pass  # how Linux says that the other side is closed
    finally:
        os.close(ours)
    assert process.wait() == 0, shown
    return shown.decode()
