"""Run-length encoded masks to bitmaps in their own windows, many at once.

A COCO RLE counts background and foreground pixels in turn, column by column. pycocotools decodes
it into a bitmap as large as the photo; most objects are far smaller than that. Here the runs are
read with array operations and only the window around each object is filled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Window:
    """A bitmap and its place in the photo.

    ``bitmap``: (H, W) uint8, 0 or 1; ``x``, ``y``: the photo's pixel under its upper left one;
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


EMPTY = Window(np.zeros((0, 0), dtype=np.uint8), 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Runs:
    """Run lengths of several RLEs, in pixels.

    ``leads`` (N,): the background before the first foreground run of each RLE; ``pairs`` (R, 2):
    a foreground run and the background after it; ``rows`` (N,): how many pairs each RLE has.
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
    """Read compressed ``counts`` of several RLEs.

    Raises
    ------
    ValueError : the text is no RLE: another character, it ends within a number, or a run length
        is negative or of more than 35 bits.

    Notes
    -----
    The format is that of ``rleToString`` in pycocotools' maskApi.c: groups of five bits, lowest
    first, a sixth that says that more follow, the sign in the last group's fifth; from the fourth
    number on the difference to the number two places before.
    """
    numbers, lengths = _parse_numbers(texts)
    ends = np.cumsum(lengths)
    starts = ends - lengths
    rows = lengths // 2
    last_row = np.cumsum(rows)
    # Place 0 stands alone; places 1, 3, 5, ... and 2, 4, 6, ... become the two columns.
    later = np.ones(len(numbers), dtype=np.bool_)
    later[starts] = False
    places = np.arange(len(numbers)) + np.repeat(2 * (last_row - rows) - starts - 1, lengths)
    pairs = np.zeros((int(last_row[-1]), 2), dtype=np.int64)
    pairs.ravel()[places[later]] = numbers[later]
    summed = np.cumsum(pairs, axis=0)
    base = np.concatenate((np.zeros((1, 2), dtype=np.int64), summed))[last_row - rows]
    pairs = summed - np.repeat(base, rows, axis=0)
    # An even number of runs ends with foreground: no background after it.
    pairs[last_row[(lengths & 1 == 0)] - 1, 1] = 0
    leads = numbers[starts]
    if leads.min() < 0 or (len(pairs) and pairs.min() < 0):
        raise ValueError("a negative run length")
    return Runs(leads, pairs, rows)


def _parse_numbers(texts: Sequence[bytes]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The numbers of all texts as they are written, and how many each text has."""
    codes = np.frombuffer(b"".join(texts), dtype=np.uint8).astype(np.int64) - 48
    text_ends = np.cumsum([len(text) for text in texts])
    last = codes < 32
    if not all(texts) or codes.min() < 0 or codes.max() > 63 or not last[text_ends - 1].all():
        raise ValueError("not a compressed RLE")
    ends = np.flatnonzero(last) + 1
    starts = np.concatenate(([0], ends[:-1]))
    digits = ends - starts
    if digits.max() > 7:
        raise ValueError("a run length of more than 35 bits")
    shifts = 5 * (np.arange(len(codes)) - np.repeat(starts, digits))
    numbers = np.add.reduceat((codes & 31) << shifts, starts)
    numbers -= ((codes[ends - 1] & 16) >> 4) << (5 * digits)
    counted = np.searchsorted(ends, text_ends, side="right")
    lengths = counted.copy()
    lengths[1:] -= counted[:-1]
    return numbers, lengths


def decode_windows(texts: Sequence[bytes], height: int) -> list[Window]:
    """Decode compressed RLEs of photos that are ``height`` pixels high, each in its window."""
    if not texts:
        return []
    owner, column, top, bottom = _column_runs(parse_counts(texts), height)
    windows = [EMPTY] * len(texts)
    if len(owner) == 0:
        return windows
    changes = owner[1:] != owner[:-1]
    first = np.concatenate(([0], np.flatnonzero(changes) + 1))
    left = np.minimum.reduceat(column, first)
    upper = np.minimum.reduceat(top, first)
    columns = np.maximum.reduceat(column, first) - left + 1
    rows = np.maximum.reduceat(bottom, first) - upper
    areas = np.add.reduceat(bottom - top, first)
    ends = np.cumsum(columns * rows)
    starts = ends - columns * rows
    # Every window is stored column by column, one behind the other: where do its runs lie there?
    base = np.repeat(starts - upper - left * rows, np.diff(first, append=len(owner)))
    base += column * np.repeat(rows, np.diff(first, append=len(owner)))
    edges = np.empty(2 * len(owner) + 1, dtype=np.int64)
    edges[0:-1:2] = base + top
    edges[1:-1:2] = base + bottom
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
    """Foreground runs as (owner, column, first row, row after the last), none over two columns."""
    owner = np.repeat(np.arange(len(runs.rows)), runs.rows)
    length = runs.pairs[:, 0]
    total = length + runs.pairs[:, 1]
    begin = np.cumsum(total) - total
    first = np.cumsum(runs.rows) - runs.rows
    own = runs.rows > 0
    begin += np.repeat(runs.leads[own] - begin[first[own]], runs.rows[own])
    if len(length) and length.min() == 0:
        kept = length > 0
        owner, begin, length = owner[kept], begin[kept], length[kept]
    end = begin + length
    column = begin // height
    spanned = (end - 1) // height - column + 1
    if len(spanned) and spanned.max() > 1:
        # A run that reaches the photo's lower edge goes on at the top of the next column.
        owner, begin, end = (np.repeat(part, spanned) for part in (owner, begin, end))
        within = np.arange(len(owner)) - np.repeat(np.cumsum(spanned) - spanned, spanned)
        column = np.repeat(column, spanned) + within
        begin = np.maximum(begin, column * height)
        end = np.minimum(end, (column + 1) * height)
    return owner, column, begin - column * height, end - column * height
