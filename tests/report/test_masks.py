"""``trashdata report``: the small masks of its gallery."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.coco import load
from helpers.report import (
    box_set,
    mixed_set,
    page_of,
    write_json,
)
from hypothesis import given
from hypothesis import strategies as st

from trashdata.coco.document import segmentation_shape
from trashdata.coco.read import read_document
from trashdata.mask_codec.raster import rasterise
from trashdata.mask_codec.rle import Window
from trashdata.report.mask_text import DIGITS, write_window
from trashdata.report.thumbnails import MAX_OBJECTS, small_windows


@pytest.fixture(scope="module")
def mixed(sample_set: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return mixed_set(sample_set, tmp_path_factory.mktemp("mixed") / "data")


@pytest.fixture
def boxes(tmp_path: Path) -> Path:
    folder = tmp_path / "boxes"
    write_json(folder / "train_all.json", box_set(folder))
    return folder


def read_numbers(text: str) -> list[int]:
    """The obvious reading of `trashdata.report.mask_text`, one digit after the other."""
    numbers, value, shift = [], 0, 0
    for letter in text:
        digit = DIGITS.index(letter)
        value += (digit % 32) << shift
        shift += 5
        if digit < 32:
            numbers.append(value)
            value = shift = 0
    return numbers


def read_mask(text: str, shape: tuple[int, int]) -> np.ndarray[Any, Any]:
    """A mask as a bitmap (H, W) of the photo."""
    x, y, width, height, *runs = read_numbers(text)
    flat = [k % 2 for k, run in enumerate(runs) for _ in range(run)]
    flat += [0] * (width * height - len(flat))
    photo = np.zeros(shape, dtype=np.uint8)
    photo[y : y + height, x : x + width] = np.array(flat, dtype=np.uint8).reshape(height, width)
    return photo


def test_masks_of_unscaled_photos_are_exact(mixed: Path, tmp_path: Path) -> None:
    document = read_document(mixed / "mixed.json")
    gallery = page_of(mixed, tmp_path, json="mixed.json").gallery
    for image, photo in zip(document.images, gallery["photos"], strict=True):
        rows = document.annotations_of.get(image.id, [])
        windows = rasterise([segmentation_shape(r, image) for r in rows], image.width, image.height)
        wanted = []
        for window in windows:
            bitmap = np.zeros((image.height, image.width), dtype=np.uint8)
            bitmap[window.slices] = window.bitmap
            wanted.append(bitmap.tobytes())
        found = [read_mask(o[3], (image.height, image.width)).tobytes() for o in photo["objects"]]
        assert sorted(found) == sorted(wanted)


@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 40), st.floats(0, 1))
def test_masks_survive_being_written(seed: int, height: int, width: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    bitmap = (rng.random((height, width)) < share).astype(np.uint8)
    x, y = rng.integers(0, 3000, 2).tolist()
    copy = bitmap.copy()
    text = write_window(Window(bitmap, x, y, int(bitmap.sum())))
    photo = read_mask(text, (y + height, x + width))
    assert (photo[y:, x:] == bitmap).all()
    assert photo.sum() == bitmap.sum()
    assert (bitmap == copy).all()


def test_scaled_masks_lie_where_they_should(tmp_path: Path) -> None:
    content = box_set(tmp_path, photos=1)
    content["images"][0] |= {"width": 1000, "height": 500}
    square = {"image_id": 0, "category_id": 1, "iscrowd": 0}
    rle = {"size": [500, 1000], "counts": [500 * 400 + 100, 200, 500 * 600 - 300]}
    content["annotations"] = [
        {**square, "id": 1, "segmentation": [[100, 100, 300, 100, 300, 200, 100, 200]]},
        {**square, "id": 2, "segmentation": [[901, 401, 901.5, 401, 901.5, 401.5, 901, 401.5]]},
        {**square, "id": 3, "segmentation": rle, "iscrowd": 1},
    ]
    document = read_document(write_json(tmp_path / "a.json", content))
    rows = document.annotations_of[0]
    large, tiny, column = small_windows(rows, document.images[0], (100, 50))
    assert large.box == (10, 10, 20, 10)
    assert large.area == 200
    assert (tiny.box, tiny.area) == ((90, 40, 1, 1), 1)
    assert column.box == (40, 10, 1, 20)
    assert column.area == 20


def test_ignored_regions_and_padding(boxes: Path, tmp_path: Path) -> None:
    content = load(boxes / "train_all.json")
    content["categories"].append({"id": 9, "name": "ignore", "supercategory": "void"})
    content["info"] = {"trashdata": {"ignore_category_ids": [9]}}
    content["annotations"][0]["category_id"] = 9
    content["images"][0]["trashdata"] = {"valid_box": [0, 0, 40, 20]}
    write_json(boxes / "train_all.json", content)
    gallery = page_of(boxes, tmp_path).gallery
    assert [entry["name"] for entry in gallery["classes"]] == ["Paper", "Battery"]
    region, padding = gallery["photos"][0]["objects"]
    assert region[0] == padding[0] == -1
    mask = read_mask(padding[3], (30, 40))
    assert mask[20:].all()
    assert not mask[:20].any()


def test_photos_with_very_many_objects_are_bounded(boxes: Path, tmp_path: Path) -> None:
    content = load(boxes / "train_all.json")
    row = content["annotations"][0]
    content["annotations"] += [row | {"id": 100 + k, "area": 1} for k in range(MAX_OBJECTS + 20)]
    write_json(boxes / "train_all.json", content)
    photo = page_of(boxes, tmp_path).gallery["photos"][0]
    assert len(photo["objects"]) == MAX_OBJECTS
    assert photo["unshown"] == 21
