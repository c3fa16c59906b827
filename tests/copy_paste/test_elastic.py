"""Elastic deformation: one field bends photo and mask alike."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from helpers.coco import check_new_photos, load_coco, pasted
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from trashdata.copy_paste import OversampleOptions, oversample
from trashdata.copy_paste.options import MAX_ELASTIC
from trashdata.copy_paste.planning.elastic import Warp, displacement, warp_box, warp_mask

sizes = st.integers(1, 90)


@given(st.integers(0, 2**63 - 1), sizes, sizes, st.floats(0.01, MAX_ELASTIC))
@settings(max_examples=60, deadline=None)
def test_a_field_keeps_its_reach_and_does_not_fold(
    seed: int, width: int, height: int, strength: float
) -> None:
    warp = Warp(seed, strength * max(width, height))
    field = displacement(warp, width, height)
    assert field.shape == (height + 2 * warp.margin, width + 2 * warp.margin, 2)
    longest = np.hypot(field[..., 0], field[..., 1]).max()
    assert longest == pytest.approx(warp.reach, rel=1e-4)
    assert np.array_equal(field, displacement(warp, width, height))
    if min(width, height) >= 20:
        # Gradients by pixel; below, a cell of the noise is smaller than a pixel.
        down, across = np.gradient(field[..., 0]), np.gradient(field[..., 1])
        jacobian = (1 + down[1]) * (1 + across[0]) - down[0] * across[1]
        assert jacobian.min() > 0


@given(st.integers(0, 2**63 - 1), st.integers(2, 70), st.integers(2, 70), st.data())
@settings(max_examples=60, deadline=None)
def test_photo_and_mask_are_bent_alike(seed: int, width: int, height: int, data: Any) -> None:
    warp = Warp(seed, 0.08 * max(width, height))
    mask = np.zeros((height, width), dtype=np.uint8)
    mask[height // 4 : height // 4 * 3 + 1, width // 4 : width // 4 * 3 + 1] = 1
    bent = warp_mask(mask, warp)
    photo = np.dstack([mask * np.uint8(255)] * 3)
    assert bent.shape == (height + 2 * warp.margin, width + 2 * warp.margin)
    x = data.draw(st.integers(-warp.margin, width + warp.margin - 1))
    y = data.draw(st.integers(-warp.margin, height + warp.margin - 1))
    box = (x, y, width + warp.margin - x, height + warp.margin - y)
    seen = warp_box(photo, warp, box)[..., 0] >= 128
    part = bent[y + warp.margin :, x + warp.margin :]
    # Beyond the picture the photo repeats its edge, the mask ends: they differ there alone.
    if mask[[0, -1]].any() or mask[:, [0, -1]].any():
        assert (seen >= part).all()
    else:
        assert np.array_equal(seen, part)


def test_new_photos_show_the_object_where_their_masks_say(tmp_path: Path) -> None:
    """A white star on black: bent, flipped and resized pixels must fill the bent mask."""
    data = tmp_path / "data"
    data.mkdir()
    angles = np.arange(10) * np.pi / 5
    reach = np.where(np.arange(10) % 2, 24, 60)
    star = np.stack((100 + reach * np.cos(angles), 90 + reach * np.sin(angles)), axis=1)
    images, annotations = [], []
    for number, (width, height) in enumerate(((220, 180), (220, 180), (330, 270)), start=1):
        name = f"{number}.png"
        pixels = np.zeros((height, width, 3), dtype=np.uint8)
        polygon = [2.0, 2.0, 9.0, 2.0, 9.0, 8.0]
        if number == 1:
            polygon = [round(float(value), 2) for value in star.ravel()]
            cv2.fillPoly(pixels, [np.round(star).astype(np.int32)], (255, 255, 255))
        Image.fromarray(pixels).save(data / name)
        images.append({"id": number, "file_name": name, "width": width, "height": height})
        annotations.append(
            {"id": number, "image_id": number, "category_id": 1 + (number > 1), "area": 1,
             "segmentation": [polygon], "iscrowd": 0}
        )  # fmt: skip
    names = [{"id": 1, "name": "star"}, {"id": 2, "name": "speck"}]
    content = {"images": images, "annotations": annotations, "categories": names}
    (data / "train.json").write_text(json.dumps(content))
    options = OversampleOptions(
        patch=("star",), background=("speck",), num=20, elastic=0.1, vflip=0.5, blend="none",
        quality=100,
    )  # fmt: skip
    oversample(data, options)
    check_new_photos(data, "oversample")
    made = load_coco(data / "oversample.json")
    for annotation in pasted(made.dataset):
        photo = Image.open(data / made.imgs[annotation["image_id"]]["file_name"]).convert("L")
        white, mask = np.asarray(photo) > 100, made.annToMask(annotation) > 0
        assert not (white & ~mask).sum() > 0.01 * mask.sum()
        # fillPoly and pycocotools differ by half a pixel along the edge.
        assert (mask & ~white).sum() < 0.06 * mask.sum()
