"""Checks of single segmentations: whether polygons and RLEs can be rasterised."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import numpy as np

from trashdata.coco.diagnose import plain
from trashdata.coco.document import ImageRecord, RleRecord
from trashdata.coco.read import polygon_fault, rle_fault
from trashdata.mask_codec.raster import Polygons, compress_counts

from .findings import Drop, Fix, SetFields

Fault = tuple[str, str, Fix | None]
Shape = Polygons | bytes


def segmentation_faults(value: Any, image: ImageRecord) -> tuple[list[Fault], Shape | None]:
    """Faults of a segmentation, and without any the shape to rasterise.

    The shape is an argument of `trashdata.mask_codec.raster.rasterise`.
    """
    try:
        decoded = msgspec.convert(value, list[list[float]] | RleRecord | None)
    except msgspec.ValidationError as error:
        return [("record-malformed", f"{plain(str(error))} in its segmentation", Drop())], None
    except UnicodeEncodeError:
        return [("record-malformed", "half a character in its segmentation", Drop())], None
    if not decoded:
        found = "none" if value is None else "an empty segmentation"
        return [("segmentation-empty", found, Drop())], None
    if isinstance(decoded, RleRecord):
        return _rle(decoded, image)
    faults = list(_polygons(decoded, image))
    refused = any(kind != "polygon-outside" for kind, _, _ in faults)
    return faults, None if refused else decoded


def _rle(rle: RleRecord, image: ImageRecord) -> tuple[list[Fault], Shape | None]:
    fault = rle_fault(rle, image)
    if fault is not None:
        kind, found = fault
        return [(kind, found, _plain_counts(rle) if kind == "rle-bytes" else Drop())], None
    faults: list[Fault] = []
    if isinstance(rle.counts, list):
        faults.append(("rle-uncompressed", f"{len(rle.counts)} numbers", None))
    return faults, compress_counts(rle.counts, image.width, image.height)


def _plain_counts(rle: RleRecord) -> Fix:
    """The counts inside of ``b'...'``."""
    try:
        counts = ast.literal_eval(str(rle.counts))
        text = counts.decode("ascii")
    except (ValueError, SyntaxError, AttributeError, MemoryError, RecursionError):
        return Drop()
    return SetFields({"segmentation": {"size": list(rle.size), "counts": text}})


def _polygons(polygons: Sequence[list[float]], image: ImageRecord) -> Iterator[Fault]:
    faults = [_polygon_fault(polygon, image) for polygon in polygons]
    sound = [polygon for polygon, fault in zip(polygons, faults, strict=True) if fault is None]
    fix: Fix = SetFields({"segmentation": sound}) if sound else Drop()
    for kind, found in filter(None, faults):
        yield kind, found, fix
    outside = max((_furthest(polygon, image) for polygon in sound), default=0.0)
    if outside > 0.5:
        yield "polygon-outside", f"a corner {outside:.4g} px outside", None


def _polygon_fault(polygon: list[float], image: ImageRecord) -> tuple[str, str] | None:
    if not all(map(math.isfinite, polygon)):
        return "not-a-number", "NaN or Infinity in a polygon"
    return polygon_fault(polygon, image.width, image.height)


def _furthest(polygon: list[float], image: ImageRecord) -> float:
    """Distance in pixels of the corner furthest outside of the photo."""
    corners = np.array(polygon).reshape(-1, 2)
    return float(max((-corners).max(), (corners - (image.width, image.height)).max()))
