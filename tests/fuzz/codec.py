"""The mask codec both ways: RLE, polygons and label PNGs to bitmaps, and bitmaps to those."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from trashdata.coco.document import ImageRecord, RleRecord
from trashdata.coco.read import polygon_fault, rle_fault
from trashdata.coco.regions import class_regions, indices_present, region_segmentation
from trashdata.errors import UserError
from trashdata.mask_codec.png import encode_label_png, read_label_png
from trashdata.mask_codec.raster import Polygons, compress_counts, compress_polygons, rasterise
from trashdata.mask_codec.rle import Window, parse_counts
from trashdata.mask_codec.trace import trace

from .draw import Draw
from .promises import check_sentence, folder

Bitmap = NDArray[np.uint8]
MOST_PIXELS = 1_000_000

DICTIONARY = ("IHDR", "PLTE", "IDAT", "IEND", "tRNS", "iTXt", "zTXt", "acTL")


def seeds() -> Iterator[bytes]:
    rng = np.random.default_rng(0)
    for kind in range(len(KINDS)):
        for length in (3, 40, 400):
            yield bytes([kind]) + rng.bytes(length)
    for colours in (2, 5, 255):
        labels = rng.integers(0, colours, (9, 14)).astype(np.uint8)
        yield bytes([KINDS.index(_label_file)]) + encode_label_png(labels)
        mask = coco_mask.encode(np.asfortranarray(labels > 1))
        yield bytes([KINDS.index(_compressed), 9, 0, 14, 0]) + mask["counts"]


def check(data: bytes) -> None:
    draw = Draw(data)
    draw.one_of(KINDS)(draw)


def _side(draw: Draw, most: int = 40) -> int:
    return draw.integer(1, most)


def _whole(window: Window, shape: tuple[int, int]) -> Bitmap:
    photo = np.zeros(shape, dtype=np.uint8)
    photo[window.slices] = window.bitmap
    assert window.area == np.count_nonzero(photo)
    return photo


def _as_pycocotools(counts: bytes, shape: tuple[int, int]) -> Bitmap:
    decoded: Bitmap = coco_mask.decode({"size": list(shape), "counts": counts})
    return decoded


# --- from JSON to bitmaps -------------------------------------------------------------------


def _compressed(draw: Draw) -> None:
    """Any text as compressed counts, on a photo of any size that the reader lets pass."""
    height, width = draw.integer(1, 65535), draw.integer(1, 65535)
    text = draw.rest()
    with suppress(ValueError):
        parse_counts([text])
    record = RleRecord((height, width), text.decode("latin-1"))
    _painted(record, height, width)


def _uncompressed(draw: Draw) -> None:
    height, width = _side(draw), _side(draw)
    many = draw.integer(0, 30)
    huge = (-1, 0, 2**31, 2**33, 2**63, 10**20)
    counts = [
        draw.one_of(huge) if draw.integer(0, 20) == 20 else draw.integer(0, 60) for _ in range(many)
    ]
    left = height * width - sum(counts)
    if left >= 0 and draw.integer(0, 3):
        counts.append(left)
    _painted(RleRecord((height, width), counts), height, width)


def _painted(record: RleRecord, height: int, width: int) -> None:
    """An RLE that the reader lets pass is decoded as pycocotools decodes it."""
    fault = rle_fault(record, ImageRecord(1, "x", width, height))
    if fault is not None:
        assert fault[1].isprintable() or isinstance(record.counts, str)
        return
    if height * width > MOST_PIXELS:
        return
    counts = compress_counts(record.counts, width, height)
    (window,) = rasterise([counts], width, height)
    shape = height, width
    assert np.array_equal(_whole(window, shape), _as_pycocotools(counts, shape))


def _polygons(draw: Draw) -> None:
    """Any corners, on a photo of 1 to 300 pixels a side."""
    width, height = draw.integer(1, 300), draw.integer(1, 300)
    polygons: list[list[float]] = []
    for _ in range(draw.integer(1, 3)):
        corners = draw.integer(3, 12)
        polygon = [_coordinate(draw, width if k % 2 == 0 else height) for k in range(2 * corners)]
        if np.isfinite(polygon).all() and polygon_fault(polygon, width, height) is None:
            polygons.append(polygon)
    if polygons:
        shape = height, width
        (window,) = rasterise([polygons], width, height)
        counts = compress_polygons(polygons, width, height)
        assert np.array_equal(_whole(window, shape), _as_pycocotools(counts, shape))


def _coordinate(draw: Draw, side: int) -> float:
    kind = draw.integer(0, 3)
    if kind == 0:
        return draw.real()
    if kind == 1:
        return float(draw.integer(-side, 2 * side))
    return draw.integer(-65536, 131072) / 65536 * side


def _label_file(draw: Draw) -> None:
    """Any bytes as a label PNG."""
    path = folder() / "label.png"
    path.write_bytes(draw.rest())
    try:
        labels = read_label_png(path)
    except UserError as error:
        check_sentence(error)
    else:
        assert labels.dtype == np.uint8
        assert labels.ndim == 2


# --- from bitmaps to JSON and PNG, and back --------------------------------------------------


def _bitmap(draw: Draw) -> None:
    shape = _side(draw), _side(draw)
    bitmap = draw.indices(shape, 2)
    counts = coco_mask.encode(np.asfortranarray(bitmap))["counts"]
    (window,) = rasterise([counts], shape[1], shape[0])
    assert np.array_equal(_whole(window, shape), bitmap)
    polygons: Polygons = [polygon.ravel().astype(np.float64) for polygon in trace(bitmap)]
    assert bool(polygons) == bool(bitmap.any())
    if polygons:
        (window,) = rasterise([polygons], shape[1], shape[0])
        assert np.array_equal(_whole(window, shape), bitmap)


def _labels(draw: Draw) -> None:
    shape = _side(draw, 16), _side(draw, 16)
    labels = draw.indices(shape, draw.one_of((2, 3, 10, 255)))
    path = folder() / "label.png"
    path.write_bytes(encode_label_png(labels))
    assert np.array_equal(read_label_png(path), labels)
    again = np.zeros_like(labels)
    for index, regions in class_regions(labels, [k for k in indices_present(labels) if k]):
        for region in regions:
            polygons = region_segmentation([region], "polygon", shape)
            rle = region_segmentation([region], "rle", shape)
            one, other = rasterise([polygons, rle["counts"].encode()], shape[1], shape[0])
            assert np.array_equal(one.bitmap, other.bitmap)
            assert one.box == other.box == region.box
            assert one.area == other.area == region.area
            again[one.slices][one.bitmap.view(np.bool_)] = index
    assert np.array_equal(again, labels)


KINDS = (_compressed, _uncompressed, _polygons, _label_file, _bitmap, _labels)
