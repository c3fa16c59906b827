"""Near-duplicates: a photo saved again is one, a photo on which an object moved is none."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from trashdata.duplicates import near_duplicates, read_prints

Pixels = NDArray[np.uint8]


def background(side: int, rng: np.random.Generator) -> Pixels:
    """A photo without objects: soft blotches."""
    blotches = rng.integers(30, 220, (6, 6, 3)).astype(np.uint8)
    return cv2.resize(blotches, (side, side), interpolation=cv2.INTER_CUBIC).astype(np.uint8)


def photo(
    empty: Pixels, position: tuple[int, int], share: float, rng: np.random.Generator
) -> Pixels:
    """The background with a dark disc at a position, and the camera's noise."""
    pixels = empty.copy()
    cv2.circle(pixels, position, round(share * len(empty) / 2), (20, 20, 20), -1)
    noisy = pixels + rng.normal(0, 3, pixels.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("share", [0.05, 0.1])
def test_objects_that_moved_before_a_fixed_camera_make_another_photo(
    tmp_path: Path, share: float
) -> None:
    rng = np.random.default_rng(3)
    empty = background(512, rng)
    positions = [(100, 100), (400, 120), (250, 250), (120, 420), (440, 400)]
    for k, position in enumerate(positions):
        pixels = photo(empty, position, share, rng)
        cv2.imwrite(str(tmp_path / f"{k}.jpg"), pixels, [cv2.IMWRITE_JPEG_QUALITY, 90])
        cv2.imwrite(str(tmp_path / f"{k}_again.jpg"), pixels, [cv2.IMWRITE_JPEG_QUALITY, 40])
    names = [f"{k}{again}.jpg" for k in range(5) for again in ("", "_again")]
    pairs = near_duplicates(read_prints(tmp_path, names)).tolist()
    assert pairs == [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9]]


def test_the_same_position_twice_is_the_same_photo(tmp_path: Path) -> None:
    # Only the noise differs.
    rng = np.random.default_rng(3)
    empty = background(512, rng)
    for k in range(2):
        cv2.imwrite(str(tmp_path / f"{k}.png"), photo(empty, (250, 250), 0.1, rng))
    assert near_duplicates(read_prints(tmp_path, ["0.png", "1.png"])).tolist() == [[0, 1]]


@pytest.mark.parametrize("folder", ["litter-369/photos", "street-406", "recycling-512"])
def test_real_photos_saved_again_are_near_duplicates(
    shared_data: Path, tmp_path: Path, folder: str
) -> None:
    chosen = sorted((shared_data / folder).rglob("*.jpg"))[::29][:5]
    assert chosen
    names: list[str] = []
    for k, path in enumerate(chosen):
        pixels = cv2.imread(str(path))
        assert pixels is not None
        for quality, scale in ((95, 1.0), (30, 1.0), (60, 0.5), (75, 0.77), (85, 1.3), (95, 1.5)):
            how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
            again = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=how)
            names.append(f"{k}_{quality}_{scale}.jpg")
            cv2.imwrite(str(tmp_path / names[-1]), again, [cv2.IMWRITE_JPEG_QUALITY, quality])
    of = [k // 6 for k in range(len(names))]
    expected = [[i, j] for i in range(len(of)) for j in range(i + 1, len(of)) if of[i] == of[j]]
    assert near_duplicates(read_prints(tmp_path, names)).tolist() == expected


def test_neighbouring_frames_of_a_drive_are_other_photos(shared_data: Path) -> None:
    root = shared_data / "street-406"
    names = [str(path.relative_to(root)) for path in sorted(root.rglob("*.jpg"))]
    pairs = near_duplicates(read_prints(root, names)).tolist()
    assert len(names) == 406
    # Frames that are a fifteenth of a second apart, while the car hardly moved.
    assert len(pairs) <= 25
    assert all(other - one <= 2 for one, other in pairs)
