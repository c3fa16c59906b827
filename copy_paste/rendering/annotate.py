"""Annotations, label map and provenance of a finished scene."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from trashdata.choices import SegmentationForm
from trashdata.coco.keys import (
    BACKGROUND_IMAGE_ID,
    DONOR_ANNOTATION_ID,
    DONOR_IMAGE_ID,
    DONOR_JSON,
    VALID_BOX,
)
from trashdata.mask_codec.raster import compress_polygons
from trashdata.mask_codec.rle import Window
from trashdata.mask_codec.trace import Region, trace_windows
from trashdata.palette import IGNORE_INDEX

from ..planning.scene import Scene, SceneObject


def annotation_records(
    scene: Scene,
    donor_image_ids: Mapping[int, int],
    donor_file: str | None,
    form: SegmentationForm,
) -> list[dict[str, Any]]:
    """Annotations of all visible objects, without ``id`` and ``image_id``.

    Parameters
    ----------
    donor_image_ids : image id of each donor, by its index.
    donor_file : the name of the donors' COCO file, if it is not the input.
    """
    shape = scene.instances.shape
    shown = [
        (number, item) for number, item in enumerate(scene.objects, start=1) if item.visible > 0
    ]
    cut = [
        Window(
            (scene.instances[item.window.slices] == number).view(np.uint8),
            item.window.x,
            item.window.y,
            item.visible,
        )
        for number, item in shown
        if not item.untouched
    ]
    traced = iter(trace_windows(cut))
    records = []
    for _, item in shown:
        regions = None if item.untouched else next(traced)
        record = _record(item, regions, (shape[0], shape[1]), form)
        if item.donor is not None:
            record["trashdata"] = _provenance(item, donor_image_ids[item.donor], donor_file)
        records.append(record)
    return records


def _provenance(item: SceneObject, image_id: int, donor_file: str | None) -> dict[str, Any]:
    source: dict[str, Any] = {
        DONOR_IMAGE_ID: image_id,
        DONOR_ANNOTATION_ID: item.source.annotation_id,
    }
    return source | ({DONOR_JSON: donor_file} if donor_file else {})


def _record(
    item: SceneObject,
    regions: list[Region] | None,
    shape: tuple[int, int],
    form: SegmentationForm,
) -> dict[str, Any]:
    if regions is None:
        polygons: list[NDArray[Any]] = list(item.polygons)
        box = item.window.box
    else:
        polygons = [polygon.ravel() for region in regions for polygon in region.polygons]
        box = _union([region.box for region in regions])
    segmentation: Any
    if form == "rle" or item.source.crowd or item.source.ignore:
        height, width = shape
        flat = [polygon.astype(np.float64) for polygon in polygons]
        counts = compress_polygons(flat, width, height).decode("ascii")
        segmentation = {"size": [height, width], "counts": counts}
    else:
        segmentation = [polygon.tolist() for polygon in polygons]
    return {
        "category_id": item.source.category_id,
        "segmentation": segmentation,
        "area": item.visible,
        "bbox": list(box),
        "iscrowd": int(item.source.crowd or item.source.ignore),
    }


def _union(boxes: Sequence[tuple[int, int, int, int]]) -> tuple[int, int, int, int]:
    left, top = min(x for x, _, _, _ in boxes), min(y for _, y, _, _ in boxes)
    right = max(x + width for x, _, width, _ in boxes)
    bottom = max(y + height for _, y, _, height in boxes)
    return left, top, right - left, bottom - top


def scene_labels(scene: Scene) -> NDArray[np.uint8]:
    """Label map (H, W) of the scene; 255 in the padding and on ignore regions."""
    table = np.zeros(256 if scene.instances.dtype == np.uint8 else 65536, dtype=np.uint8)
    for number, item in enumerate(scene.objects, start=1):
        table[number] = IGNORE_INDEX if item.source.ignore else item.source.class_index
    if scene.instances.dtype == np.uint8:
        labels = cv2.LUT(scene.instances, table).astype(np.uint8, copy=False)
    else:
        labels = table[scene.instances]
    height, width = labels.shape
    x, y, valid_width, valid_height = scene.valid_box
    if (x, y, valid_width, valid_height) != (0, 0, width, height):
        inside = labels[y : y + valid_height, x : x + valid_width].copy()
        labels[:] = IGNORE_INDEX
        labels[y : y + valid_height, x : x + valid_width] = inside
    return labels


def image_provenance(scene: Scene, background_image_id: int) -> dict[str, Any]:
    """The image's ``trashdata`` key."""
    height, width = scene.instances.shape
    source: dict[str, Any] = {BACKGROUND_IMAGE_ID: background_image_id}
    if scene.valid_box != (0, 0, width, height):
        source[VALID_BOX] = list(scene.valid_box)
    return source
