"""What CONTRIBUTING shows works."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, MutableMapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from helpers.paths import ROOT
from trashdata.copy_paste import CopyPasteOptions, blends, copy_paste, placement
from typer.testing import CliRunner

from trashdata import cli

BLOCKS = re.findall(
    r"^```python\n(.*?)^```$", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE | re.DOTALL
)


def block_with(words: str) -> str:
    (found,) = [block for block in BLOCKS if words in block]
    return found


@pytest.fixture
def restored() -> Iterator[Any]:
    """Adds code to a module, and takes its entries out of the module's table afterwards."""
    added: list[tuple[MutableMapping[str, Any], set[str]]] = []

    def add(code: str, module: ModuleType, table: MutableMapping[str, Any]) -> None:
        added.append((table, set(table)))
        exec(compile(code, "CONTRIBUTING.md", "exec"), vars(module))

    yield add
    for table, before in added:
        for name in set(table) - before:
            del table[name]


def test_a_blend(restored: Any) -> None:
    restored(block_with("BLENDS["), blends, blends.BLENDS)
    under, over = np.full((4, 4, 3), 90, np.uint8), np.full((4, 4, 3), 60, np.uint8)
    mask = np.eye(4, dtype=np.uint8)
    joined = blends.BLENDS["darken"](under, over, mask)
    assert (joined[mask == 1] == 60).all()
    assert (joined[mask == 0] == 90).all()


def test_a_placement_rule(restored: Any, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    restored(block_with("PLACEMENTS["), placement, placement.PLACEMENTS)
    # The options read the table when they are imported.
    monkeypatch.setitem(placement.PLACEMENTS, "anywhere", placement.PLACEMENTS["bottom"])
    options = CopyPasteOptions(
        patch=("Paper",), num=4, min_area=20, background_lsj_max=1.0, background_lsj_min=1.0
    )
    outcome = copy_paste(data, options)
    assert outcome.counts["photos"] == 4


def test_a_command(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "count_photos.py").write_text(block_with('"count"'), encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(cli.COMMANDS, "count", "count_photos")
    try:
        module = import_module("count_photos")
        done = CliRunner().invoke(cli.app, ["count", "--data", str(data), "--json-summary"])
        assert done.exit_code == 0, done.output
        assert '"counts":{"photos":' in done.output
        assert "1<=x<=9" in CliRunner().invoke(cli.app, ["count", "--help"]).output
        with pytest.raises(Exception, match="--times: expected 1 to 9, found 10"):
            module.CountOptions(times=10)
    finally:
        del sys.modules["count_photos"]
