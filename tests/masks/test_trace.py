"""Tracing: polygons that pycocotools turns back into the very same bitmap."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from trashdata.mask_codec.rle import Window
from trashdata.mask_codec.trace import Region, trace, trace_windows

Bitmap = NDArray[np.uint8]


@st.composite
def noisy_bitmaps(draw: st.DrawFn) -> Bitmap:
    shape = draw(arrays.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=24))
    bitmap: Bitmap = draw(arrays.arrays(np.uint8, shape, elements=st.integers(0, 1)))
    return bitmap


@st.composite
def smooth_bitmaps(draw: st.DrawFn) -> Bitmap:
    """Blobs with holes, islands in holes, and parts cut by the border."""
    height, width = draw(st.integers(1, 64)), draw(st.integers(1, 64))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    field = cv2.GaussianBlur(rng.standard_normal((height, width)), (0, 0), draw(st.floats(0.5, 5)))
    return (field > np.quantile(field, draw(st.floats(0.1, 0.9)))).astype(np.uint8)


bitmaps = noisy_bitmaps() | smooth_bitmaps()


def filled(polygons: list[NDArray[np.int32]], shape: tuple[int, ...]) -> Bitmap:
    """What pycocotools makes of the polygons of one annotation."""
    if not polygons:
        return np.zeros(shape, dtype=np.uint8)
    lists = [polygon.ravel().tolist() for polygon in polygons]
    bitmap: Bitmap = coco_mask.decode(coco_mask.merge(coco_mask.frPyObjects(lists, *shape)))
    return bitmap


def components(bitmap: Bitmap) -> NDArray[np.int32]:
    """x, y, width, height, area of the 8-connected components, in the order of their boxes."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(bitmap, connectivity=8)
    return np.array(sorted(stats[1:].tolist()), dtype=np.int32).reshape(-1, 5)


def regions_of(bitmap: Bitmap) -> list[Region]:
    return trace_windows([Window(bitmap, 0, 0, int(bitmap.sum()))])[0]


@given(bitmaps)
@settings(max_examples=400, deadline=None)
def test_polygons_give_the_bitmap_back(bitmap: Bitmap) -> None:
    before = bitmap.copy()
    assert np.array_equal(filled(trace(bitmap), bitmap.shape), bitmap)
    assert np.array_equal(bitmap, before)


@given(bitmaps)
@settings(max_examples=300, deadline=None)
def test_regions_are_the_8_connected_components(bitmap: Bitmap) -> None:
    regions = regions_of(bitmap)
    found = sorted([*region.box, region.area] for region in regions)
    assert found == components(bitmap).tolist()
    for region in regions:
        own = filled(list(region.polygons), bitmap.shape)
        assert len(components(own)) == 1
        assert int(own.sum()) == region.area


@given(bitmaps)
@settings(max_examples=200, deadline=None)
def test_polygons_are_disjoint_without_holes_and_have_an_area(bitmap: Bitmap) -> None:
    cover = np.zeros(bitmap.shape, dtype=np.int64)
    for polygon in trace(bitmap):
        assert polygon.dtype == np.int32
        assert cv2.contourArea(polygon) >= 1
        part = filled([polygon], bitmap.shape)
        # A hole is a part of the background that the outside does not reach; 4-connected.
        outside, _ = cv2.connectedComponents(np.pad(1 - part, 1, constant_values=1), connectivity=4)
        assert outside == 2
        cover += part
    assert cover.max(initial=0) <= 1


@given(st.lists(bitmaps, max_size=4), st.integers(0, 30), st.integers(0, 30))
@settings(max_examples=100, deadline=None)
def test_windows_are_traced_at_their_place_each_as_alone(
    several: list[Bitmap], x: int, y: int
) -> None:
    windows = [Window(bitmap, x, y, 0) for bitmap in several]
    for window, regions in zip(windows, trace_windows(windows), strict=True):
        polygons = [polygon for region in regions for polygon in region.polygons]
        height, width = window.bitmap.shape
        photo = filled(polygons, (y + height, x + width))
        assert np.array_equal(photo[y:, x:], window.bitmap)
        assert int(photo.sum()) == int(window.bitmap.sum())
        for region in regions:
            corners = np.concatenate(region.polygons)
            low, high = corners.min(axis=0), corners.max(axis=0)
            assert region.box == (*low.tolist(), *(high - low).tolist())


@pytest.mark.parametrize(
    "rows",
    [
        ["#"],
        ["#.", ".#"],
        ["###", "#.#", "###"],
        ["#####", "#...#", "#.#.#", "#...#", "#####"],
        [".#.", "#.#", ".#."],
        ["#.#.#", ".#.#.", "#.#.#"],
        ["#######", "#.#.#.#", "#######", "#.#.#.#", "#######"],
    ],
)
def test_small_shapes_that_are_easily_got_wrong(rows: list[str]) -> None:
    bitmap = np.array([[c == "#" for c in row] for row in rows], dtype=np.uint8)
    assert np.array_equal(filled(trace(bitmap), bitmap.shape), bitmap)


def test_nothing_has_no_regions() -> None:
    assert trace_windows([]) == []
    assert regions_of(np.zeros((5, 7), dtype=np.uint8)) == []
    assert trace(np.zeros((0, 0), dtype=np.uint8)) == []
