"""COCO segmentations to bitmaps, exactly as pycocotools rasterises them.

pycocotools fills the polygons at their position in the photo: moved into a smaller window first,
some corners and slanted edges would round differently. Only the decoding is ours, see
`trashdata.mask_codec.rle`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from trashdata.mask_codec.rle import Window, decode_windows

Polygons: TypeAlias = Sequence[NDArray[np.float64]] | Sequence[list[float]]
"""One object: flat x0, y0, x1, y1, ... in pixels, arrays or lists, three corners or more each."""


def compress_polygons(polygons: Polygons, width: int, height: int) -> bytes:
    """Compressed ``counts`` of the union of polygons, in a photo of this size in pixels."""
    codes = coco_mask.frPyObjects(list(polygons), height, width)
    code = codes[0] if len(codes) == 1 else coco_mask.merge(codes)
    counts: bytes = code["counts"]
    return counts


def compress_counts(counts: str | bytes | Sequence[int], width: int, height: int) -> bytes:
    """The ``counts`` of an RLE in any of COCO's forms as compressed bytes."""
    if isinstance(counts, bytes):
        return counts
    if isinstance(counts, str):
        return counts.encode("ascii")
    rle: dict[str, Any] = {"size": [height, width], "counts": list(counts)}
    compressed: bytes = coco_mask.frPyObjects(rle, height, width)["counts"]
    return compressed


def rasterise(objects: Sequence[Polygons | bytes], width: int, height: int) -> list[Window]:
    """Rasterise the objects of one photo, each in its window.

    Parameters
    ----------
    objects : polygons, or compressed ``counts`` of an RLE of the photo's size.
    width, height : of the photo, in pixels; parts outside are cut as in pycocotools.
    """
    # One call for the polygons of all objects, since a call costs more than a polygon.
    polygons = [part for item in objects if not isinstance(item, bytes) for part in item]
    codes = coco_mask.frPyObjects(polygons, height, width) if polygons else []
    texts: list[bytes] = []
    taken = 0
    for item in objects:
        if isinstance(item, bytes):
            texts.append(item)
            continue
        part = codes[taken : taken + len(item)]
        taken += len(item)
        texts.append(part[0]["counts"] if len(part) == 1 else coco_mask.merge(part)["counts"])
    return decode_windows(texts, height)
