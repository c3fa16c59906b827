"""A folder that a run writes into is locked; where that can't be done, a sentence says so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

from trashdata.runs.locks import lock

WITHOUT_FCNTL = """
import sys
sys.modules["fcntl"] = None  # as on Windows
from trashdata.__main__ import main
main()
"""


def run_without_fcntl(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_FCNTL, *words],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("dry_run", [[], ["--dry-run"]], ids=["run", "dry run"])
@pytest.mark.parametrize(
    "words",
    [
        ["sample", "--data", "new", "--images", "6", "--size", "64"],
        ["masks", "--data", "{data}", "--out", "locked"],
        ["copy-paste", "--data", "{data}", "--patch", "Battery", "--out", "locked"],
    ],
    ids=lambda words: words[0],
)
def test_without_file_locks_a_sentence_names_wsl(
    words: list[str], dry_run: list[str], tmp_path: Path, sample_set: Path
) -> None:
    given = [word.format(data=sample_set) for word in words]
    done = run_without_fcntl(tmp_path, *given, *dry_run)
    assert done.returncode == 2, done.stderr
    assert "WSL" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())
    assert not (sample_set / "locked").exists()


def test_what_writes_no_run_needs_no_locks(tmp_path: Path, sample_set: Path) -> None:
    done = run_without_fcntl(tmp_path, "stats", "--data", str(sample_set), "--json", "train.json")
    assert done.returncode == 0, done.stderr


def test_a_second_lock_on_a_file_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("wb") as first, (tmp_path / "lock").open("wb") as second:
        assert lock(first)
        assert not lock(second)
