"""Where a run writes whose result is one file, or none; it needs no journal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from trashdata.paths import refuse_existing, refuse_input_as_output
from trashdata.runs.folder import State
from trashdata.runs.records import FileEntry, Manifest, ShardRecord


class SingleFile:
    """One file that is there whole or not at all.

    Parameters
    ----------
    path : the file; None for a run that writes nothing.
    inputs : files that are read, and so can't be written over; looked at once, and only if there
        is such a file.
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
