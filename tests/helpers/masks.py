"""Masks as they are written, and as pycocotools paints them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from helpers.coco import check_annotation, load, load_coco
from numpy.typing import NDArray
from PIL import Image


def painted(path: Path) -> dict[str, NDArray[np.uint8]]:
    """Label maps by file name, painted with pycocotools alone, ignore last."""
    content, coco = load(path), load_coco(path)
    ignored = set(content["info"]["trashdata"]["ignore_category_ids"])
    classes = sorted(c["id"] for c in content["categories"] if c["id"] not in ignored)
    maps = {}
    for image in content["images"]:
        labels = np.zeros((image["height"], image["width"]), dtype=np.uint8)
        own = coco.imgToAnns[image["id"]]
        for annotation in sorted(own, key=lambda a: (a["category_id"] in ignored, -a["area"])):
            mask = coco.annToMask(annotation)
            check_annotation(annotation, mask)
            category = annotation["category_id"]
            labels[mask > 0] = 255 if category in ignored else 1 + classes.index(category)
        maps[image["file_name"]] = labels
    return maps


def mask_of(folder: Path, file_name: str) -> NDArray[np.uint8]:
    with Image.open(folder / Path(file_name).with_suffix(".png")) as mask:
        assert mask.mode == "P"
        return np.array(mask)
