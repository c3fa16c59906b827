"""How a run is carried out stands in one file; a command's file holds no library code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.paths import ROOT

PROTOCOL = "trashdata/runs/run.py"
# What `carry_out` does with the place that a run writes to, in its order.
CALLS = {
    "check",
    "refuse_existing",
    "refuse_deleting",
    "check_scheduler",
    "discard_interrupted",
    "start",
    "finish",
    "note_estimate",
    "check_unchanged",
}
# Checks that are called so too: of a table's values, of a pool's workers.
OTHERS = {
    "trashdata/options/limits.py",
    "trashdata/runs/workers.py",
    "trashdata/runs/folder.py",
    "trashdata/runs/single_file.py",
    # A training's folder has checkpoints instead of shards; it shares the lock.
    "train/run.py",
}
SAID_ONCE = ("Already finished", "Resuming the run in", "Would take about")
# More is no longer "parse, call, hand over".
MOST_LINES = 75


def product_files() -> Iterator[Path]:
    for folder in ("trashdata", "copy_paste", "splitting", "pseudo_label", "train"):
        yield from sorted((ROOT / folder).rglob("*.py"))


def methods_of_targets(path: Path) -> Iterator[str]:
    """Calls of `CALLS` on something that is called target, folder or run, or by themselves."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
            if node.func.attr in CALLS and node.func.value.id in ("target", "run", "own", "folder"):
                yield f"{path.relative_to(ROOT)}:{node.lineno} {ast.unparse(node.func)}"
        elif isinstance(node.func, ast.Name) and node.func.id in CALLS - {"check", "finish"}:
            yield f"{path.relative_to(ROOT)}:{node.lineno} {node.func.id}"


def test_the_protocol_is_called_in_one_file() -> None:
    found = [
        call
        for path in product_files()
        if (name := path.relative_to(ROOT).as_posix()) != PROTOCOL and name not in OTHERS
        for call in methods_of_targets(path)
    ]
    # A stage looks at the photos of shards that were done before it goes on with the others.
    allowed = [call for call in found if "stage.py" in call and call.endswith("check_unchanged")]
    assert found == allowed
    assert list(methods_of_targets(ROOT / PROTOCOL))


@pytest.mark.parametrize("words", SAID_ONCE)
def test_what_the_protocol_says_is_said_in_one_place(words: str) -> None:
    files = [path for path in product_files() if words in path.read_text(encoding="utf-8")]
    assert [path.parent for path in files] == [ROOT / "trashdata" / "runs"]


def test_command_files_are_short() -> None:
    files = [*(ROOT / "trashdata" / "commands").glob("*.py"), *ROOT.glob("*/command.py")]
    long = {
        path.relative_to(ROOT).as_posix(): count
        for path in files
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > MOST_LINES
    }
    assert not long
