"""What the shell completes: names of classes, COCO files and runs.

It reads the command line that is being typed, and the files that it names. Whatever is wrong with
them, nothing is offered: a message in the middle of somebody's typing helps nobody. Nor is a name
that a shell could take for more than a word: Zsh evaluates what it is offered, and names come from
files that others wrote.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import typer

# Where classes are looked for when the line names no file that is there.
_FILES = ("train.json", "train_all.json", "val.json", "test.json")
_HARMLESS = re.compile(r"[\w.+@][\w .,+%@/=:-]*")


def complete_class(context: typer.Context, incomplete: str) -> list[str]:
    """Classes of the COCO file."""
    return _offered(_class_names(context), incomplete)


def complete_class_pair(context: typer.Context, incomplete: str) -> list[str]:
    """Classes with ``=`` behind them, of options such as ``CLASS=GOAL``."""
    return _offered((f"{name}=" for name in _class_names(context)), incomplete)


def complete_json(context: typer.Context, incomplete: str) -> list[str]:
    """COCO files in the data folder."""
    return _offered(_names(_folder(context), "*.json", lambda path: path.is_file()), incomplete)


def complete_run(context: typer.Context, incomplete: str) -> list[str]:  # noqa: ARG001
    """Runs that have a model."""
    runs = _names(Path("runs"), "*", lambda path: (path / "best" / "trashdata.json").is_file())
    return _offered(runs, incomplete)


def _folder(context: typer.Context) -> Path:
    return Path(context.params.get("data") or "input/data")


def _names(folder: Path, pattern: str, wanted: Callable[[Path], bool]) -> list[str]:
    try:
        return sorted(path.name for path in folder.glob(pattern) if wanted(path))
    except (OSError, ValueError):
        return []


def _class_names(context: typer.Context) -> list[str]:
    """Of the first of the files that the line names, or that are usual, that has any."""
    for path in _files(context):
        names = _names_in(path)
        if names:
            return names
    return []


def _files(context: typer.Context) -> Iterator[Path]:
    folder = _folder(context)
    named = context.params.get("json")
    if isinstance(named, str):
        yield folder / named
        yield Path(named)
    yield from (folder / name for name in _FILES)


def _names_in(path: Path) -> list[str]:
    """Class names of a COCO file; all else in it is skipped over."""
    import msgspec

    # Here, since all commands load this file and few are completed.
    row = msgspec.defstruct("Row", [("id", int), ("name", str), ("supercategory", str, "")])
    content = msgspec.defstruct("Content", [("categories", list[row])])  # type: ignore[valid-type]
    try:
        if not path.is_file():
            return []
        found: Any = msgspec.json.decode(path.read_bytes(), type=content)
    except (OSError, ValueError, RecursionError):
        return []
    rows = sorted(found.categories, key=lambda category: category.id)
    return [
        category.name
        for category in rows
        if (category.name, category.supercategory) != ("ignore", "void")
    ]


def _offered(names: Iterable[str], incomplete: str) -> list[str]:
    """Names that begin so, as the shell takes them."""
    safe = (name for name in names if _HARMLESS.fullmatch(name))
    fitting = dict.fromkeys(name for name in safe if name.startswith(incomplete))
    escape = os.environ.get("_TRASHDATA_COMPLETE") == "complete_bash" and not _in_quotes()
    return [name.replace(" ", "\\ ") if escape else name for name in fitting]


def _in_quotes() -> bool:
    """Whether the word that Bash completes has an open quote; Bash itself closes it."""
    try:
        shlex.split(os.environ.get("COMP_WORDS", ""))
    except ValueError:
        return True
    return False
