"""Stages of a run: shards that are carried out once, even if the run is resumed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeAlias, TypeVar

from trashdata.console import Reporter
from trashdata.errors import UserError, printable
from trashdata.runs.folder import RunFolder
from trashdata.runs.photos import check_unchanged
from trashdata.runs.records import FileEntry, ShardRecord
from trashdata.runs.single_file import SingleFile
from trashdata.runs.workers import Workers
from trashdata.runs.writer import ShardWriter

Context = TypeVar("Context")
Shard = TypeVar("Shard")
Item = TypeVar("Item")
Target: TypeAlias = RunFolder | SingleFile
"""Where a run writes."""

SHARD_SIZE = 50
"""Items per shard: at most so many per worker are made again after a kill. With fewer, the parent
process would compete with two workers for two cores."""


@dataclass(frozen=True)
class NamedShard(Generic[Shard]):
    """A shard, its name in the journal, and the number of its items, for the progress bar."""

    name: str
    shard: Shard
    items: int


@dataclass(frozen=True)
class Stage(Generic[Context, Shard]):
    """Shards of one kind.

    Parameters
    ----------
    label : of the progress bar.
    work : ``work(context, shard)`` writes the files of a shard with a `ShardWriter` of the shard's
        name and returns its record; a function at the top level of a module.
    context : the context of the shards; sent once to each worker.
    here : run the shards one after the other in this process, whatever the number of workers, for
        models, which use all cores; ``work`` then has a third argument, to be called after each
        item. On a cluster, they run on its workers, with two arguments.
    """

    label: str
    work: Callable[..., ShardRecord]
    context: Context
    shards: Sequence[NamedShard[Shard]]
    here: bool = False

    @property
    def items(self) -> int:
        """Number of items in all shards."""
        return sum(shard.items for shard in self.shards)


@dataclass(frozen=True)
class Work:
    """The destination and the workers of a run; ``journal``: None in a dry run."""

    target: Target
    workers: Workers
    reporter: Reporter
    journal: Path | None

    @property
    def kept(self) -> Path:
        """The folder of the journal; there must be one."""
        assert self.journal is not None
        return self.journal

    @property
    def roots(self) -> Mapping[str, Path]:
        """Folders by name that the run writes under."""
        return self.target.roots

    def writer(self, name: str) -> ShardWriter:
        """A writer for files that no shard of a stage writes."""
        return ShardWriter(self.kept, self.roots, name)

    def carry_out(
        self, stage: Stage[Any, Any], photo_path: Callable[[str], Path] | None = None
    ) -> dict[str, str]:
        """Carry out the shards of a stage that are not finished.

        Parameters
        ----------
        photo_path : returns the path of a photo in a shard's record.

        Returns
        -------
        The SHA-256 of the photos that all shards read, by name.

        Raises
        ------
        UserError : a photo changed since the interrupted run, or during this one.
        """
        photos: dict[str, str] = {}
        left = []
        for shard in stage.shards:
            record = self.target.record_of(shard.name)
            if record is None:
                left.append(shard)
            else:
                _add_photos(photos, record)
        if photo_path is not None:
            check_unchanged(photos, photo_path)
        with self.reporter.progress(stage.label, stage.items) as tick:
            tick(stage.items - sum(shard.items for shard in left))
            for record in self._records(stage, left, tick):
                # The list of files stays in the journal, to save memory in long runs.
                _add_photos(photos, record)
        return photos

    def _records(
        self,
        stage: Stage[Any, Any],
        left: Sequence[NamedShard[Any]],
        tick: Callable[[int], None],
    ) -> Iterator[ShardRecord]:
        if stage.here and self.workers.scheduler is None:
            for named in left:
                yield stage.work(stage.context, named.shard, tick)
            return
        shards = [named.shard for named in left]
        for number, record in self.workers.run(stage.work, shards, stage.context):
            yield record
            tick(left[number].items)

    def files_of(self, shards: Iterable[NamedShard[Any]]) -> Iterator[FileEntry]:
        """The files of finished shards, shard by shard, read from the journal."""
        for shard in shards:
            record = self.target.record_of(shard.name)
            assert record is not None, shard.name
            yield from record.files


def split(
    items: Sequence[Item], name: str, size: int = SHARD_SIZE
) -> list[NamedShard[tuple[int, tuple[Item, ...]]]]:
    """Split items into shards of equal size.

    Parameters
    ----------
    name : of a shard in the journal, with its number as ``{}``, such as ``masks-{:06}``.

    Returns
    -------
    The shards hold their number and their items.

    Examples
    --------
    >>> [(shard.name, shard.shard) for shard in split("abc", "letters-{}", size=2)]
    [('letters-0', (0, ('a', 'b'))), ('letters-1', (1, ('c',)))]
    """
    starts = range(0, len(items), size)
    parts = [tuple(items[start : start + size]) for start in starts]
    return [
        NamedShard(name.format(number), (number, part), len(part))
        for number, part in enumerate(parts)
    ]


def _add_photos(known: dict[str, str], record: ShardRecord) -> None:
    """Add a shard's SHA-256 by photo; refuse a photo that changed during the run."""
    for name, digest in record.photos.items():
        if known.setdefault(name, digest) != digest:
            raise UserError(
                printable(name.partition(":")[2] or name),
                expected="a photo that stays the same during the run",
                found="two contents",
                advice="leave the photos alone and make the set again with --overwrite",
            )
