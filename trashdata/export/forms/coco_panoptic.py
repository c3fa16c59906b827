"""COCO's panoptic form: RGB PNGs that number the segments, and a JSON that lists them.

Segments don't overlap, so hidden parts of objects are lost; ignore regions and padding are 0, which
is void. Source: https://cocodataset.org/#format-data
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trashdata.coco.document import Document, ImageRecord, segmentation_shape
from trashdata.export.forms.form import Form, Labels, Split
from trashdata.export.names import flat_name
from trashdata.mask_codec.raster import rasterise
from trashdata.masks.labelmap import paint_instances, painting_order


class CocoPanoptic(Form):
    """For each split a folder of photos, one of PNGs, and a JSON."""

    def photo_path(self, split: Split, image: ImageRecord) -> str:
        return f"{split.name}/{flat_name(image.file_name)}"

    def label_path(self, split: Split, image: ImageRecord) -> str:
        return f"panoptic_{split.name}/{flat_name(image.file_name, '.png')}"

    def labels(self, split: Split, image: ImageRecord) -> Labels:
        document = split.document
        segments = []
        numbers = _segment_numbers(document, image)
        for number, annotation in enumerate(document.annotations_of.get(image.id, []), start=1):
            rows, columns = np.nonzero(numbers == number)
            if annotation.category_id in document.ignore_ids:
                numbers[rows, columns] = 0
            elif len(rows):
                left, top = int(columns.min()), int(rows.min())
                width, height = int(columns.max()) - left + 1, int(rows.max()) - top + 1
                segments.append(
                    {
                        "id": number,
                        "category_id": annotation.category_id,
                        "area": len(rows),
                        "bbox": [left, top, width, height],
                        "iscrowd": int(annotation.iscrowd),
                    }
                )
        name = flat_name(image.file_name, ".png")
        record = {"image_id": image.id, "file_name": name, "segments_info": segments}
        return Labels(_rgb_png(numbers), record)

    def files(
        self, splits: Sequence[Split], records: Sequence[Sequence[Mapping[str, Any]]]
    ) -> dict[str, bytes]:
        return {
            f"panoptic_{split.name}.json": _segment_list(split.document, segments)
            for split, segments in zip(splits, records, strict=True)
        }


def _segment_numbers(document: Document, image: ImageRecord) -> NDArray[np.uint16]:
    """The topmost annotation of each pixel (H, W), from 1; 0 for none and for padding."""
    annotations = document.annotations_of.get(image.id, [])
    shapes = [segmentation_shape(annotation, image) for annotation in annotations]
    windows = rasterise(shapes, image.width, image.height)
    order = painting_order(annotations, [window.area for window in windows], document.ignore_ids)
    numbers = paint_instances(windows, order, (image.height, image.width))
    if image.valid_box is not None:
        x, y, width, height = image.valid_box
        outside = np.ones(numbers.shape, dtype=bool)
        outside[y : y + height, x : x + width] = False
        numbers[outside] = 0
    return numbers


def _segment_list(document: Document, records: Sequence[Mapping[str, Any]]) -> bytes:
    content = {
        "images": [
            {
                "id": image.id,
                "file_name": flat_name(image.file_name),
                "width": image.width,
                "height": image.height,
            }
            for image in document.images
        ],
        "annotations": sorted(records, key=lambda record: int(record["image_id"])),
        "categories": [
            {"id": c.id, "name": c.name, "supercategory": c.name, "isthing": 1}
            for c in document.class_categories
        ],
    }
    return (json.dumps(content) + "\n").encode()


def _rgb_png(numbers: NDArray[np.uint16]) -> bytes:
    """Segment numbers (H, W) as R + 256 G + 65536 B."""
    from PIL import Image

    pixels = np.zeros((*numbers.shape, 3), dtype=np.uint8)
    pixels[..., 0], pixels[..., 1] = numbers & 255, numbers >> 8
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


FORM = CocoPanoptic()
