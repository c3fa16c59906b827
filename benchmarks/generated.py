"""A generated COCO file of LVIS's proportions: 13 objects a photo, polygons of 8 to 30 corners.

With 100,000 photos it has LVIS's size: 1.3 million objects. Its photos don't exist.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.harness import Bench, Figure

CLASSES = 80
OBJECTS = 13
# Polygons that are drawn once and then serve in turns: writing is not what is measured.
_SHAPES = 5003


def write_generated(path: Path, photos: int, first: int = 0) -> None:
    """Write the file; the same each time. ``first``: the smallest id, of images and annotations."""
    import numpy as np

    rng = np.random.default_rng(8)
    shapes = [_shape(rng) for _ in range(_SHAPES)]
    objects = photos * OBJECTS
    owners = (first + rng.integers(photos, size=objects)).tolist()
    classes = (1 + np.minimum(rng.exponential(12, objects).astype(int), CLASSES - 1)).tolist()
    categories = [{"id": k + 1, "name": f"class {k}"} for k in range(CLASSES)]
    with path.open("w", encoding="utf-8") as stream:
        stream.write('{"images": [')
        stream.write(", ".join(json.dumps(_image(first + k)) for k in range(photos)))
        stream.write('], "annotations": [')
        for k in range(objects):
            ids = f'"id": {first + k}, "image_id": {owners[k]}, "category_id": {classes[k]}'
            stream.write(f"{', ' if k else ''}{{{ids}, {shapes[k % _SHAPES]}}}")
        stream.write(f'], "categories": {json.dumps(categories)}}}')


def _image(key: int) -> dict[str, Any]:
    return {"id": key, "file_name": f"{key:012}.jpg", "width": 640, "height": 480, "license": 1}


def _shape(rng: Any) -> str:
    """The fields of an annotation that say where it is."""
    corners = int(rng.integers(8, 31))
    fields = {
        "segmentation": [(rng.random(2 * corners) * 480).round(2).tolist()],
        "area": round(float(rng.random()) * 20_000 + 1, 2),
        "bbox": (rng.random(4) * 400).round(2).tolist(),
        "iscrowd": 0,
    }
    return json.dumps(fields)[1:-1]


@contextmanager
def generated(bench: Bench, name: str = "generated.json") -> Iterator[Path]:
    """A folder with the file, deleted afterwards; the path is the file's."""
    with bench.folder("generated") as folder:
        path = folder / name
        write_generated(path, bench.photos)
        yield path


def read_typed(path: Path) -> Any:
    """The floor of reading: one typed pass of msgspec, segmentations passed through."""
    import msgspec

    from trashdata.coco.document import AnnotationRecord, CategoryRecord, ImageRecord

    kinds = {
        "images": list[ImageRecord],
        "annotations": list[AnnotationRecord],
        "categories": list[CategoryRecord],
    }
    return msgspec.json.decode(path.read_bytes(), type=msgspec.defstruct("Typed", kinds.items()))


def copy_typed(source: Path, target: Path) -> None:
    """The floor of reading and writing: typed records with raw segmentations, in and out."""
    import msgspec

    target.write_bytes(msgspec.json.encode(read_typed(source)))


def memory(name: str, path: Path, peak: Callable[[], float], limit: str = "at most 2.5") -> Figure:
    """Peak memory of a command, in MB, against the size of its file."""
    size = path.stat().st_size / (1 << 20)
    high = peak()
    return Figure(
        name, "the file", size, high, "MB", limit, high / size, result_unit="x", better="less"
    )
