"""Annotations from label maps: one per 8-connected region of a class, without loss."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from trashdata.choices import SegmentationForm
from trashdata.mask_codec.raster import compress_polygons
from trashdata.mask_codec.rle import Window
from trashdata.mask_codec.trace import Box, Region, trace_windows
from trashdata.palette import IGNORE_INDEX

Form: TypeAlias = SegmentationForm


class NewAnnotation(msgspec.Struct, frozen=True):
    """An annotation without id; ``area`` in pixels, ``bbox`` is x, y, width, height."""

    image_id: int
    category_id: int
    segmentation: Any
    area: int
    bbox: Box
    iscrowd: int = 0


def indices_present(labels: NDArray[np.uint8]) -> list[int]:
    """The distinct values of a (H, W) uint8 label map, sorted.

    Examples
    --------
    >>> indices_present(np.array([[0, 3], [255, 3]], dtype=np.uint8))
    [0, 3, 255]
    """
    # Half the time of np.bincount, a tenth of np.unique.
    histogram = cv2.calcHist([labels], [0], None, [256], [0, 256])
    return np.flatnonzero(histogram).tolist()


def class_regions(
    labels: NDArray[np.uint8], indices: Sequence[int]
) -> list[tuple[int, list[Region]]]:
    """The 8-connected regions of each of these class indices in a (H, W) uint8 label map."""
    windows = [_window(labels, index) for index in indices]
    return list(zip(indices, trace_windows(windows), strict=True))


def _window(labels: NDArray[np.uint8], index: int) -> Window:
    bitmap = (labels == index).view(np.uint8)
    x, y, width, height = cv2.boundingRect(bitmap)
    inside = np.ascontiguousarray(bitmap[y : y + height, x : x + width])
    return Window(inside, x, y, cv2.countNonZero(inside))


def region_segmentation(regions: Sequence[Region], form: Form, shape: tuple[int, int]) -> Any:
    """COCO segmentation of an object made of these regions.

    Parameters
    ----------
    form : lists of x, y corners, or the compressed RLE that pycocotools makes of them.
    shape : height, width of the photo in pixels.
    """
    polygons = [polygon.ravel() for region in regions for polygon in region.polygons]
    if form == "polygon":
        return [polygon.tolist() for polygon in polygons]
    height, width = shape
    corners = [polygon.astype(np.float64) for polygon in polygons]
    return _rle(compress_polygons(corners, width, height), shape)


def bitmap_annotation(
    bitmap: NDArray[np.bool_], form: Form, *, image_id: int, category_id: int
) -> NewAnnotation:
    """One annotation for all parts of a (H, W) bool bitmap with at least one pixel."""
    window = _window(bitmap.view(np.uint8), 1)
    (regions,) = trace_windows([window])
    segmentation = region_segmentation(regions, form, bitmap.shape)
    return NewAnnotation(image_id, category_id, segmentation, window.area, window.box)


def region_annotation(
    region: Region, form: Form, shape: tuple[int, int], *, image_id: int, category_id: int
) -> NewAnnotation:
    """The annotation of one region of a photo of this height and width."""
    segmentation = region_segmentation([region], form, shape)
    return NewAnnotation(image_id, category_id, segmentation, region.area, region.box)


def ignore_annotation(
    labels: NDArray[np.uint8], *, image_id: int, category_id: int
) -> NewAnnotation:
    """One crowd annotation, an RLE, for all pixels that are 255 in a (H, W) uint8 label map."""
    window = _window(labels, IGNORE_INDEX)
    ignored = np.asfortranarray((labels == IGNORE_INDEX).view(np.uint8))
    segmentation = _rle(coco_mask.encode(ignored)["counts"], labels.shape)
    return NewAnnotation(image_id, category_id, segmentation, window.area, window.box, iscrowd=1)


def _rle(counts: bytes, shape: tuple[int, ...]) -> dict[str, Any]:
    return {"size": list(shape), "counts": counts.decode("ascii")}
