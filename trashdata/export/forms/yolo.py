"""Ultralytics' segmentation form: a text file per photo, a line per object.

A line holds the class, from 0, and one polygon in shares of the photo's width and height. Crowd and
ignore regions can't be expressed. Source: https://docs.ultralytics.com/datasets/segment/
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from trashdata.coco.document import ImageRecord
from trashdata.export.forms.form import Form, Labels, Split
from trashdata.export.forms.polygons import object_polygon
from trashdata.export.names import flat_name

# The keys that Ultralytics knows for the parts of a set.
_KEYS = ("train", "val", "test")


class Yolo(Form):
    """Folders ``images/SPLIT`` and ``labels/SPLIT``, and ``data.yaml``."""

    def photo_path(self, split: Split, image: ImageRecord) -> str:
        return f"images/{split.name}/{flat_name(image.file_name)}"

    def label_path(self, split: Split, image: ImageRecord) -> str:
        return f"labels/{split.name}/{flat_name(image.file_name, '.txt')}"

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
        return Labels("".join(lines).encode())

    def files(self, splits: Sequence[Split], records: object) -> dict[str, bytes]:  # noqa: ARG002
        names = [category.name for category in splits[0].document.class_categories]
        # JSON strings are YAML strings; Ultralytics takes the file's own folder as the root.
        lines = [f"{key}: images/{split.name}" for key, split in zip(_KEYS, splits, strict=False)]
        lines += ["names:"]
        lines += [f"  {k}: {json.dumps(name, ensure_ascii=False)}" for k, name in enumerate(names)]
        return {"data.yaml": ("\n".join(lines) + "\n").encode()}


FORM = Yolo()
