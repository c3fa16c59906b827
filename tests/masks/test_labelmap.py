"""Painting label maps: the order, what lies on top, and a slow, obvious reference."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from pycocotools import mask as coco_mask

from trashdata.coco.document import Document
from trashdata.coco.read import read_document
from trashdata.mask_codec.png import encode_label_png, read_label_png
from trashdata.mask_codec.rle import Window
from trashdata.masks.labelmap import label_map, paint

SIZE = (20, 30)


def square(x: float, y: float, side: float) -> list[list[float]]:
    return [[x, y, x + side, y, x + side, y + side, x, y + side]]


def crowd(x: int, y: int, side: int) -> dict[str, Any]:
    bitmap = np.zeros(SIZE, dtype=np.uint8, order="F")
    bitmap[y : y + side, x : x + side] = 1
    rle = coco_mask.encode(bitmap)
    return {"size": list(SIZE), "counts": rle["counts"].decode()}


def document(
    folder: Path, annotations: list[dict[str, Any]], *, image: dict[str, Any] | None = None
) -> Document:
    """A file with one photo; categories 3, 5 and 40 are classes 1 to 3, and 41 is ignore."""
    content = {
        "info": {"trashdata": {"ignore_category_ids": [41]}},
        "images": [
            {"id": 0, "file_name": "a.jpg", "height": SIZE[0], "width": SIZE[1], **(image or {})}
        ],
        "annotations": [
            {"id": number, "image_id": 0, **annotation}
            for number, annotation in enumerate(annotations)
        ],
        "categories": [
            {"id": 40, "name": "c"},
            {"id": 41, "name": "ignore"},
            {"id": 3, "name": "a"},
            {"id": 5, "name": "b"},
        ],
    }
    path = folder / "some.json"
    path.write_bytes(msgspec.json.encode(content))
    return read_document(path)


def painted(folder: Path, annotations: list[dict[str, Any]], **more: Any) -> NDArray[np.uint8]:
    some = document(folder, annotations, **more)
    return label_map(some, some.images[0])


def reference(annotations: list[dict[str, Any]]) -> NDArray[np.uint8]:
    """Every object decoded at the photo's size, painted one by one."""
    classes = {3: 1, 5: 2, 40: 3, 41: 255}
    rows = []
    for number, annotation in enumerate(annotations):
        segmentation = annotation["segmentation"]
        rle = (
            coco_mask.merge(coco_mask.frPyObjects(segmentation, *SIZE))
            if isinstance(segmentation, list)
            else segmentation
        )
        mask = coco_mask.decode(rle).astype(bool)
        area = annotation.get("area") or 0
        area = area if area > 0 else int(mask.sum())
        value = classes[annotation["category_id"]]
        rows.append((value == 255, -area, number, value, mask))
    labels = np.zeros(SIZE, dtype=np.uint8)
    for _, _, _, value, mask in sorted(rows, key=lambda row: row[:3]):
        labels[mask] = value
    return labels


@st.composite
def objects(draw: st.DrawFn) -> list[dict[str, Any]]:
    drawn = []
    for _ in range(draw(st.integers(0, 6))):
        coordinate = st.floats(-5, 35, allow_nan=False)
        polygon = st.lists(coordinate, min_size=6, max_size=10).filter(lambda p: len(p) % 2 == 0)
        rle = st.builds(crowd, st.integers(0, 25), st.integers(0, 15), st.integers(1, 12))
        segmentation = draw(st.lists(polygon, min_size=1, max_size=2) | rle)
        area = draw(st.sampled_from([None, -1.0, 0.0, 20.0, 20.0, 100.5]))
        row = {"category_id": draw(st.sampled_from([3, 5, 40, 41])), "segmentation": segmentation}
        drawn.append(row if area is None else {**row, "area": area})
    return drawn


@given(objects())
@settings(max_examples=150, deadline=None)
def test_painting_is_that_of_the_slow_reference(
    tmp_path_factory: pytest.TempPathFactory, annotations: list[dict[str, Any]]
) -> None:
    folder = tmp_path_factory.mktemp("labels", numbered=True)
    assert np.array_equal(painted(folder, annotations), reference(annotations))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (7, 300)])
def test_windows_are_painted_in_place(shape: tuple[int, int], dtype: type[np.integer[Any]]) -> None:
    rng = np.random.default_rng(3)
    painted, expected = np.zeros(shape, dtype), np.zeros(shape, dtype)
    for value in range(1, 60):
        y, x = (int(rng.integers(side)) for side in shape)
        size = int(rng.integers(1, shape[0] - y + 1)), int(rng.integers(1, shape[1] - x + 1))
        bitmap = rng.integers(0, 2, size, dtype=np.uint8)
        paint(painted, Window(bitmap, x, y, int(bitmap.sum())), value)
        expected[y : y + size[0], x : x + size[1]][bitmap == 1] = value
    assert expected.any()
    assert np.array_equal(painted, expected)


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (7, 13), (512, 512)])
@pytest.mark.parametrize("values", [1, 2, 256])
def test_a_label_png_has_a_byte_a_pixel(
    shape: tuple[int, int], values: int, tmp_path: Path
) -> None:
    labels = np.random.default_rng(5).integers(0, values, shape, dtype=np.uint8)
    path = tmp_path / "labels.png"
    path.write_bytes(encode_label_png(labels))
    with Image.open(path) as image:
        image.load()
        assert (image.mode, len(image.getpalette() or [])) == ("P", 768)
    with Image.open(path) as image:
        image.verify()
    assert np.array_equal(read_label_png(path), labels)


def test_smaller_areas_lie_on_top_whatever_the_order_in_the_file(tmp_path: Path) -> None:
    rows = [
        {"category_id": 3, "segmentation": square(0, 0, 12), "area": 144},
        {"category_id": 5, "segmentation": square(2, 2, 6), "area": 36},
        {"category_id": 40, "segmentation": square(4, 4, 2), "area": 4},
    ]
    for order in itertools.permutations(rows):
        labels = painted(tmp_path, list(order))
        assert [labels[1, 1], labels[3, 3], labels[4, 4], labels[15, 15]] == [1, 2, 3, 0]


def test_the_field_counts_not_the_mask(tmp_path: Path) -> None:
    large = {"category_id": 3, "segmentation": square(0, 0, 12), "area": 1}
    small = {"category_id": 5, "segmentation": square(2, 2, 6), "area": 2}
    assert painted(tmp_path, [large, small])[3, 3] == 1


@pytest.mark.parametrize("missing", [{}, {"area": None}, {"area": 0}, {"area": -7.5}])
def test_an_area_that_is_missing_or_not_positive_is_the_masks(
    tmp_path: Path, missing: dict[str, Any]
) -> None:
    large = {"category_id": 3, "segmentation": square(0, 0, 12), **missing}
    small = {"category_id": 5, "segmentation": square(2, 2, 6), "area": 36}
    for rows in ([large, small], [small, large]):
        assert painted(tmp_path, rows)[3, 3] == 2


def test_of_equal_areas_the_higher_id_lies_on_top(tmp_path: Path) -> None:
    first = {"category_id": 3, "segmentation": square(0, 0, 6), "area": 36}
    second = {"category_id": 5, "segmentation": square(2, 2, 6), "area": 36}
    assert painted(tmp_path, [first, second])[3, 3] == 2
    assert painted(tmp_path, [second, first])[3, 3] == 1


def test_ignore_regions_are_painted_last(tmp_path: Path) -> None:
    ignored = {"category_id": 41, "segmentation": crowd(0, 0, 10), "iscrowd": 1, "area": 1000}
    tiny = {"category_id": 5, "segmentation": square(2, 2, 2), "area": 4}
    assert painted(tmp_path, [ignored, tiny])[3, 3] == 255


def test_crowds_are_painted_as_their_class(tmp_path: Path) -> None:
    row = {"category_id": 40, "segmentation": crowd(0, 0, 10), "iscrowd": 1, "area": 100}
    assert np.unique(painted(tmp_path, [row])).tolist() == [0, 3]


def test_outside_the_valid_box_all_is_ignored(tmp_path: Path) -> None:
    row = {"category_id": 3, "segmentation": square(0, 0, 12), "area": 144}
    labels = painted(tmp_path, [row], image={"trashdata": {"valid_box": [4, 2, 10, 5]}})
    inside = labels[2:7, 4:14]
    assert np.unique(inside).tolist() == [0, 1]
    assert int((labels == 255).sum()) == labels.size - inside.size
