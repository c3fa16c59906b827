"""The destination of a run that writes one file or none, without a journal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from trashdata.errors import UserError
from trashdata.paths import refuse_input_as_output
from trashdata.runs.folder import State
from trashdata.runs.records import FileEntry, Manifest, ShardRecord


class SingleFile:
    """One file that is written atomically.

    Parameters
    ----------
    path : the file; None for a run that writes nothing.
    inputs : files that are read, and must not be replaced; iterated once, and only if the file
        exists.
    overwrite : replace the file if trashdata made it.
    option : the option that names it, for messages.
    """

    def __init__(
        self,
        path: Path | None,
        inputs: Iterable[Path] = (),
        *,
        overwrite: bool = False,
        option: str = "--out",
    ) -> None:
        self.path = path
        self.inputs = inputs
        self.overwrite = overwrite
        self.option = option
        self.roots: Mapping[str, Path] = {}
        self.journal: Path | None = None
        self.state: State = "new"

    def check(self) -> State:
        """Refuse a file that is read, or one that exists and may not be replaced."""
        if self.path is not None:
            refuse_input_as_output(self.path, self.inputs, self.option)
            refuse_existing(self.path, overwrite=self.overwrite, option=self.option)
        return "new"

    def manifest(self) -> Manifest | None:
        """None: a single file has no manifest."""
        return None

    def refuse_existing(self, files: Iterable[tuple[str, str]]) -> None:
        """Nothing beside the file itself is written."""

    def refuse_deleting(self, inputs: Iterable[Path]) -> None:
        """Nothing else is deleted."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        pass

    def discard_interrupted(self) -> None:
        """Nothing is left of an interrupted run."""

    def start(self) -> None:
        """Nothing to note: the file is renamed when it is whole."""

    def record_of(self, shard: str) -> ShardRecord | None:
        """None: there is no journal."""

    def finish(
        self,
        files: Iterable[FileEntry] | Callable[[], Iterable[FileEntry]],
        photos: Mapping[str, str],
        summary: Mapping[str, Any],
    ) -> None:
        """Nothing to note."""


def refuse_existing(output: Path, *, overwrite: bool, option: str = "--out") -> None:
    """Refuse an output that exists, unless trashdata made it and it may be overwritten."""
    # A link to nothing would be replaced by the file.
    if not output.exists() and not output.is_symlink():
        return
    if not overwrite:
        found, advice = "a file of that name", "choose another name, or replace it with --overwrite"
    elif not made_by_us(output):
        found = "a file of that name that trashdata did not make"
        advice = "choose another name or move it away"
    else:
        return
    raise UserError(f"{option} {output.name}", expected="a new file", found=found, advice=advice)


class _Mark(msgspec.Struct):
    made_by: str


class _Info(msgspec.Struct):
    trashdata: _Mark


class _MarkedJson(msgspec.Struct):
    info: _Info


# Files of other commands belong to a run with a manifest.
_SINGLE_FILES = frozenset(
    f"trashdata {command}" for command in ("from-masks", "validate", "merge", "filter")
)


# The first lines of a report's template.
_HTML_MARK = b'<meta name="generator" content="trashdata report '


def made_by_us(path: Path) -> bool:
    """Whether a JSON, PNG or HTML file says that trashdata made it."""
    from PIL import Image

    try:
        if path.suffix == ".json":
            made_by = msgspec.json.decode(
                path.read_bytes(), type=_MarkedJson
            ).info.trashdata.made_by
            return made_by in _SINGLE_FILES
        if path.suffix.lower() == ".html":
            with path.open("rb") as stream:
                return _HTML_MARK in stream.read(1024)
        with Image.open(path) as picture:
            return str(picture.info.get("Software", "")).startswith("trashdata")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False
