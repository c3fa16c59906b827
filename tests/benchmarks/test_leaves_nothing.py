"""A run of the benchmarks leaves nothing in the tree but what git ignores."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT

from benchmarks.harness import Bench
from benchmarks.peers import __main__ as peers
from benchmarks.peers import environments

LITTER = "session.logs"
# Writes a log as soon as it is imported, as a measured package does.
PACKAGE = f"from pathlib import Path\nPath({LITTER!r}).touch()\n"
WORK = f"import json, noisy, sys\n{PACKAGE}print(json.dumps({{'seconds': 2.0}}))\n"


@pytest.fixture(autouse=True)
def _leaves_nothing() -> Iterator[None]:
    before = changes()
    yield
    assert changes() == before


def changes() -> list[str]:
    """What differs from the commit; the other tests that run meanwhile write nothing here."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("needs a git checkout, to know which files belong to it")
    words = ["git", "--no-optional-locks", "status", "--porcelain", "--untracked-files=all"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_benchmarks_leave_nothing(sample_set: Path) -> None:
    words = [sys.executable, "-m", "benchmarks", "masks", "merge", "--quick", "--data"]
    done = subprocess.run(
        [*words, str(sample_set)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "merge, 1,000 photos" in done.stdout


def test_a_peer_that_writes_into_its_working_folder_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    works = tmp_path / "works"
    works.mkdir()
    (works / "noisy.py").write_text(PACKAGE, encoding="utf-8")
    (works / "work.py").write_text(WORK, encoding="utf-8")
    stub = peers.Peer("noisy", "stub", "work.py", lambda _bench: 1.0, "nothing")
    monkeypatch.setattr(peers, "WORKS", works)
    monkeypatch.setitem(peers.PEERS, "pytest", stub)
    monkeypatch.setattr(environments, "FOLDER", tmp_path / "environments")
    monkeypatch.setattr(environments, "_install", link_to_this_python)
    monkeypatch.chdir(ROOT)
    bench = Bench(tmp_path, quick=True)
    monkeypatch.setattr(peers.ours, "given", lambda _bench: {})
    figure = peers.measure("pytest", bench)
    assert figure.result == 2.0, figure.note


def link_to_this_python(folder: Path, _packages: tuple[str, ...]) -> None:
    """In place of an environment with the package in it."""
    python = folder / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
