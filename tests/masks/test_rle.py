"""Decoding RLE into windows, against pycocotools."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from trashdata.mask_codec.raster import compress_counts, rasterise
from trashdata.mask_codec.rle import Window, decode_windows, parse_counts

Bitmap = NDArray[np.uint8]


@st.composite
def bitmap_lists(draw: st.DrawFn) -> list[Bitmap]:
    """Up to five bitmaps of one shape."""
    shape = draw(arrays.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=30))
    one = arrays.arrays(np.uint8, shape, elements=st.integers(0, 1))
    empty, full = np.zeros(shape, np.uint8), np.ones(shape, np.uint8)
    return draw(st.lists(one | st.sampled_from([empty, full]), min_size=1, max_size=5))


def encoded(bitmap: Bitmap) -> bytes:
    counts: bytes = coco_mask.encode(np.asfortranarray(bitmap))["counts"]
    return counts


def run_lengths(bitmap: Bitmap) -> list[int]:
    """COCO's uncompressed counts, the slow way: column by column, background first."""
    counts, colour = [0], 0
    for pixel in bitmap.ravel(order="F").tolist():
        if pixel != colour:
            counts.append(0)
            colour = pixel
        counts[-1] += 1
    return counts


def whole(window: Window, shape: tuple[int, ...]) -> Bitmap:
    photo = np.zeros(shape, dtype=np.uint8)
    photo[window.slices] = window.bitmap
    return photo


@given(bitmap_lists())
@settings(max_examples=300, deadline=None)
def test_windows_are_what_pycocotools_decodes(bitmaps: list[Bitmap]) -> None:
    shape = bitmaps[0].shape
    texts = [encoded(bitmap) for bitmap in bitmaps]
    windows = decode_windows(texts, shape[0])
    for text, window, bitmap in zip(texts, windows, bitmaps, strict=True):
        rle = {"size": list(shape), "counts": text}
        assert np.array_equal(whole(window, shape), coco_mask.decode(rle))
        assert window.area == int(bitmap.sum()) == int(coco_mask.area(rle))
        if window.area:
            assert list(window.box) == coco_mask.toBbox(rle).astype(int).tolist()
        else:
            assert window.bitmap.shape == (0, 0)


def test_large_bitmap_with_long_runs() -> None:
    bitmap = np.zeros((2000, 1500), dtype=np.uint8)
    bitmap[:, 200:900] = 1
    bitmap[700:702, :] = 0
    (window,) = decode_windows([encoded(bitmap)], 2000)
    assert np.array_equal(whole(window, bitmap.shape), bitmap)


@given(bitmap_lists())
@settings(max_examples=100, deadline=None)
def test_counts_as_text_bytes_and_list_are_the_same(bitmaps: list[Bitmap]) -> None:
    height, width = bitmaps[0].shape
    text = encoded(bitmaps[0])
    forms = [text, text.decode(), run_lengths(bitmaps[0])]
    assert {compress_counts(form, width, height) for form in forms} == {text}
    assert parse_counts([text]).totals().tolist() == [height * width]


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=4))
@example([b""])
@example([b"11", b""])
@example([b"\xff"])
@example([b"o"])
@example([b"oooooooooooooooooooooo0"])
@settings(max_examples=400, deadline=None)
def test_garbage_is_a_value_error_or_numbers(texts: list[bytes]) -> None:
    try:
        runs = parse_counts(texts)
    except ValueError:
        return
    assert len(runs.totals()) == len(texts)


@given(st.text(alphabet=[chr(code) for code in range(48, 112)], max_size=30))
@settings(max_examples=400, deadline=None)
def test_garbage_in_the_right_characters(text: str) -> None:
    try:
        parse_counts([text.encode()])
    except ValueError:
        return


def test_nothing_to_decode() -> None:
    assert decode_windows([], 10) == []
    with pytest.raises(ValueError, match="not a compressed RLE"):
        parse_counts([b""])


def test_polygons_are_cut_at_the_photo_as_pycocotools_cuts_them() -> None:
    polygon = np.array([-5.0, -5.0, 12.5, 3.2, 25.0, 9.0, 3.0, 30.0])
    (window,) = rasterise([[polygon]], 20, 16)
    (code,) = coco_mask.frPyObjects([polygon], 16, 20)
    assert np.array_equal(whole(window, (16, 20)), coco_mask.decode(code))
