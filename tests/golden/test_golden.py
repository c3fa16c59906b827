"""Commands make the very bytes that hashes.json holds.

Whoever changes bytes on purpose makes it again, in a commit of its own that says why:
``PYTHONPATH=tests:. python -m golden --write``.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from .commands import COMMANDS
from .running import HASHES, SHARED_DATA, differences, hashes_of, versions


@pytest.fixture(scope="module")
def golden() -> dict[str, Any]:
    assert HASHES.exists(), f"{HASHES} is missing: python -m golden --write"
    content: dict[str, Any] = json.loads(HASHES.read_text())
    return content


def test_every_command_has_hashes(golden: dict[str, Any]) -> None:
    assert list(golden["commands"]) == list(COMMANDS)
    assert all(golden["commands"].values())


@pytest.mark.parametrize("name", ["copy-paste", "pseudo"])
def test_a_killed_run_ends_with_the_bytes_of_an_undisturbed_one(
    name: str, golden: dict[str, Any]
) -> None:
    assert golden["commands"][f"{name}-killed"] == golden["commands"][name]


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_bytes(name: str, golden: dict[str, Any]) -> None:
    if not SHARED_DATA.is_dir():
        pytest.skip(f"needs {SHARED_DATA}")
    if versions() != golden["versions"]:
        pytest.skip("hashes.json holds for other versions of the libraries; see constraints.txt")
    assert differences(golden["commands"][name], hashes_of(name)) == []
