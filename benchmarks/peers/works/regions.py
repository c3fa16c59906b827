"""For peers that turn one bitmap into polygons: the bitmaps of label PNGs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image


def bitmaps(path: Path) -> Iterator[tuple[int, Any]]:
    """(class index, (H, W) bool) of each 8-connected region of a label PNG."""
    with Image.open(path) as image:
        labels = np.array(image)
    for index in np.unique(labels):
        if index:
            same = (labels == index).astype(np.uint8)
            count, regions = cv2.connectedComponents(same, connectivity=8)
            for number in range(1, count):
                yield int(index), regions == number


def annotation(key: int, image: int, index: int, polygons: list[list[float]]) -> dict[str, Any]:
    """A COCO annotation; the area is the polygons' own, by the shoelace formula."""
    points = [np.array(polygon).reshape(-1, 2) for polygon in polygons]
    area = 0.0
    for corners in points:
        x, y = corners[:, 0], corners[:, 1]
        area += abs(float(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))) / 2
    low = np.min([corners.min(axis=0) for corners in points], axis=0).tolist()
    high = np.max([corners.max(axis=0) for corners in points], axis=0).tolist()
    return {
        "id": key,
        "image_id": image,
        "category_id": index,
        "segmentation": polygons,
        "area": area,
        "bbox": [*low, high[0] - low[0], high[1] - low[1]],
        "iscrowd": 0,
    }
