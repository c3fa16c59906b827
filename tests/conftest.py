"""Shared fixtures: the sample set, the real data where it is there, the command line."""

from __future__ import annotations

import os
import shutil
from functools import partial
from pathlib import Path

import pytest
from helpers.command_line import call
from helpers.paths import ROOT
from helpers.processes import RunCli, run

from trashdata.sample import SampleOptions, sample

# Before PyTorch is imported. The models of the tests are so small that a second thread only spins,
# and takes many times the time of the work from the tests beside it.
os.environ["OMP_NUM_THREADS"] = "1"
# Importing albumentations asks the network for a newer version otherwise.
os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"

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
    """Run ``trashdata`` with these arguments in this process, in ``tmp_path``."""
    return partial(call, cwd=tmp_path)


@pytest.fixture
def run_process(tmp_path: Path) -> RunCli:
    """As ``run_cli``, but in a process of its own: many times slower."""
    return partial(run, cwd=tmp_path)
