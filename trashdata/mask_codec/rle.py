"""Decoding many run-length encoded masks at once, each into its window.

A COCO RLE counts background and foreground pixels in turn, column by column. pycocotools decodes it
into a bitmap as large as the photo; most objects are far smaller. Here the runs are parsed with
array operations, and only the window around each object is filled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Window:
    """A bitmap and its position in the photo.

    ``bitmap``: (H, W) uint8, 0 or 1; ``x``, ``y``: of its upper left pixel in the photo;
    ``area``: its foreground pixels. Without foreground, the bitmap's shape is (0, 0).
    """

    bitmap: NDArray[np.uint8]
    x: int
    y: int
    area: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns of the photo that the window covers."""
        height, width = self.bitmap.shape
        return slice(self.y, self.y + height), slice(self.x, self.x + width)

    @property
    def box(self) -> tuple[int, int, int, int]:
        """x, y, width, height in pixels."""
        height, width = self.bitmap.shape
        return self.x, self.y, width, height


def united(windows: Sequence[Window]) -> Window:
    """The union of windows that all have foreground."""
    if len(windows) == 1:
        return windows[0]
    left, top = min(window.x for window in windows), min(window.y for window in windows)
    right = max(window.x + window.bitmap.shape[1] for window in windows)
    bottom = max(window.y + window.bitmap.shape[0] for window in windows)
    bitmap = np.zeros((bottom - top, right - left), dtype=np.uint8)
    for window in windows:
        y, x = window.y - top, window.x - left
        region = bitmap[y : y + window.bitmap.shape[0], x : x + window.bitmap.shape[1]]
        np.bitwise_or(region, window.bitmap, out=region)
    return Window(bitmap, left, top, int(np.count_nonzero(bitmap)))


EMPTY = Window(np.zeros((0, 0), dtype=np.uint8), 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Runs:
    """Run lengths of several RLEs, in pixels.

    ``leads`` (N,): the background before the first foreground run of each RLE; ``pairs`` (R, 2): a
    foreground run and the background after it; ``rows`` (N,): the number of pairs of each RLE.
    """

    leads: NDArray[np.int64]
    pairs: NDArray[np.int64]
    rows: NDArray[np.int64]

    def totals(self) -> NDArray[np.int64]:
        """Pixels that each RLE describes, (N,)."""
        ends = np.concatenate(([0], np.cumsum(self.pairs.sum(axis=1))))
        last = np.cumsum(self.rows)
        totals: NDArray[np.int64] = self.leads + ends[last] - ends[last - self.rows]
        return totals


def parse_counts(texts: Sequence[bytes]) -> Runs:
    """Parse compressed ``counts`` of several RLEs.

    Raises
    ------
    ValueError : not an RLE: an invalid character, an end within a number, or a run length that is
        negative or has more than 35 bits.

    Notes
    -----
    The format is that of ``rleToString`` in pycocotools' maskApi.c: groups of five bits, lowest
    first, a sixth bit if more groups follow, the sign in the last group's fifth bit; from the
    fourth number on, the difference to the number two before.
    """
    numbers, lengths = _parse_numbers(texts)
    ends = np.cumsum(lengths)
    ends_with_foreground = lengths & 1 == 0
    if ends_with_foreground.any():
        # No background after it.
        numbers = np.insert(numbers, ends[ends_with_foreground], 0)
        lengths = lengths + ends_with_foreground
        ends = np.cumsum(lengths)
    starts = ends - lengths
    leads = numbers[starts]
    later = np.ones(len(numbers), dtype=np.bool_)
    later[starts] = False
    rows = lengths >> 1
    # Indices 1, 3, 5, ... and 2, 4, 6, ... are the two columns.
    summed = np.cumsum(numbers[later].reshape(-1, 2), axis=0)
    last_row = np.cumsum(rows)
    if len(rows) > 1:
        base = np.concatenate((np.zeros((1, 2), dtype=np.int64), summed))[last_row - rows]
        summed -= np.repeat(base, rows, axis=0)
    if ends_with_foreground.any():
        summed[last_row[ends_with_foreground] - 1, 1] = 0
    if leads.min() < 0 or (len(summed) and summed.min() < 0):
        raise ValueError("a negative run length")
    return Runs(leads, summed, rows)


# 35 bits: far more than a photo has pixels.
_MOST_DIGITS = 7


def _parse_numbers(texts: Sequence[bytes]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The encoded numbers of all texts, and how many each text has."""
    # A character below the first digit wraps round and is too large.
    codes = np.frombuffer(b"".join(texts), dtype=np.uint8) - np.uint8(48)
    text_ends = np.cumsum([len(text) for text in texts])
    last = codes < 32
    if not all(texts) or codes.max() > 63 or not last[text_ends - 1].all():
        raise ValueError("not a compressed RLE")
    ends = np.flatnonzero(last)
    starts = np.empty_like(ends)
    starts[0] = 0
    np.add(ends[:-1], 1, out=starts[1:])
    digits = ends - starts
    if digits.max() >= _MOST_DIGITS:
        raise ValueError("a run length of more than 35 bits")
    # From the last digit, the one with the sign, up to the first.
    numbers = (codes[ends].astype(np.int64) ^ 16) - 16
    for digit in range(1, int(digits.max()) + 1):
        longer = np.flatnonzero(digits >= digit)
        numbers[longer] = (numbers[longer] << 5) | (codes[ends[longer] - digit] & 31)
    counted = np.searchsorted(ends, text_ends)
    lengths = counted.copy()
    lengths[1:] -= counted[:-1]
    return numbers, lengths


_TRUE = np.ones(1, dtype=np.bool_)


def decode_windows(texts: Sequence[bytes], height: int) -> list[Window]:
    """Decode compressed RLEs of photos that are ``height`` pixels high, each in its window."""
    if not texts:
        return []
    owner, column, top, bottom = _column_runs(parse_counts(texts), height)
    windows = [EMPTY] * len(texts)
    if len(owner) == 0:
        return windows
    first = np.flatnonzero(np.concatenate((_TRUE, owner[1:] != owner[:-1])))
    counts = np.concatenate((first[1:], [len(owner)])) - first
    left = column[first]  # the runs of an object come by rising column
    columns = column[first + counts - 1] - left + 1
    upper = np.minimum.reduceat(top, first)
    rows = np.maximum.reduceat(bottom, first) - upper
    areas = np.add.reduceat(bottom - top, first)
    ends = np.cumsum(columns * rows)
    starts = ends - columns * rows
    # Windows are stored column by column, one after the other; offsets of the runs in there.
    base = np.repeat(starts - upper - left * rows, counts) + column * np.repeat(rows, counts)
    edges = np.empty(2 * len(owner) + 1, dtype=np.int64)
    np.add(base, top, out=edges[0:-1:2])
    np.add(base, bottom, out=edges[1:-1:2])
    edges[-1] = ends[-1]
    edges[1:] -= edges[:-1].copy()
    colour = np.zeros(len(edges), dtype=np.uint8)
    colour[1::2] = 1
    flat = np.repeat(colour, edges)
    parts = (owner[first], starts, columns, rows, left, upper, areas)
    for index, start, width, tall, x, y, area in zip(*(p.tolist() for p in parts), strict=True):
        turned = flat[start : start + width * tall].reshape(width, tall)
        windows[index] = Window(cv2.transpose(turned).astype(np.uint8, copy=False), x, y, area)
    return windows


def _column_runs(runs: Runs, height: int) -> tuple[NDArray[np.int64], ...]:
    """Foreground runs as (owner, column, first row, row after the last), split at columns."""
    owner = np.repeat(np.arange(len(runs.rows)), runs.rows)
    length = runs.pairs[:, 0]
    total = length + runs.pairs[:, 1]
    begin = np.cumsum(total) - total
    first = np.cumsum(runs.rows) - runs.rows
    filled = runs.rows > 0
    begin += np.repeat(runs.leads[filled] - begin[first[filled]], runs.rows[filled])
    if len(length) and length.min() == 0:
        kept = length > 0
        owner, begin, length = owner[kept], begin[kept], length[kept]
    end = begin + length
    column = begin // height
    spanned = (end - 1) // height - column + 1
    if len(spanned) and spanned.max() > 1:
        # A run that reaches the photo's lower edge continues at the top of the next column.
        owner, begin, end = (np.repeat(part, spanned) for part in (owner, begin, end))
        within = np.arange(len(owner)) - np.repeat(np.cumsum(spanned) - spanned, spanned)
        column = np.repeat(column, spanned) + within
        begin = np.maximum(begin, column * height)
        end = np.minimum(end, (column + 1) * height)
    return owner, column, begin - column * height, end - column * height
