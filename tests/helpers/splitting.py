"""Small sets to be split, and the parts of a split."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from helpers.coco import load
from trashdata.splitting import KfoldOptions


def small_set(path: Path, photos: list[list[int]], **image_keys: list[Any]) -> None:
    """A COCO file of photos that hold objects of these categories (1 to 3)."""
    images = [
        {"id": k, "file_name": f"{k}.jpg", "width": 10, "height": 10}
        | {key: values[k] for key, values in image_keys.items() if values[k] is not None}
        for k in range(len(photos))
    ]
    objects = [(k, category) for k, own in enumerate(photos) for category in own]
    annotations = [
        {"id": n, "image_id": k, "category_id": category, "area": 4, "bbox": [0, 0, 2, 2]}
        for n, (k, category) in enumerate(objects)
    ]
    categories = [{"id": k, "name": f"class {k}"} for k in (1, 2, 3)]
    content = {"images": images, "annotations": annotations, "categories": categories}
    path.write_text(json.dumps(content), encoding="utf-8")


def options(**changes: Any) -> KfoldOptions:
    return KfoldOptions(**{"json": "set.json", "group_by": "none", **changes})


def parts(folder: Path, fold: int, name: str = "kfold") -> tuple[dict[str, Any], dict[str, Any]]:
    return load(folder / f"{name}_{fold}_train.json"), load(folder / f"{name}_{fold}_val.json")
