"""What comparisons of several tests are made on."""

from __future__ import annotations

from pathlib import Path

import pytest

from trashdata.sample import SampleOptions, sample


@pytest.fixture(scope="session")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with enough validation photos for verdicts."""
    folder = tmp_path_factory.mktemp("many") / "data"
    sample(folder, SampleOptions(images=100, size=64))
    return folder


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
