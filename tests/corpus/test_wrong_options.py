"""Mistakes in options, folders and masks: one sentence, exit code 2, nothing written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from corpus import options, work_options
from corpus.base import make_set
from corpus.options import Mistake
from corpus.running import state, trashdata

CASES = [*options.CASES, *work_options.CASES]


@pytest.mark.parametrize("mistake", CASES, ids=[mistake.name for mistake in CASES])
def test_one_sentence_and_nothing_written(mistake: Mistake, tmp_path: Path) -> None:
    make_set(tmp_path / "data")
    mistake.spoil(tmp_path)
    before = state(tmp_path)
    result = trashdata(tmp_path, *mistake.arguments)
    assert result.code == 2, (result.stdout, result.stderr)
    assert "Traceback" not in result.stderr
    assert result.sentence.startswith("Error: ")
    assert result.sentence.isprintable()
    assert re.search(mistake.says, result.sentence), result.sentence
    assert state(tmp_path) == before


def test_no_name_stands_twice() -> None:
    assert len({mistake.name for mistake in CASES}) == len(CASES) >= 100
