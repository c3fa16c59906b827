"""Shards of photos, for both stages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from trashdata.runs.stage import SHARD_SIZE, NamedShard

Photo = TypeVar("Photo")


@dataclass(frozen=True)
class PhotoShard(Generic[Photo]):
    """Photos that one worker handles together.

    ``name``: of the shard in the journal; ``start``: index of the first photo among all.
    """

    name: str
    start: int
    photos: tuple[Photo, ...]


def split_photos(photos: Sequence[Photo], name: str) -> list[NamedShard[PhotoShard[Photo]]]:
    """Split photos into shards of equal size.

    Parameters
    ----------
    name : of a shard in the journal, with the index of its first photo as ``{}``.

    Examples
    --------
    >>> [shard.name for shard in split_photos(range(60), "label-{:09}")]
    ['label-000000000', 'label-000000050']
    """
    shards = [
        PhotoShard(name.format(start), start, tuple(photos[start : start + SHARD_SIZE]))
        for start in range(0, len(photos), SHARD_SIZE)
    ]
    return [NamedShard(shard.name, shard, len(shard.photos)) for shard in shards]
