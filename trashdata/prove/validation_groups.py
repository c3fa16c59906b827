"""Groups of validation photos: what counts as one observation."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trashdata.comparison import blocks_of_frames
from trashdata.comparison.groups import BLOCK

VIDEO_RATIO = 0.6
"""Numbered photos are frames of a video if successive ones differ by less than this share of what
any two of them differ by, in the median.

Measured on gray copies of 8 x 8 pixels: 0.34 and 0.49 on two drives with a frame a second, 0.74 to
0.94 on photos of litter that were taken one after the other, 0.97 to 1.03 on photos of COCO."""
_SMALL = 8
_PAIRS = 2000

_NUMBERED = re.compile(r"(.*?)(\d+)(\.\w+)?", re.DOTALL)


def numbered_sequences(names: Sequence[str]) -> dict[str, list[tuple[int, int]]]:
    """Photos whose names differ in their last number alone.

    Returns
    -------
    For each beginning of a name: the number of each photo and its index, by rising number.

    Examples
    --------
    >>> numbered_sequences(["a/f_020.jpg", "a/f_010.jpg", "b.jpg"])
    {'a/f_': [(10, 1), (20, 0)]}
    """
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for index, name in enumerate(names):
        match = _NUMBERED.fullmatch(name)
        if match is not None:
            found[match[1]].append((int(match[2]), index))
    return {begin: sorted(photos) for begin, photos in found.items()}


def videos(names: Sequence[str], small: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The video that each photo is a frame of.

    Parameters
    ----------
    names : P file names.
    small : (P, side, side) uint8 gray copies, side a multiple of 8; see
        `trashdata.duplicates.Prints`.

    Returns
    -------
    (P,) int64, from 0; -1 for a photo that is none. A video has at least two blocks of frames.
    """
    found = np.full(len(names), -1, dtype=np.int64)
    reduced = _reduced(small)
    number = 0
    for photos in numbered_sequences(names).values():
        members = [index for _, index in photos]
        if len(members) >= 2 * BLOCK and _successive_ratio(reduced[members]) < VIDEO_RATIO:
            found[members] = number
            number += 1
    return found


def _reduced(small: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(P, 64) means of blocks."""
    photos, side, _ = small.shape
    step = side // _SMALL
    blocks = small.reshape(photos, _SMALL, step, _SMALL, step).mean(axis=(2, 4))
    reduced: NDArray[np.float64] = blocks.reshape(photos, -1)
    return reduced


def _successive_ratio(frames: NDArray[np.float64]) -> float:
    """How much successive photos differ, over how much any two do; medians."""
    rng = np.random.default_rng(0)
    one, other = rng.integers(len(frames), size=(2, _PAIRS))
    apart = one != other
    any_two = np.linalg.norm(frames[one[apart]] - frames[other[apart]], axis=1)
    successive = np.linalg.norm(frames[1:] - frames[:-1], axis=1)
    # Equal photos under many names are frames of a camera that does not move.
    return float(np.median(successive) / max(np.median(any_two), 1e-9))


def with_blocks(
    groups: NDArray[np.int64], names: Sequence[str], video_of: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Put the frames of each video in blocks of neighbours, instead of their groups.

    Parameters
    ----------
    groups : (P,) int64 of photos that are no frames.
    names : P file names; their numbers are the order of the frames.
    video_of : (P,) int64, see `videos`.

    Returns
    -------
    (P,) int64 from 0 without gaps.
    """
    order = np.zeros(len(names))
    for photos in numbered_sequences(names).values():
        for number, index in photos:
            order[index] = number
    frames = np.flatnonzero(video_of >= 0)
    joined = groups.copy()
    if len(frames):
        blocks = blocks_of_frames(video_of[frames].tolist(), order[frames].tolist())
        joined[frames] = groups.max(initial=-1) + 1 + blocks
    return np.unique(joined, return_inverse=True)[1].astype(np.int64)
