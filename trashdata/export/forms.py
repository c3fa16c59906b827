"""What each form writes for a photo, and beside the photos. Pure functions: no file is touched."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from trashdata.coco.document import Document, ImageRecord, segmentation_shape
from trashdata.mask_codec.png import encode_label_png
from trashdata.mask_codec.raster import rasterise
from trashdata.masks.labelmap import label_map, paint_instances, painting_order

from .names import flat_name
from .polygons import object_polygon


@dataclass(frozen=True)
class Labels:
    """A photo's file of labels: its path in the export, its content, and a record of it.

    ``record``: JSON to be gathered over all photos of a split; None where there is none.
    """

    path: str
    content: bytes
    record: dict[str, Any] | None = None


@dataclass(frozen=True)
class Split:
    """A COCO file under the name that it has in the export."""

    name: str
    document: Document


class Yolo:
    """Ultralytics' segmentation form: a text file a photo, a line an object.

    A line holds the class, from 0, and one polygon in shares of the photo's width and height.
    Crowd and ignore regions have no place in it.
    Source: https://docs.ultralytics.com/datasets/segment/
    """

    def photo_path(self, split: Split, image: ImageRecord) -> str:
        return f"images/{split.name}/{flat_name(image.file_name)}"

    def labels(self, split: Split, image: ImageRecord) -> Labels:
        document = split.document
        lines = []
        for annotation in document.annotations_of.get(image.id, []):
            if annotation.iscrowd or annotation.category_id in document.ignore_ids:
                continue
            polygon = object_polygon(annotation, image)
            if len(polygon):
                shares = np.clip(polygon / (image.width, image.height), 0, 1).round(6)
                numbers = " ".join(f"{share:g}" for share in shares.ravel().tolist())
                lines.append(f"{document.class_index[annotation.category_id] - 1} {numbers}\n")
        name = PurePosixPath(flat_name(image.file_name)).with_suffix(".txt")
        return Labels(f"labels/{split.name}/{name}", "".join(lines).encode())

    def files(self, splits: Sequence[Split], _: object) -> dict[str, bytes]:
        names = [category.name for category in splits[0].document.class_categories]
        # JSON strings are YAML strings; Ultralytics takes the file's own folder as the root.
        lines = [f"{_yolo_key(k)}: images/{split.name}" for k, split in enumerate(splits)]
        lines += ["names:"]
        lines += [f"  {k}: {json.dumps(name, ensure_ascii=False)}" for k, name in enumerate(names)]
        return {"data.yaml": ("\n".join(lines) + "\n").encode()}


def _yolo_key(place: int) -> str:
    return ("train", "val", "test")[place]


class VocMasks:
    """Pascal VOC's folders with palette label PNGs, as mmsegmentation and torchvision read them."""

    def photo_path(self, _: Split, image: ImageRecord) -> str:
        return f"JPEGImages/{flat_name(image.file_name)}"

    def labels(self, split: Split, image: ImageRecord) -> Labels:
        name = PurePosixPath(flat_name(image.file_name)).with_suffix(".png")
        content = encode_label_png(label_map(split.document, image))
        return Labels(f"SegmentationClass/{name}", content)

    def files(self, splits: Sequence[Split], _: object) -> dict[str, bytes]:
        names = ["background", *(c.name for c in splits[0].document.class_categories)]
        files = {"classes.txt": "".join(f"{name}\n" for name in names).encode()}
        for split in splits:
            stems = (PurePosixPath(flat_name(i.file_name)).stem for i in split.document.images)
            path = f"ImageSets/Segmentation/{split.name}.txt"
            files[path] = "".join(f"{stem}\n" for stem in stems).encode()
        return files


class CocoPanoptic:
    """COCO's panoptic form: RGB PNGs that number the segments, and a JSON that lists them.

    Segments don't overlap, so hidden parts of objects are not in it; ignore regions and padding
    are 0, which is void. Source: https://cocodataset.org/#format-data
    """

    def photo_path(self, split: Split, image: ImageRecord) -> str:
        return f"{split.name}/{flat_name(image.file_name)}"

    def labels(self, split: Split, image: ImageRecord) -> Labels:
        document = split.document
        own = document.annotations_of.get(image.id, [])
        windows = rasterise([segmentation_shape(a, image) for a in own], image.width, image.height)
        order = painting_order(own, [window.area for window in windows], document.ignore_ids)
        instances = paint_instances(windows, order, (image.height, image.width))
        if image.valid_box is not None:
            x, y, width, height = image.valid_box
            outside = np.ones(instances.shape, dtype=bool)
            outside[y : y + height, x : x + width] = False
            instances[outside] = 0
        segments = []
        for number, annotation in enumerate(own, start=1):
            rows, columns = np.nonzero(instances == number)
            if annotation.category_id in document.ignore_ids:
                instances[rows, columns] = 0
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
        name = str(PurePosixPath(flat_name(image.file_name)).with_suffix(".png"))
        record = {"image_id": image.id, "file_name": name, "segments_info": segments}
        return Labels(f"panoptic_{split.name}/{name}", _rgb_png(instances), record)

    def files(
        self, splits: Sequence[Split], records: Sequence[Sequence[dict[str, Any]]]
    ) -> dict[str, bytes]:
        files = {}
        for split, own in zip(splits, records, strict=True):
            content = {
                "images": [
                    {
                        "id": image.id,
                        "file_name": flat_name(image.file_name),
                        "width": image.width,
                        "height": image.height,
                    }
                    for image in split.document.images
                ],
                "annotations": sorted(own, key=lambda record: record["image_id"]),
                "categories": [
                    {"id": c.id, "name": c.name, "supercategory": c.name, "isthing": 1}
                    for c in split.document.class_categories
                ],
            }
            files[f"panoptic_{split.name}.json"] = (json.dumps(content) + "\n").encode()
        return files


def _rgb_png(numbers: np.ndarray[tuple[int, ...], np.dtype[np.uint16]]) -> bytes:
    """Segment numbers (H, W) as R + 256 G + 65536 B."""
    from PIL import Image

    pixels = np.zeros((*numbers.shape, 3), dtype=np.uint8)
    pixels[..., 0], pixels[..., 1] = numbers & 255, numbers >> 8
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


FORMS: dict[str, Yolo | VocMasks | CocoPanoptic] = {
    "yolo": Yolo(),
    "voc-masks": VocMasks(),
    "coco-panoptic": CocoPanoptic(),
}
