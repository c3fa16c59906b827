"""supervision: label PNGs to COCO polygons by ``mask_to_polygons``."""

import json
from pathlib import Path
from typing import Any

import supervision as sv
from regions import annotation, bitmaps
from timing import run


def work(given: dict[str, Any], out: Path) -> None:
    images, annotations = [], []
    for image, path in enumerate(sorted(Path(given["masks"]).rglob("*.png")), start=1):
        for index, mask in bitmaps(path):
            polygons = [one.ravel().tolist() for one in sv.mask_to_polygons(mask)]
            polygons = [one for one in polygons if len(one) >= 6]
            if polygons:
                annotations.append(annotation(len(annotations) + 1, image, index, polygons))
        images.append({"id": image, "file_name": path.name})
    content = {"images": images, "annotations": annotations, "categories": []}
    (out / "traced.json").write_text(json.dumps(content))


run(work)
