"""Which validation photos count as one."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trashdata.duplicates import SIDE, read_prints
from trashdata.prove.validation_groups import numbered_sequences, videos, with_blocks


def names(number: int, begin: str = "drive/f_") -> list[str]:
    return [f"{begin}{10 * k:05d}.jpg" for k in range(number)]


def drifting(number: int) -> NDArray[np.uint8]:
    """Photos of a scene that slowly moves past."""
    blocks = np.random.default_rng(1).integers(0, 256, (8, 8 + number))
    wide = np.kron(blocks, np.ones((8, 8))).astype(np.uint8)
    return np.stack([wide[:, 2 * k : 2 * k + SIDE] for k in range(number)])


def unrelated(number: int) -> NDArray[np.uint8]:
    rng = np.random.default_rng(2)
    small = rng.integers(0, 256, (number, 8, 8))
    return np.kron(small, np.ones((1, 8, 8))).astype(np.uint8)


def test_frames_of_a_video_are_found() -> None:
    assert videos(names(40), drifting(40)).tolist() == [0] * 40


def test_numbered_photos_that_differ_are_none() -> None:
    assert videos(names(40), unrelated(40)).tolist() == [-1] * 40


def test_a_video_has_two_blocks_at_least() -> None:
    assert set(videos(names(19), drifting(19)).tolist()) == {-1}
    assert set(videos(names(20), drifting(20)).tolist()) == {0}


def test_the_order_of_the_photos_is_that_of_their_numbers() -> None:
    order = np.random.default_rng(3).permutation(40)
    mixed = [names(40)[k] for k in order]
    video_of = videos(mixed, drifting(40)[order])
    assert set(video_of.tolist()) == {0}
    of_frame = with_blocks(np.arange(40), mixed, video_of)[np.argsort(order)]
    assert [len(set(of_frame[k : k + 10].tolist())) for k in range(0, 40, 10)] == [1, 1, 1, 1]
    assert len(set(of_frame.tolist())) == 4


def test_two_videos_are_two() -> None:
    both = [*names(20, "a/"), *names(20, "b/")]
    found = videos(both, np.concatenate([drifting(20), drifting(20)]))
    assert found.tolist() == [0] * 20 + [1] * 20


def test_photos_that_are_no_frames_keep_their_groups() -> None:
    groups = np.array([0, 0, *range(1, 21)])
    photos = ["x.jpg", "y.jpg", *names(20)]
    video_of = np.array([-1, -1, *[0] * 20])
    blocks = with_blocks(groups, photos, video_of)
    assert blocks[0] == blocks[1]
    assert len(set(blocks.tolist())) == 3


def test_names_without_a_number_are_in_no_sequence() -> None:
    assert numbered_sequences(["a.jpg", "b"]) == {}


def test_equal_photos_are_a_camera_that_does_not_move() -> None:
    still = np.repeat(unrelated(1), 30, axis=0)
    assert set(videos(names(30), still).tolist()) == {0}


def test_real_drives_are_videos_and_litter_is_not(shared_data: Path) -> None:
    for folder, root, file, blocks in (
        ("street-406", "street-406", "val.json", 10),
        ("litter-369", "litter-369/photos", "val.json", 122),
    ):
        content = json.loads((shared_data / folder / file).read_text())
        photos = [image["file_name"] for image in content["images"]]
        small = read_prints(shared_data / root, photos).small.reshape(-1, SIDE, SIDE)
        found = with_blocks(np.arange(len(photos)), photos, videos(photos, small))
        assert len(set(found.tolist())) == blocks
