"""Small COCO files to be merged, and what is in the result."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from helpers.coco import check_ids, load, load_coco

from trashdata.coco.read import read_document
from trashdata.console import Reporter
from trashdata.merge import MergeOptions, merge

Content = dict[str, Any]
NAMES = {1: "Paper", 2: "Glass", 3: "Battery"}


def write(
    path: Path,
    photos: dict[int, list[int]],
    *,
    names: dict[int, str] | None = None,
    files: str = "{}.jpg",
    first_annotation: int = 1,
    **top: Any,
) -> Content:
    """A COCO file of photos by id that hold objects of these categories."""
    images = [{"id": k, "file_name": files.format(k), "width": 20, "height": 10} for k in photos]
    objects = [(k, category) for k, own in photos.items() for category in own]
    annotations = [
        {
            "id": n,
            "image_id": k,
            "category_id": category,
            "segmentation": [[0, 0, 4, 0, 4, n % 10 + n / 1000]],
            "area": 2 * n,
            "bbox": [0, 0, 4, n],
            "iscrowd": 0,
            "score": 0.5,
        }
        for n, (k, category) in enumerate(objects, start=first_annotation)
    ]
    categories = [
        {"id": k, "name": name, "supercategory": "thing"} for k, name in (names or NAMES).items()
    ]
    content = {**top, "images": images, "annotations": annotations, "categories": categories}
    path.write_text(json.dumps(content), encoding="utf-8")
    return content


def merged(
    folder: Path,
    *files: str,
    images: Path | None = None,
    reporter: Reporter | None = None,
    **options: Any,
) -> Content:
    """The content of what `merge` makes of these files."""
    chosen = MergeOptions(files, "merged", **options)
    merge(folder, chosen, images=images, overwrite=True, reporter=reporter)
    content = load(folder / "merged.json")
    check_ids(content)
    read_document(folder / "merged.json")
    return content


def roots_of(roots: Mapping[Any, Path]) -> tuple[str, ...]:
    """Image roots by file, as the option --images-of has them."""
    return tuple(f"{file}={root}" for file, root in roots.items())


def described(path: Path | Content) -> Counter[tuple[str, str, str]]:
    """Every annotation as its photo, its class and all else, whatever the ids are."""
    content = load(path) if isinstance(path, Path) else path
    photo = {image["id"]: image["file_name"] for image in content["images"]}
    names = {category["id"]: category["name"] for category in content["categories"]}
    own = ("id", "image_id", "category_id", "trashdata")
    return Counter(
        (
            photo[a["image_id"]],
            names[a["category_id"]],
            json.dumps({k: v for k, v in a.items() if k not in own}, sort_keys=True),
        )
        for a in content["annotations"]
    )


def coco_counts(*paths: Path) -> Counter[str]:
    """Objects by class name, as pycocotools counts them."""
    counts: Counter[str] = Counter()
    for path in paths:
        coco = load_coco(path)
        for category in coco.loadCats(coco.getCatIds()):
            counts[category["name"]] += len(coco.getAnnIds(catIds=[category["id"]]))
    return +counts
