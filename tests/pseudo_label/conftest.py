"""Fixtures of the tests of pseudo-labelling."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def data(data: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the sample set, of which only one photo is drawn on the contact sheet."""
    # Drawing a sheet takes longer than everything else.
    monkeypatch.setattr("trashdata.pseudo_label.writing.contact_sheet.EACH", 1)
    return data
