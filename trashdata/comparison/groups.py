"""Groups of validation photos that count as one observation: scenes, or blocks of a video."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from .pixel_counts import Counts, classes_held

# Frames of a video that are nearer than this count as one observation.
BLOCK = 10


def numbered(keys: Sequence[Hashable]) -> NDArray[np.int64]:
    """Number groups by their first photo.

    Parameters
    ----------
    keys : for each photo what its group is called, such as a scene or a folder.

    Returns
    -------
    (P,) int64 from 0, without gaps.

    Examples
    --------
    >>> numbered(["b", "a", "b"]).tolist()
    [0, 1, 0]
    """
    numbers: dict[Hashable, int] = {}
    found = [numbers.setdefault(key, len(numbers)) for key in keys]
    return np.array(found, dtype=np.int64)


def blocks_of_frames(
    videos: Sequence[Hashable], order: Sequence[float], *, at_least: int = BLOCK
) -> NDArray[np.int64]:
    """Cut each video into blocks of successive frames.

    Parameters
    ----------
    videos : for each photo the video that it is a frame of.
    order : for each photo where it is in its video, such as the frame's number; ties by index.
    at_least : frames of a block, at least 1. A video's blocks are as equal as can be, and differ
        by one frame at most; a video with fewer frames than this is one block.

    Returns
    -------
    (P,) int64, the number of each photo's block, from 0.

    References
    ----------
    Künsch 1989, "The Jackknife and the Bootstrap for General Stationary Observations", Annals of
    Statistics 17(3): blocks keep the dependence of neighbours. His blocks overlap; these do not
    (Carlstein 1986), so that a block is drawn whole like a scene.

    Examples
    --------
    >>> blocks_of_frames(["v"] * 5, [3, 1, 2, 5, 4], at_least=2).tolist()
    [0, 0, 0, 1, 1]
    """
    if at_least < 1:
        raise ValueError(f"a block has at least 1 frame, not {at_least}")
    video = numbered(videos)
    blocks = np.zeros(len(video), dtype=np.int64)
    used = 0
    for number in range(len(set(video.tolist()))):
        frames = np.flatnonzero(video == number)
        frames = frames[np.argsort(np.asarray(order)[frames], kind="stable")]
        parts = np.array_split(frames, max(len(frames) // at_least, 1))
        for part in parts:
            blocks[part] = used
            used += 1
    return blocks


def sum_groups(photos: Counts, groups: NDArray[np.int64]) -> Counts:
    """Sum counts over the photos of each group.

    Parameters
    ----------
    photos : (S, P, C, 3) int64.
    groups : (P,) int64 from 0 to G - 1.

    Returns
    -------
    (S, G, C, 3) int64.
    """
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[order], prepend=-1))
    return np.add.reduceat(photos[:, order], starts, axis=1)


def groups_with_class(groups: Counts) -> NDArray[np.int64]:
    """On how many groups the mean and each class have true pixels.

    Parameters
    ----------
    groups : (S, G, C, 3) int64.

    Returns
    -------
    (1 + C,) int64; first, for the mean, the groups with a true pixel of any class.
    """
    held = classes_held(groups)
    return np.concatenate([[np.count_nonzero(held.sum(axis=1))], held.sum(axis=0)])
