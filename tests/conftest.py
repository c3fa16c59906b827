"""Shared fixtures: the sample set, the real data where it is there, the command line."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import pytest
from helpers.paths import ROOT
from helpers.processes import RunCli, run

from trashdata.sample import SampleOptions, sample

# To look for doctests in it is to import it, and then the clock of the tests runs backwards.
collect_ignore = ["faults/clock"]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with the real input; tests that need it skip without it."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"needs {folder}")
    return folder


@pytest.fixture(scope="session")
def sample_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sample set of 24 photos of 96 pixels, to be read only; see ``data``."""
    folder = tmp_path_factory.mktemp("sample") / "data"
    sample(folder, SampleOptions(images=24, size=96))
    return folder


@pytest.fixture
def data(sample_set: Path, tmp_path: Path) -> Path:
    """A copy of the sample set to write into."""
    return Path(shutil.copytree(sample_set, tmp_path / "data"))


@pytest.fixture
def run_cli(tmp_path: Path) -> RunCli:
    """Run ``trashdata`` with these arguments in a process of its own, in ``tmp_path``."""

    return partial(run, cwd=tmp_path)
