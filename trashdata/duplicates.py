"""Duplicate photos: equal bytes, or equal to the eye.

A photo saved again at another quality, or slightly resized, keeps its perceptual hash up to a few
bits. Hashes only propose pairs; small gray copies of the two photos decide: they must agree
everywhere, so that photos of one camera that does not move, on which objects moved, are two photos.
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
from trashdata.photo_bytes import PhotoError, check_whole, decode, jpeg_size, load
from trashdata.photos import photo_error
from trashdata.runs.workers import run_shards

SIDE = 64
"""Side of the small gray copy, in pixels."""
MAX_BITS = 7
"""Two hashes of near-duplicates differ in at most so many of 64 bits."""
MIN_CORRELATION = 0.95
"""Correlation of the small copies of near-duplicates."""
MAX_DIFFERENCE = 10.0
"""Root mean square difference of the small copies of near-duplicates, in gray levels."""
MAX_LOCAL_DIFFERENCE = 8.0
"""Largest mean difference of the small copies of near-duplicates in any block of 3 x 3 pixels, in
gray levels, with shifts by a pixel forgiven.

Photos saved again at a JPEG quality from 30 to 95 or at 0.5 to 1.5 of their size stay under 4.
Three objects of 4 % of the photo's width that moved make 18 in the median, of 8 % more than 20;
the next photo of a driving camera makes 22."""
_FLAT = 2.0
_BANDS = 8
_SHARD = 100
_CHUNK = 65_536
_PAIRS = 256
_SOFT = 0.8


@dataclass(frozen=True)
class Prints:
    """Fingerprints of N photos: ``sha256`` of their files; ``hashes`` (N,) uint64, the perceptual
    hash; ``small`` (N, 4096) uint8, the gray copy of 64 x 64 pixels."""

    sha256: list[str]
    hashes: NDArray[np.uint64]
    small: NDArray[np.uint8]

    @classmethod
    def joined(cls, parts: Sequence[Prints]) -> Prints:
        """The fingerprints of several parts, one after the other."""
        return cls(
            [digest for part in parts for digest in part.sha256],
            np.concatenate([np.empty(0, np.uint64), *(part.hashes for part in parts)]),
            np.concatenate([np.empty((0, SIDE**2), np.uint8), *(part.small for part in parts)]),
        )

    def rows(self, chosen: Sequence[int]) -> Prints:
        """Those at the chosen indices."""
        index = np.array(chosen, dtype=np.int64)
        return Prints([self.sha256[k] for k in chosen], self.hashes[index], self.small[index])


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
    return Prints.joined([parts[number] for number in range(len(shards))])


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
    """A gray copy of the photo, EXIF applied, (64, 64) uint8; its aspect ratio is not kept."""
    size = jpeg_size(content)
    # Decoding at a quarter of a JPEG's size takes a third of the time; never under 128 pixels.
    if size is not None and min(size) >= 512:
        quarter = decode(content, cv2.IMREAD_REDUCED_GRAYSCALE_4)
        width, height = _turned(size, quarter)
        # Not to its own size, which is rounded up: the copies of two sizes would not fit.
        small = cv2.resize(quarter, None, fx=4 * SIDE / width, fy=4 * SIDE / height,
                           interpolation=cv2.INTER_AREA)  # fmt: skip
    else:
        gray = decode(content, cv2.IMREAD_GRAYSCALE)
        small = cv2.resize(gray, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    # What resampling does to sharp edges is no difference.
    return cv2.GaussianBlur(small, (0, 0), _SOFT).astype(np.uint8)


def _turned(size: tuple[int, int], quarter: NDArray[np.uint8]) -> tuple[int, int]:
    """Width and height of a photo, swapped if its EXIF orientation swapped them."""
    width, height = size
    fits = quarter.shape == (-(-height // 4), -(-width // 4))
    return (width, height) if fits else (height, width)


def perceptual_hash(small: NDArray[np.uint8]) -> int:
    """64 bits: which of the 8 x 8 lowest frequencies of a (64, 64) gray copy are above the median.

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


def near_duplicates(prints: Prints, sides: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
    """Pairs of photos that look the same, (M, 2) int64, each with the lower index first.

    Parameters
    ----------
    sides : (N,) bool; if given, only pairs of one photo of each side are compared.

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
    if sides is not None:
        pairs = pairs[sides[pairs[:, 0]] != sides[pairs[:, 1]]]
    alike = _Alike.of(prints.small, pairs)
    return pairs[[same for group in _by_first(pairs) for same in alike(group).tolist()]]


def _by_first(pairs: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Sorted pairs in groups of one first index, of a limited size."""
    for group in np.split(pairs, np.flatnonzero(np.diff(pairs[:, 0])) + 1):
        yield from (group[start : start + _PAIRS] for start in range(0, len(group), _PAIRS))


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


@dataclass(frozen=True)
class _Alike:
    """Comparison of small copies: ``small`` (N, 4096), and the lowest and highest gray level
    around each pixel of them, of the photos that are compared."""

    small: NDArray[np.uint8]
    low: NDArray[np.uint8]
    high: NDArray[np.uint8]

    @classmethod
    def of(cls, small: NDArray[np.uint8], pairs: NDArray[np.int64]) -> _Alike:
        around = np.ones((3, 3), np.uint8)
        low, high = np.zeros_like(small), np.zeros_like(small)
        for index in np.unique(pairs).tolist():
            copy = small[index].reshape(SIDE, SIDE)
            low[index] = cv2.erode(copy, around).ravel()
            high[index] = cv2.dilate(copy, around).ravel()
        return cls(small, low, high)

    def __call__(self, pairs: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether the two photos of each pair, all with one first index, look the same, (M,)."""
        alike = self._largest_local_difference(pairs) <= MAX_LOCAL_DIFFERENCE
        alike[alike] = _similar(self.small, pairs[alike])
        return alike

    def _largest_local_difference(self, pairs: NDArray[np.int64]) -> NDArray[np.float64]:
        """The largest mean over 3 x 3 pixels of the differences, (M,)."""
        one, two = pairs[:1, 0], pairs[:, 1]
        difference = np.maximum(self._outside(one, two), self._outside(two, one))
        # All copies as one picture, one below the other; sums across their borders are cut off.
        stacked = difference.reshape(-1, SIDE)
        sums = cv2.boxFilter(stacked, cv2.CV_16U, (3, 3), normalize=False)
        inside = sums.reshape(-1, SIDE, SIDE)[:, 1:-1, 1:-1]
        largest: NDArray[np.float64] = inside.max(axis=(1, 2)) / 9
        return largest

    def _outside(self, one: NDArray[np.int64], two: NDArray[np.int64]) -> NDArray[np.uint8]:
        """By how much each pixel is outside of what is around it in the other copy, (M, 4096)."""
        pixels, low, high = self.small[one], self.low[two], self.high[two]
        outside: NDArray[np.uint8] = np.maximum(pixels, high) - high
        return np.maximum(outside, low - np.minimum(pixels, low))


def _similar(small: NDArray[np.uint8], pairs: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether the small copies of each pair are similar as a whole, (M,)."""
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
