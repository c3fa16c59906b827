"""Groups of photos: scenes, and blocks of frames."""

from __future__ import annotations

import numpy as np
import pytest

from trashdata.comparison import blocks_of_frames
from trashdata.comparison.groups import groups_with_class, sum_groups


def test_blocks_are_of_successive_frames_and_of_ten_at_least() -> None:
    videos = ["a"] * 37 + ["b"] * 9
    order = [*reversed(range(37)), *range(9)]
    blocks = blocks_of_frames(videos, order)
    assert [int((blocks == block).sum()) for block in range(4)] == [13, 12, 12, 9]
    assert (np.diff(blocks[:37][::-1]) >= 0).all()


@pytest.mark.parametrize("frames", [1, 9, 10, 19, 20, 101])
def test_no_video_has_a_block_under_ten_but_a_short_one(frames: int) -> None:
    sizes = np.bincount(blocks_of_frames(["v"] * frames, range(frames)))
    assert sizes.sum() == frames
    assert sizes.min() >= min(frames, 10)
    assert sizes.max() - sizes.min() <= 1


def test_a_block_of_no_frames_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        blocks_of_frames(["v"], [0], at_least=0)


def test_sums_of_groups() -> None:
    rng = np.random.default_rng(0)
    photos = rng.integers(0, 9, (2, 7, 3, 3))
    groups = np.array([2, 0, 1, 0, 2, 2, 1])
    expected = [[seed[groups == group].sum(axis=0) for group in range(3)] for seed in photos]
    assert np.array_equal(sum_groups(photos, groups), expected)


def test_groups_that_hold_a_class() -> None:
    groups = np.zeros((2, 4, 2, 3), dtype=np.int64)
    groups[:, [0, 1], 0, 2] = 1
    groups[:, [1], 1, 2] = 1
    assert groups_with_class(groups).tolist() == [2, 2, 1]
