"""Source photos of Copy-Paste, reduced to what planning on labels needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trashdata.coco.document import (
    AnnotationRecord,
    Document,
    ImageRecord,
    segmentation_shape,
)
from trashdata.mask_codec.raster import rasterise
from trashdata.mask_codec.rle import Window
from trashdata.mask_codec.trace import trace_windows
from trashdata.masks.labelmap import painting_order

from ..geometry import Box, Outlines


@dataclass(frozen=True, slots=True)
class SourceObject:
    """An annotation as polygons: flat float64 arrays x0, y0, x1, y1, ... in pixels.

    ``class_index`` is 255 for ignore regions.
    """

    annotation_id: int
    category_id: int
    class_index: int
    crowd: bool
    ignore: bool
    polygons: tuple[NDArray[np.float64], ...]


@dataclass(frozen=True, slots=True)
class SourcePhoto:
    """An image with its objects in the order in which they are painted.

    ``valid_box`` is the part (x, y, width, height) that is photo and not padding.
    """

    image: ImageRecord
    objects: tuple[SourceObject, ...]
    outlines: Outlines
    valid_box: Box


def source_photo(document: Document, image: ImageRecord) -> SourcePhoto:
    """The image's objects as polygons; an RLE is traced to polygons of the same bitmap."""
    annotations = document.annotations_of.get(image.id, [])
    shapes = [segmentation_shape(annotation, image) for annotation in annotations]
    windows: Sequence[Window | None] = [None] * len(shapes)
    missing_area = any(not annotation.area or annotation.area <= 0 for annotation in annotations)
    if missing_area or any(isinstance(shape, bytes) for shape in shapes):
        windows = rasterise(shapes, image.width, image.height)
    areas = [window.area if window is not None else 0 for window in windows]
    objects = []
    for index in painting_order(annotations, areas, document.ignore_ids):
        shape, window = shapes[index], windows[index]
        if isinstance(shape, bytes):
            assert window is not None
            polygons = traced_polygons(window)
            if not polygons:
                continue  # an RLE without foreground
        else:
            polygons = tuple(np.array(polygon, dtype=np.float64) for polygon in shape)
        objects.append(_source_object(document, annotations[index], polygons))
    outlines = Outlines.of([item.polygons for item in objects])
    return SourcePhoto(
        image, tuple(objects), outlines, image.valid_box or (0, 0, image.width, image.height)
    )


def traced_polygons(window: Window) -> tuple[NDArray[np.float64], ...]:
    """Pixel-edge polygons of a bitmap as flat float64 arrays."""
    regions = trace_windows([window])[0]
    return tuple(
        polygon.ravel().astype(np.float64) for region in regions for polygon in region.polygons
    )


def _source_object(
    document: Document, annotation: AnnotationRecord, polygons: tuple[NDArray[np.float64], ...]
) -> SourceObject:
    return SourceObject(
        annotation_id=annotation.id,
        category_id=annotation.category_id,
        class_index=document.class_index[annotation.category_id],
        crowd=bool(annotation.iscrowd),
        ignore=annotation.category_id in document.ignore_ids,
        polygons=polygons,
    )
