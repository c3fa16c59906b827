"""Which objects are left out as donors, and that each reason is counted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from trashdata.copy_paste.donors.donors import find_donors
from trashdata.copy_paste.donors.quality import Silhouette, fault_of_shape, find_duplicates
from trashdata.copy_paste.donors.sources import source_photo

from trashdata.coco.read import read_document
from trashdata.mask_codec.rle import Window

SIDE = 100
SQUARE = [10, 10, 40, 10, 40, 40, 10, 40]


def bitmap(*boxes: tuple[int, int, int, int]) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Boxes x, y, width, height painted on 60 x 60 pixels."""
    painted = np.zeros((60, 60), dtype=np.uint8)
    for x, y, width, height in boxes:
        painted[y : y + height, x : x + width] = 1
    return painted


@pytest.mark.parametrize(
    ("boxes", "fault"),
    [
        ([(5, 5, 30, 30)], None),
        ([(5, 5, 4, 50)], None),
        ([(5, 5, 3, 50)], "thinner than 4 pixels"),
        ([(0, 0, 60, 3), (0, 0, 3, 60)], "thinner than 4 pixels"),
        ([(x, y, 8, 8) for x in (0, 20, 40) for y in (0, 20, 40)], "scattered in small parts"),
        ([(0, 0, 30, 30), (40, 40, 5, 5), (50, 50, 5, 5)], None),
    ],
)
def test_shapes(boxes: list[tuple[int, int, int, int]], fault: str | None) -> None:
    assert fault_of_shape(bitmap(*boxes)) == fault


@given(st.integers(1, 12), st.integers(1, 12))
def test_a_rectangle_is_a_sliver_by_its_shorter_side(width: int, height: int) -> None:
    fault = fault_of_shape(np.ones((height, width), dtype=np.uint8))
    assert (fault is None) == (min(width, height) >= 4)


def test_a_single_polygon_is_not_searched_for_parts() -> None:
    crumbs = bitmap(*[(x, y, 8, 8) for x in (0, 20, 40) for y in (0, 20, 40)])
    assert fault_of_shape(crumbs, polygons=1) is None
    assert fault_of_shape(crumbs, polygons=9) == "scattered in small parts"


def ellipse(x: int, y: int, width: int, height: int) -> Window:
    mask = np.zeros((height, width), dtype=np.uint8)
    centre = (width // 2, height // 2)
    cv2.ellipse(mask, centre, centre, 0.0, 0.0, 360.0, 1, -1)
    return Window(mask, x, y, int(mask.sum()))


def test_duplicates_are_near_in_place_shape_class_and_photo_size() -> None:
    size = (640, 480)
    first = Silhouette(1, size, ellipse(50, 60, 40, 30))
    again = Silhouette(1, size, ellipse(51, 58, 39, 32))
    others = [
        Silhouette(2, size, ellipse(50, 60, 40, 30)),
        Silhouette(1, (480, 640), ellipse(50, 60, 40, 30)),
        Silhouette(1, size, ellipse(60, 60, 40, 30)),
        Silhouette(1, size, Window(np.ones((30, 40), dtype=np.uint8), 50, 60, 1200)),
    ]
    assert find_duplicates([first, *others]) == set()
    assert find_duplicates([first, *others, again, again]) == {5, 6}
    assert find_duplicates([]) == set()


@given(st.integers(0, 40), st.integers(0, 40), st.integers(-6, 6), st.integers(-6, 6))
def test_cells_find_what_comparing_all_finds(x: int, y: int, right: int, down: int) -> None:
    one = Silhouette(1, (640, 480), ellipse(x + 10, y + 10, 30, 20))
    two = Silhouette(1, (640, 480), ellipse(x + 10 + right, y + 10 + down, 30, 20))
    assert find_duplicates([one, two]) == ({1} if one.near(two) else set())
    assert one.near(two) == (max(abs(right), abs(down)) <= 3)


def found(
    folder: Path, objects: list[tuple[int, list[int]]], **options: Any
) -> tuple[list[int], dict[str, int]]:
    """Annotation ids of the donors among (image, corners), and the reasons of the others."""
    annotations = [
        {"id": k, "image_id": image, "category_id": 1, "segmentation": [corners], "area": 9}
        for k, (image, corners) in enumerate(objects, start=1)
    ]
    images: list[dict[str, Any]] = [
        {"id": k, "file_name": f"{k}.jpg", "width": SIDE, "height": SIDE} for k in (1, 2, 3)
    ]
    images[2]["trashdata"] = {"background_image_id": options.pop("background", 99)}
    content = {
        "images": images,
        "annotations": annotations,
        "categories": [{"id": 1, "name": "Battery"}],
    }
    (folder / "set.json").write_text(json.dumps(content))
    document = read_document(folder / "set.json")
    donors, left_out = find_donors(
        [source_photo(document, image) for image in document.images],
        frozenset({1}),
        frozenset(),
        whole=False,
        cut_donors=False,
        **{"min_area": 64, "filtered": True} | options,
    )
    return [donor.objects[0].annotation_id for donor in donors], dict(left_out)


def test_every_reason_is_counted(tmp_path: Path) -> None:
    objects = [
        (1, SQUARE),
        (1, [60, 60, 66, 60, 66, 66, 60, 66]),
        (1, [50, 10, 95, 10, 95, 12, 50, 12]),
        (1, [0, 50, 20, 50, 20, 70, 0, 70]),
        (2, SQUARE),
        (2, [60, 10, 90, 10, 90, 40, 60, 40]),
    ]
    kept, reasons = found(tmp_path, objects)
    assert kept == [1, 6]
    assert reasons == {
        "tiny (--min-donor-area)": 1,
        "thinner than 4 pixels": 1,
        "cut by the photo's border": 1,
        "a duplicate of another": 1,
    }
    assert len(kept) + sum(reasons.values()) == len(objects)


def test_filters_can_be_loosened(tmp_path: Path) -> None:
    objects = [(1, SQUARE), (2, SQUARE), (1, [60, 60, 66, 60, 66, 66, 60, 66])]
    assert found(tmp_path, objects, filtered=False, min_area=1) == ([1, 3, 2], {})
    assert found(tmp_path, objects, min_area=1) == ([1, 3], {"a duplicate of another": 1})
    assert found(tmp_path, objects, filtered=False) == ([1, 2], {"tiny (--min-donor-area)": 1})


def test_copies_on_synthetic_photos_are_no_donors_where_their_source_is(tmp_path: Path) -> None:
    objects = [(1, SQUARE), (3, [50, 50, 80, 50, 80, 80, 50, 80])]
    assert found(tmp_path, objects, background=1) == ([1], {"a copy on a synthetic photo": 1})
    assert found(tmp_path, objects, background=99) == ([1, 2], {})
    assert found(tmp_path, objects, background=1, filtered=False) == ([1, 2], {})
