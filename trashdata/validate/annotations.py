"""Checks of a photo's annotations against their masks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from trashdata.coco.document import ImageRecord
from trashdata.coco.regions import region_segmentation
from trashdata.mask_codec.raster import rasterise
from trashdata.mask_codec.rle import Window
from trashdata.mask_codec.trace import trace_windows

from .crossing import crossing
from .fields import Mask, area_faults, box_faults, crowd_faults
from .findings import Drop, Finding, SetFields
from .records import id_text
from .segmentations import Fault, Shape, segmentation_faults

# Limit of pixels of bitmaps in memory, if all are as large as their photo.
_MAX_PIXELS = 200_000_000


@dataclass(frozen=True, slots=True)
class Item:
    """An annotation record, with its index in the file."""

    index: int
    record: dict[str, Any]
    ignored: bool


def annotation_findings(image: ImageRecord, items: Sequence[Item]) -> list[Finding]:
    """Faults of the annotations of a photo with a valid size."""
    findings = []
    step = max(1, _MAX_PIXELS // (image.width * image.height))
    for start in range(0, len(items), step):
        part = items[start : start + step]
        checked = [segmentation_faults(item.record.get("segmentation"), image) for item in part]
        shapes = [shape for _, shape in checked if shape is not None]
        windows = iter(rasterise(shapes, image.width, image.height))
        for item, (faults, shape) in zip(part, checked, strict=True):
            window = None if shape is None else next(windows)
            for kind, found, fix in [*faults, *_mask_faults(item, image, shape, window)]:
                name = id_text(item.record)
                findings.append(Finding(kind, found, "annotations", item.index, name, fix))
    return findings


def _mask_faults(
    item: Item, image: ImageRecord, shape: Shape | None, window: Window | None
) -> Iterator[Fault]:
    record = item.record
    mask = None
    if shape is not None and window is not None:
        if window.area == 0:
            yield "mask-empty", "a mask without a pixel", Drop()
            return
        plain = shape if isinstance(shape, bytes) else [list(part) for part in shape]
        mask = Mask.of(window, plain)
        where = None if isinstance(plain, bytes) else _crossing(plain)
        if where is not None:
            (regions,) = trace_windows([window])
            traced = region_segmentation(regions, "polygon", (image.height, image.width))
            found = f"one that does near x {where[0]:.5g}, y {where[1]:.5g}"
            yield "polygon-crossing", found, SetFields({"segmentation": traced})
    yield from box_faults(record, mask, image)
    yield from area_faults(record, mask)
    yield from crowd_faults(record, mask, ignored=item.ignored)


def _crossing(polygons: Sequence[Sequence[float]]) -> tuple[float, float] | None:
    found = (crossing(np.array(polygon, dtype=np.float64)) for polygon in polygons)
    return next(filter(None, found), None)
