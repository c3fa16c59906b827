"""Writing the files of one shard."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from trashdata.runs.files import make_folders, write_atomically
from trashdata.runs.links import refuse_outside
from trashdata.runs.records import FileEntry, ShardRecord


class ShardWriter:
    """Writes the files of one shard under temporary names, renames them, then records itself.

    Parameters
    ----------
    journal : folder of the run's journal.
    roots : folders by name that the run writes under.
    shard : the shard's name in the journal.
    """

    def __init__(self, journal: Path, roots: Mapping[str, Path], shard: str) -> None:
        self.journal = journal
        self.roots = roots
        self.shard = shard
        self.files: list[FileEntry] = []
        self.photos: dict[str, str] = {}

    def intend(self, paths: Iterable[tuple[str, str]]) -> None:
        """Record (root, path) of all files to write, so that an abandoned run can be cleaned up."""
        planned = [FileEntry(root, path, 0, "") for root, path in paths]
        refuse_outside(self.roots, ((entry.root, entry.path) for entry in planned))
        write_atomically(self.journal / f"{self.shard}.intent", msgspec.json.encode(planned))
        make_folders((self.roots[entry.root] / entry.path).parent for entry in planned)

    def write(self, root: str, path: str, content: bytes) -> None:
        """Write one file."""
        write_atomically(self.roots[root] / path, content)
        digest = hashlib.sha256(content).hexdigest()
        self.files.append(FileEntry(root, path, len(content), digest))

    def record(self) -> ShardRecord:
        """Record that the shard is finished."""
        record = ShardRecord(self.files, self.photos)
        write_atomically(self.journal / f"{self.shard}.done", msgspec.json.encode(record))
        return record
