"""Checks of an annotation's bbox, area and iscrowd against its mask."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import cv2
import numpy as np

from trashdata.coco.diagnose import holds_non_finite
from trashdata.coco.document import ImageRecord
from trashdata.errors import printable
from trashdata.mask_codec.rle import Window

from .findings import Fix, SetFields

Fault = tuple[str, str, Fix | None]
Box: TypeAlias = tuple[float, float, float, float]

# Tolerance between a fractional polygon and its pixels: pixels, and share of a side or an area.
_BOX_PIXELS = 1.5
_SHARE = 0.02


@dataclass(frozen=True)
class Mask:
    """Measures of an annotation's mask.

    ``window``: its bitmap; ``corners``: the polygons' extents x, y, width, height;
    ``polygon_area``: their area by the shoelace formula; ``outline``: the length of their outlines,
    all in pixels; for an RLE those of the bitmap.
    """

    window: Window
    corners: Box
    polygon_area: float
    outline: float
    polygons: int

    @classmethod
    def of(cls, window: Window, shape: Sequence[Sequence[float]] | bytes) -> Mask:
        """Measure a bitmap and the shape that it was made from."""
        box = window.box
        if isinstance(shape, bytes):
            return cls(window, box, window.area, 2.0 * (box[2] + box[3]), 0)
        parts = [np.array(polygon, dtype=np.float64).reshape(-1, 2) for polygon in shape]
        low = np.min([part.min(axis=0) for part in parts], axis=0)
        size = np.max([part.max(axis=0) for part in parts], axis=0) - low
        steps = [np.roll(part, -1, axis=0) - part for part in parts]
        return cls(
            window,
            (float(low[0]), float(low[1]), float(size[0]), float(size[1])),
            sum(_area(part, step) for part, step in zip(parts, steps, strict=True)),
            sum(float(np.hypot(step[:, 0], step[:, 1]).sum()) for step in steps),
            len(parts),
        )


def _area(corners: Any, steps: Any) -> float:
    return float(abs((corners[:, 0] * steps[:, 1] - corners[:, 1] * steps[:, 0]).sum()) / 2)


# --- bbox -----------------------------------------------------------------------------------


def box_faults(record: Mapping[str, Any], mask: Mask | None, image: ImageRecord) -> Iterator[Fault]:
    """Faults of ``bbox``; without a mask, only those visible without it."""
    fix = None if mask is None else SetFields({"bbox": list(mask.window.box)})
    value = record.get("bbox")
    if value is None or value == []:
        yield "bbox-missing", "none", fix
        return
    box = _as_box(value)
    if box is None:
        if holds_non_finite(value):
            return  # already reported
        yield "bbox-malformed", printable(str(value)[:60]), fix
        return
    if mask is not None and not _fits(box, mask):
        order = _other_order(box, mask)
        if order:
            yield "bbox-order", f"{_text(box)}, which fits as {order}", fix
        else:
            yield "bbox-mask", f"{_text(box)}, the mask's is {_text(mask.window.box)}", fix
        return
    out = max(-box[0], -box[1], box[0] + box[2] - image.width, box[1] + box[3] - image.height)
    if out > 0.5:
        yield "bbox-outside", f"{_text(box)}, {out:.4g} px outside", fix
    if any(not edge.is_integer() for edge in box):
        yield "bbox-fractional", _text(box), None


def _as_box(value: Any) -> Box | None:
    if not isinstance(value, list) or len(value) != 4:
        return None
    if any(isinstance(edge, bool) or not isinstance(edge, int | float) for edge in value):
        return None
    try:
        x, y, width, height = map(float, value)
    except OverflowError:
        return None
    fine = all(map(math.isfinite, (x, y, width, height))) and min(width, height) >= 0
    return (x, y, width, height) if fine else None


def _text(box: Box) -> str:
    return "[" + ", ".join(f"{edge:.6g}" for edge in box) + "]"


def _fits(box: Box, mask: Mask) -> bool:
    return any(_close(box, other) for other in (mask.window.box, mask.corners))


def _close(box: Box, other: Box) -> bool:
    """Whether the four edges are at the same positions."""
    limits = [max(_BOX_PIXELS, _SHARE * side) for side in other[2:]]
    edges = (
        (box[0] - other[0], limits[0]),
        (box[1] - other[1], limits[1]),
        (box[0] + box[2] - other[0] - other[2], limits[0]),
        (box[1] + box[3] - other[1] - other[3], limits[1]),
    )
    return all(abs(off) <= limit for off, limit in edges)


def _other_order(box: Box, mask: Mask) -> str:
    """The order in which the four numbers would fit the mask, or empty."""
    a, b, c, d = box
    orders = {
        "x1, y1, x2, y2": (a, b, c - a, d - b),
        "y, x, height, width": (b, a, d, c),
        "y1, x1, y2, x2": (b, a, d - b, c - a),
        "centre x, centre y, width, height": (a - c / 2, b - d / 2, c, d),
    }
    return next((name for name, read in orders.items() if _fits(read, mask)), "")


# --- area and iscrowd -----------------------------------------------------------------------


def area_faults(record: Mapping[str, Any], mask: Mask | None) -> Iterator[Fault]:
    """Faults of ``area``."""
    value = record.get("area")
    mask_area = None if mask is None else mask.window.area
    fix = None if mask_area is None else SetFields({"area": mask_area})
    if value is None or not isinstance(value, int | float) or value <= 0:
        yield "area-missing", "none" if value is None else f"{value:g}", fix
    elif mask is not None and value != mask_area and math.isfinite(value):
        found = f"{value:.6g}, the mask's is {mask_area}"
        if _near(value, mask):
            yield "area-rounded", found, None
        elif _is_box_area(value, record, mask):
            yield "area-box", found, fix
        else:
            yield "area-mask", found, fix


def _near(value: float, mask: Mask) -> bool:
    mask_area = mask.window.area
    limit = max(_SHARE * mask_area, mask.outline / 2)
    return min(abs(value - mask_area), abs(value - mask.polygon_area)) <= limit


def _is_box_area(value: float, record: Mapping[str, Any], mask: Mask) -> bool:
    boxes = [mask.window.box, mask.corners, _as_box(record.get("bbox"))]
    return any(box and abs(value - box[2] * box[3]) <= 0.01 * value for box in boxes)


def crowd_faults(record: Mapping[str, Any], mask: Mask | None, *, ignored: bool) -> Iterator[Fault]:
    """Faults of ``iscrowd``; an ignore region may be a single region."""
    value = record.get("iscrowd")
    if "iscrowd" not in record:
        yield "crowd-missing", "none", SetFields({"iscrowd": 0})
    elif value == 1 and mask is not None and not ignored:
        if mask.polygons == 1:
            yield "crowd-single", "one polygon", SetFields({"iscrowd": 0})
        elif mask.polygons == 0 and _one_region(mask.window):
            yield "crowd-single", "an RLE of one region without holes", None


def _one_region(window: Window) -> bool:
    contours, _ = cv2.findContours(window.bitmap, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    return len(contours) == 1
