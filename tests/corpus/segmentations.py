"""Polygons and RLEs."""

from __future__ import annotations

from typing import Any

import numpy as np
from pycocotools import mask as coco_mask

from .base import ALL, HEIGHT, NONE, PAINT, WIDTH, Case, annotation, kinds, lacking, square

NAN = float("nan")
PIXELS = WIDTH * HEIGHT


def _refused(name: str, segmentation: Any, kind: str, says: str) -> Case:
    spoil = annotation(segmentation=segmentation)
    return Case(name, spoil, kinds(kind), f"annotation 5: .*{says}", PAINT)


def _drawn(
    name: str, segmentation: Any, area: Any, bbox: Any, *found: str, notes: Any = NONE
) -> Case:
    """One that can be worked with; area and bbox fit unless that is the point."""
    spoil = annotation(segmentation=segmentation, area=area, bbox=bbox)
    return Case(name, spoil, kinds(*found), notes=frozenset(notes))


def _bitmap() -> Any:
    """Two parts, one with a hole; 20 x 20 at (3, 8) in all."""
    bitmap = np.zeros((HEIGHT, WIDTH), dtype=np.uint8)
    bitmap[8:28, 3:13] = 1
    bitmap[12:16, 5:9] = 0
    bitmap[10:28, 17:23] = 1
    return bitmap


def _compressed() -> str:
    text: bytes = coco_mask.encode(np.asfortranarray(_bitmap()))["counts"]
    return text.decode()


def _uncompressed() -> list[int]:
    flat = _bitmap().ravel(order="F")
    edges = np.flatnonzero(np.diff(flat, prepend=0)).tolist()
    return np.diff([0, *edges, flat.size]).tolist()


def _rle(counts: Any, size: Any = (HEIGHT, WIDTH)) -> dict[str, Any]:
    return {"size": list(size), "counts": counts}


_AREA, _BOX = int(_bitmap().sum()), [3, 8, 20, 20]
_SQUARE = square(3, 8, 21)
_FAR = [3, 8, 24, 8, 24, 29, 3, 9e9]

CASES = [
    _refused("polygon of four numbers", [[1, 2, 3, 4]], "polygon-four", "one of 4 numbers"),
    _refused("polygon of a point", [[1, 2]], "polygon-short", "one of 2 numbers"),
    _refused("polygon of nothing", [[]], "polygon-short", "one of 0 numbers"),
    _refused("odd polygon", [[1, 2, 3, 4, 5, 6, 7]], "polygon-odd", "of 7 numbers"),
    _refused("second polygon odd", [_SQUARE, [1, 2, 3, 4, 5, 6, 7]], "polygon-odd", "of 7 numbers"),
    _refused("huge polygon", [_FAR], "polygon-huge", r"9e\+09 on a side of 48 pixels"),
    _refused("polygon of another photo's size", [square(300, 300, 50)], "polygon-huge", "350"),
    Case(
        "polygon with NaN",
        annotation(segmentation=[[1, 2, NAN, 4, 5, 6]]),
        kinds("not-a-number"),
        "annotation 5: .* NaN",
        ALL,
    ),
    Case(
        "polygon with Infinity",
        annotation(segmentation=[_SQUARE, [1, 2, float("-inf"), 4, 5, 6]]),
        kinds("not-a-number"),
        "annotation 5: .* Infinity",
        ALL,
    ),
    _refused("empty segmentation", [], "segmentation-empty", "an empty segmentation"),
    _refused("null segmentation", None, "segmentation-empty", "an empty segmentation"),
    Case(
        "no segmentation",
        lacking("annotations", 4, "segmentation"),
        kinds("segmentation-empty"),
        "annotation 5: .* an empty segmentation",
        PAINT,
    ),
    _refused("text as segmentation", "1 2 3", "record-malformed", "str in"),
    _refused("flat list", _SQUARE, "record-malformed", "instead of array"),
    _refused("list too deep", [[_SQUARE]], "record-malformed", "array instead of float"),
    _refused("pairs of points", [[[1, 2], [3, 4], [5, 6]]], "record-malformed", "array instead of"),
    _refused("text in a polygon", [["1", 2, 3, 4, 5, 6]], "record-malformed", "str instead of"),
    _refused("null in a polygon", [[None, 2, 3, 4, 5, 6]], "record-malformed", "null instead of"),
    _refused("segmentation true", True, "record-malformed", "bool in"),
    _drawn("bow tie", [[3, 8, 24, 29, 24, 8, 3, 29]], 221, [3, 8, 21, 21], "polygon-crossing"),
    _drawn(
        "polygon over the edge",
        [square(60, 8, 20)],
        240,
        [60, 8, 12, 20],
        notes=["polygon-outside"],
    ),
    _drawn(
        "polygon outside",
        [square(80, 8, 20)],
        400,
        [80, 8, 20, 20],
        "mask-empty",
        notes=["polygon-outside"],
    ),
    _drawn("polygon without area", [[5, 5, 5, 5, 5, 5]], 1, [5, 5, 0, 0], "mask-empty"),
    _drawn(
        "fractional polygon",
        [[3.3, 8.2, 24.1, 8.4, 24.2, 29.3, 3.4, 29.1]],
        433.04,
        [3.3, 8.2, 20.9, 21.1],
        notes=["bbox-fractional", "area-rounded"],
    ),
    _drawn("several polygons", [square(3, 8, 8), square(16, 21, 8)], 128, [3, 8, 21, 21]),
    _drawn("polygon of equal points", [[3, 8, 3, 8, 24, 8, 24, 29, 3, 29]], 441, [3, 8, 21, 21]),
    _drawn("polygon closed by its first point", [[*_SQUARE, 3, 8]], 441, [3, 8, 21, 21]),
    _drawn("compressed RLE", _rle(_compressed()), _AREA, _BOX),
    _drawn("uncompressed RLE", _rle(_uncompressed()), _AREA, _BOX, notes=["rle-uncompressed"]),
    _drawn(
        "RLE without a pixel",
        _rle([PIXELS]),
        9,
        [1, 1, 3, 3],
        "mask-empty",
        notes=["rle-uncompressed"],
    ),
    _refused("RLE as Python writes bytes", _rle(str(_compressed().encode())), "rle-bytes", "b'"),
    _refused("RLE of another size", _rle([81], (9, 9)), "rle-size", r"size \[9, 9\]"),
    _refused("RLE of swapped size", _rle([PIXELS], (WIDTH, HEIGHT)), "rle-size", "size"),
    _refused("RLE of 100,000 x 100,000", _rle([10**10], (10**5, 10**5)), "rle-size", "size"),
    _refused("RLE that doesn't add up", _rle([50, 20]), "rle-counts", "a sum of 70"),
    _refused("RLE of negative runs", _rle([-5, PIXELS + 5]), "rle-counts", "can't be read"),
    _refused("RLE of huge runs", _rle([2**40, 1]), "rle-counts", "can't be read"),
    _refused("RLE that is garbage", _rle("~~~ ~"), "rle-counts", "can't be read"),
    _refused("RLE cut off", _rle(_compressed()[:-1] + "o"), "rle-counts", "can't be read"),
    _refused("RLE in another script", _rle("маска"), "rle-counts", "can't be read"),
    _refused("RLE without counts", {"size": [HEIGHT, WIDTH]}, "record-malformed", "no counts"),
    _refused("RLE without size", {"counts": _compressed()}, "record-malformed", "no size"),
    _refused("RLE of empty counts", _rle([]), "rle-counts", "a sum of 0"),
    _refused("RLE of empty text", _rle(""), "rle-counts", "can't be read"),
    _refused("RLE counts with points", _rle([1.5, 2]), "record-malformed", "float instead of int"),
    _refused("RLE size of three", _rle([1], (1, 2, 3)), "record-malformed", "length"),
]
