"""Encoding of small masks as text that is safe inside HTML and JSON.

A mask is a window and its runs: x, y, width, height, then numbers of background and mask pixels in
turn, row by row. Each number is written in digits of five bits, the lowest first; a sixth bit is
set if more follow. The digits are those of URL-safe Base64. COCO's form would need escapes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trashdata.mask_codec.rle import Window

DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def write_numbers(numbers: list[int]) -> str:
    """Encode non-negative numbers as text.

    >>> write_numbers([0, 31, 32, 1000])
    'AfgBof'
    """
    digits = []
    for number in numbers:
        rest = number
        while rest > 31:
            digits.append(DIGITS[32 | rest & 31])
            rest >>= 5
        digits.append(DIGITS[rest])
    return "".join(digits)


def write_window(window: Window) -> str:
    """Encode a bitmap in its window as text."""
    return write_numbers([*window.box, *_runs(window.bitmap)])


def _runs(bitmap: NDArray[np.uint8]) -> list[int]:
    """Run lengths, row by row, background first, without the last background.

    >>> _runs(np.uint8([[0, 1, 1], [1, 0, 0]]))
    [1, 3]
    """
    edges = np.flatnonzero(np.diff(bitmap.ravel(), prepend=0, append=0))
    runs: list[int] = np.diff(edges, prepend=0).tolist()
    return runs
