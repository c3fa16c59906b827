"""pycocotools: a COCO file to label PNGs, larger objects first."""

import contextlib
import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from pycocotools.coco import COCO
from timing import run


def work(given: dict[str, Any], out: Path) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(given["json"])
    classes = {category: k for k, category in enumerate(sorted(coco.getCatIds()), start=1)}
    for image in coco.loadImgs(coco.getImgIds()):
        labels = np.zeros((image["height"], image["width"]), dtype=np.uint8)
        annotations = coco.loadAnns(coco.getAnnIds(imgIds=image["id"]))
        for annotation in sorted(annotations, key=lambda one: (-one["area"], one["id"])):
            labels[coco.annToMask(annotation) == 1] = classes[annotation["category_id"]]
        path = (out / image["file_name"]).with_suffix(".png")
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(labels).save(path)


run(work)
