"""imantics: label PNGs to COCO polygons by ``Mask.polygons``."""

import json
from pathlib import Path
from typing import Any

from imantics import Mask
from regions import annotation, bitmaps
from timing import run


def work(given: dict[str, Any], out: Path) -> None:
    images, annotations = [], []
    for image, path in enumerate(sorted(Path(given["masks"]).rglob("*.png")), start=1):
        for index, mask in bitmaps(path):
            found = Mask(mask).polygons().segmentation
            polygons = [[float(value) for value in one] for one in found if len(one) >= 6]
            if polygons:
                annotations.append(annotation(len(annotations) + 1, image, index, polygons))
        images.append({"id": image, "file_name": path.name})
    content = {"images": images, "annotations": annotations, "categories": []}
    (out / "traced.json").write_text(json.dumps(content))


run(work)
