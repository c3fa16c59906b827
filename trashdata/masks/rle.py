"""Run-length encoded masks to bitmaps in their own windows, many at once.

A COCO RLE counts background and foreground pixels in turn, column by column. pycocotools decodes
it into a bitmap as large as the photo; most objects are far smaller than that. Here the runs are
read with array operations and only the window around each object is filled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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


def parse_counts(texts: Sequence[bytes]) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """Read compressed ``counts`` of several RLEs.

    Returns
    -------
    counts : the run lengths in pixels, of all RLEs one after the other.
    lengths : how many of them belong to each RLE.

    Raises
    ------
    ValueError : the text is no RLE: another character, or it ends within a number.

    Notes
    -----
    The format is that of ``rleToString`` in pycocotools' maskApi.c: groups of five bits, lowest
    first, a sixth that says that more follow, the sign in the last group's fifth; from the fourth
    number on the difference to the number two places before.
    """
    codes = np.frombuffer(b"".join(texts), dtype=np.uint8).astype(np.int64) - 48
    last = (codes & 32) == 0
    text_ends = np.cumsum([len(text) for text in texts])
    if not all(texts) or codes.min() < 0 or codes.max() > 63 or not last[text_ends - 1].all():
        raise ValueError("not a compressed RLE")
    number_ends = np.flatnonzero(last) + 1
    number_starts = np.concatenate(([0], number_ends[:-1]))
    if (number_ends - number_starts).max() > 7:
        raise ValueError("a run length of more than 35 bits")
    digit = np.arange(len(codes)) - np.repeat(number_starts, number_ends - number_starts)
    numbers = np.add.reduceat((codes & 31) << (5 * digit), number_starts)
    negative = (codes[number_ends - 1] & 16) != 0
    numbers[negative] -= 1 << (5 * (number_ends - number_starts)[negative])
    lengths = np.diff(np.searchsorted(number_ends, text_ends, side="right"), prepend=0)
    return _undo_differences(numbers, lengths), lengths


def _undo_differences(
    numbers: NDArray[np.int64], lengths: NDArray[np.intp]
) -> NDArray[np.int64]:
    """Turn differences over two places into run lengths; the first three of each are plain."""
    ends = np.cumsum(lengths)
    place = np.arange(len(numbers)) - np.repeat(ends - lengths, lengths)
    counts = numbers.copy()
    # Chains over two places: place 0 stands alone; 1, 3, 5, ... and 2, 4, 6, ... add up.
    for parity in (0, 1):
        chain = np.flatnonzero((place & 1) == parity)
        if len(chain) == 0:
            continue
        total = np.cumsum(numbers[chain])
        first = place[chain] == (2 if parity == 0 else 1)
        before = total - numbers[chain]
        base = np.zeros(len(chain), dtype=np.int64)
        base[first] = before[first]
        starts = np.maximum.accumulate(np.where(first, np.arange(len(chain)), 0))
        counts[chain] = total - base[starts]
    alone = place == 0
    counts[alone] = numbers[alone]
    return counts


def decode_windows(texts: Sequence[bytes], height: int) -> list[Window]:
    """Decode compressed RLEs of photos that are ``height`` pixels high, each in its window."""
    if not texts:
        return []
    counts, lengths = parse_counts(texts)
    return windows_from_counts(counts, lengths, height)


def windows_from_counts(
    counts: NDArray[np.int64], lengths: NDArray[np.intp], height: int
) -> list[Window]:
    """Fill the window of each RLE from its run lengths; see `parse_counts` for the arrays."""
    owner, column, top, bottom = _column_runs(counts, lengths, height)
    windows = [EMPTY] * len(lengths)
    if len(owner) == 0:
        return windows
    first = np.flatnonzero(np.diff(owner, prepend=-1))
    present = owner[first]
    left = np.minimum.reduceat(column, first)
    upper = np.minimum.reduceat(top, first)
    columns = np.maximum.reduceat(column, first) - left + 1
    rows = np.maximum.reduceat(bottom, first) - upper
    areas = np.add.reduceat(bottom - top, first)
    size = columns * rows
    start = np.cumsum(size) - size
    run_window = np.repeat(np.arange(len(first)), np.diff(first, append=len(owner)))
    base = start[run_window] + (column - left[run_window]) * rows[run_window]
    edges = np.empty(2 * len(owner) + 1, dtype=np.int64)
    edges[0:-1:2] = base + top - upper[run_window]
    edges[1:-1:2] = base + bottom - upper[run_window]
    edges[-1] = size.sum()
    colour = (np.arange(len(edges)) & 1).astype(np.uint8)
    flat = np.repeat(colour, np.diff(edges, prepend=0))
    rows_columns = zip(
        *(part.tolist() for part in (present, start, columns, rows, left, upper, areas)),
        strict=True,
    )
    for index, begin, width, tall, x, y, area in rows_columns:
        turned = flat[begin : begin + width * tall].reshape(width, tall)
        windows[index] = Window(np.ascontiguousarray(turned.T), x, y, area)
    return windows


def _column_runs(
    counts: NDArray[np.int64], lengths: NDArray[np.intp], height: int
) -> tuple[NDArray[np.int64], ...]:
    """Foreground runs as (owner, column, first row, row after the last), none over two columns."""
    ends_of_rle = np.cumsum(lengths)
    starts_of_rle = ends_of_rle - lengths
    position = np.cumsum(counts)
    position -= np.repeat(position[starts_of_rle] - counts[starts_of_rle], lengths)
    place = np.arange(len(counts)) - np.repeat(starts_of_rle, lengths)
    foreground = ((place & 1) == 1) & (counts > 0)
    end = position[foreground]
    begin = end - counts[foreground]
    owner = np.repeat(np.arange(len(lengths)), lengths)[foreground]
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
