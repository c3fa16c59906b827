"""``trashdata.statistics`` and the reading before it, against a typed read by msgspec alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.harness import Bench, Figure, one_core, ratio, seconds, take_pairs

CLASSES = 80
OBJECTS = 13  # a photo, as in LVIS


def measure(bench: Bench) -> list[Figure]:
    """One figure: a generated file of 20,000 photos, without the picture."""
    photos = 1_000 if bench.quick else 20_000
    path = bench.scratch / "stats.json"
    write_generated(path, photos)
    with one_core():
        _typed(path)  # imports
        _ours(path)
        pairs = take_pairs(
            lambda: seconds(lambda: _typed(path)),
            lambda: seconds(lambda: _ours(path)),
            bench.repeats(5),
        )
    path.unlink()
    name = f"stats, {photos:,} photos"
    return [ratio(name, "typed read", pairs, unit="s", wanted="at least 0.33")]


def write_generated(path: Path, photos: int) -> None:
    """A COCO file with polygons of 8 to 30 corners; the same each time."""
    import numpy as np

    rng = np.random.default_rng(8)
    with path.open("w", encoding="utf-8") as stream:
        images = [_image(k) for k in range(photos)]
        stream.write(f'{{"images": {json.dumps(images)}, "annotations": [')
        for k in range(photos * OBJECTS):
            stream.write(f"{', ' if k else ''}{json.dumps(_annotation(k, photos, rng))}")
        categories = [{"id": k + 1, "name": f"class {k}"} for k in range(CLASSES)]
        stream.write(f'], "categories": {json.dumps(categories)}}}')


def _image(key: int) -> dict[str, Any]:
    return {"id": key, "file_name": f"{key:012}.jpg", "width": 640, "height": 480, "license": 1}


def _annotation(key: int, photos: int, rng: Any) -> dict[str, Any]:
    corners = int(rng.integers(8, 31))
    return {
        "id": key,
        "image_id": int(rng.integers(photos)),
        "category_id": 1 + min(int(rng.exponential(12)), CLASSES - 1),
        "segmentation": [(rng.random(2 * corners) * 480).round(2).tolist()],
        "area": round(float(rng.random()) * 20_000 + 1, 2),
        "bbox": (rng.random(4) * 400).round(2).tolist(),
        "iscrowd": 0,
    }


def _typed(path: Path) -> None:
    import msgspec

    from trashdata.coco.document import AnnotationRecord, CategoryRecord, ImageRecord

    kinds = {
        "images": list[ImageRecord],
        "annotations": list[AnnotationRecord],
        "categories": list[CategoryRecord],
    }
    msgspec.json.decode(path.read_bytes(), type=msgspec.defstruct("Typed", kinds.items()))


def _ours(path: Path) -> None:
    from trashdata.coco.read import read_document
    from trashdata.statistics import statistics

    statistics(read_document(path, masks=False))
