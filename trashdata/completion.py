"""Shell completion of class names, COCO files and runs.

It reads the command line being typed, and the files that it names. On any fault it offers nothing,
since a message would disturb the typing. It also skips names that a shell could interpret: Zsh
evaluates what it is offered, and names come from files that others wrote.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import typer

# Files that are searched for classes when the line names no existing file.
_FILES = ("train.json", "train_all.json", "val.json", "test.json")
_HARMLESS = re.compile(r"[\w.+@][\w .,+%@/=:-]*")


def complete_class(context: typer.Context, incomplete: str) -> list[str]:
    """Classes of the COCO file."""
    return _offered(_class_names(context), incomplete)


def complete_class_pair(context: typer.Context, incomplete: str) -> list[str]:
    """Classes followed by ``=``, for options such as ``CLASS=GOAL``."""
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
    """Class names of the first file that has any, among those on the line and the usual ones."""
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
    """Class names of a COCO file; everything else in it is skipped."""
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
    """Names with this beginning, quoted for the shell."""
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
