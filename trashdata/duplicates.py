"""Duplicate photos: equal bytes, or equal to the eye.

A photo saved again at another quality, or slightly resized, keeps its perceptual hash up to a few
bits. Hashes only propose pairs; small gray copies of the two photos decide.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from trashdata.console import Reporter
from trashdata.photo_bytes import PhotoError, check_whole, decode, load
from trashdata.photos import photo_error
from trashdata.runs.workers import run_shards

SIDE = 32
"""Side of the small gray copy, in pixels."""
MAX_BITS = 7
"""Two hashes of near-duplicates differ in at most so many of 64 bits."""
MIN_CORRELATION = 0.95
"""Correlation of the small copies of near-duplicates."""
MAX_DIFFERENCE = 10.0
"""Root mean square difference of the small copies of near-duplicates, in gray levels."""
_FLAT = 2.0
_BANDS = 8
_SHARD = 100
_CHUNK = 65_536


@dataclass(frozen=True)
class Prints:
    """Fingerprints of N photos: ``sha256`` of their files; ``hashes`` (N,) uint64, the perceptual
    hash; ``small`` (N, 1024) uint8, the gray copy of 32 x 32 pixels."""

    sha256: list[str]
    hashes: NDArray[np.uint64]
    small: NDArray[np.uint8]


def read_prints(
    root: Path,
    names: Sequence[str],
    *,
    workers: int = 1,
    scheduler: str | None = None,
    reporter: Reporter | None = None,
) -> Prints:
    """Read photos by their names under a root; ``scheduler``: of a Dask cluster to use.

    Raises
    ------
    UserError : a photo is missing or can't be decoded.
    """
    shards = [tuple(names[start : start + _SHARD]) for start in range(0, len(names), _SHARD)]
    parts: dict[int, Prints] = {}
    with (reporter or Reporter()).progress("Comparing photos", len(names)) as tick:
        done = run_shards(_read_shard, shards, root, workers=workers, scheduler=scheduler)
        for number, part in done:
            parts[number] = part
            tick(len(part.sha256))
    ordered = [parts[number] for number in range(len(shards))]
    return Prints(
        [digest for part in ordered for digest in part.sha256],
        np.concatenate([np.empty(0, np.uint64), *(part.hashes for part in ordered)]),
        np.concatenate([np.empty((0, SIDE**2), np.uint8), *(part.small for part in ordered)]),
    )


def _read_shard(root: Path, names: tuple[str, ...]) -> Prints:
    read = [_digest_and_copy(root, name) for name in names]
    small = np.stack([copy for _, copy in read])
    hashes = np.array([perceptual_hash(copy) for copy in small], dtype=np.uint64)
    return Prints([digest for digest, _ in read], hashes, small.reshape(len(names), -1))


def _digest_and_copy(root: Path, file_name: str) -> tuple[str, NDArray[np.uint8]]:
    try:
        content = load(root / file_name)
        check_whole(content)
        return hashlib.sha256(content).hexdigest(), _small_copy(content)
    except PhotoError as fault:
        raise photo_error(root, file_name, fault) from None


def _small_copy(content: bytes) -> NDArray[np.uint8]:
    """A gray copy of the photo, EXIF applied, (32, 32) uint8; its aspect ratio is not kept."""
    # Decoding at a quarter of a JPEG's size takes a third of the time; never under 128 pixels.
    gray = decode(content, cv2.IMREAD_REDUCED_GRAYSCALE_4)
    if min(gray.shape) < 128:
        gray = decode(content, cv2.IMREAD_GRAYSCALE)
    return cv2.resize(gray, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.uint8)


def perceptual_hash(small: NDArray[np.uint8]) -> int:
    """64 bits: which of the 8 x 8 lowest frequencies of a (32, 32) gray copy are above the median.

    The mean brightness, the lowest frequency, is replaced by the next row's ninth frequency.
    """
    waves = cv2.dct(small.astype(np.float32))[:8, :9]
    lowest = waves[:, :8].ravel().copy()
    lowest[0] = waves[0, 8]
    bits = lowest > np.median(lowest)
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def same_bytes(prints: Prints) -> Iterator[tuple[int, int]]:
    """Pairs of photos with equal bytes: each with the first equal one."""
    first: dict[str, int] = {}
    for index, digest in enumerate(prints.sha256):
        first_index = first.setdefault(digest, index)
        if first_index != index:
            yield first_index, index


def near_duplicates(prints: Prints) -> NDArray[np.int64]:
    """Pairs of photos that look the same, (M, 2) int64, each with the lower index first.

    Notes
    -----
    Two hashes that differ in at most 7 bits agree in one of 8 bytes at least, so only photos with a
    byte in common are compared. For random hashes the time grows with N^2 / 32: 20,000 photos make
    6 million comparisons of two numbers.
    """
    proposed = [np.empty((0, 2), dtype=np.int64)]
    for band in range(_BANDS):
        keys = (prints.hashes >> np.uint64(8 * band)) & np.uint64(0xFF)
        for members in _equal_keys(keys):
            proposed.extend(_close_hashes(prints.hashes, members))
    pairs = np.unique(np.concatenate(proposed), axis=0)
    chunks = [pairs[start : start + 4096] for start in range(0, len(pairs), 4096)]
    return np.concatenate([pairs[:0], *(chunk[_alike(prints.small, chunk)] for chunk in chunks)])


def _equal_keys(keys: NDArray[np.uint64]) -> list[NDArray[np.int64]]:
    order = np.argsort(keys, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(keys[order])) + 1)


def _close_hashes(
    hashes: NDArray[np.uint64], members: NDArray[np.int64]
) -> Iterator[NDArray[np.int64]]:
    """Pairs among sorted members whose hashes differ in few bits, a block at a time."""
    values = hashes[members]
    block = max(1, _CHUNK // max(1, len(members)))
    for start in range(0, len(members), block):
        bits = np.bitwise_count(values[start : start + block, None] ^ values[None, :])
        first, second = np.nonzero(bits <= MAX_BITS)
        first += start
        later = first < second
        yield np.stack([members[first[later]], members[second[later]]], axis=1)


def _alike(small: NDArray[np.uint8], pairs: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether the small copies of each pair are similar, (M,)."""
    one, two = (small[pairs[:, side]].astype(np.float32) for side in (0, 1))
    difference = np.sqrt(((one - two) ** 2).mean(axis=1))
    one -= one.mean(axis=1, keepdims=True)
    two -= two.mean(axis=1, keepdims=True)
    norms = np.sqrt((one**2).sum(axis=1) * (two**2).sum(axis=1))
    correlation = (one * two).sum(axis=1) / np.maximum(norms, 1e-6)
    # Photos without contrast have only noise to correlate.
    flat = difference < _FLAT
    alike: NDArray[np.bool_] = flat | (
        (correlation >= MIN_CORRELATION) & (difference <= MAX_DIFFERENCE)
    )
    return alike
