"""What must hold for every set that trashdata writes, checked with pycocotools and Pillow alone."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pycocotools.coco import COCO


def load_coco(path: Path) -> COCO:
    """pycocotools' own reader, without its prints."""
    with contextlib.redirect_stdout(io.StringIO()):
        return COCO(str(path))


def load(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def rewrite(path: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    """Change the content of a JSON file in place."""
    content = load(path)
    edit(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def tree(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below a folder, by relative path."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def new_images(content: dict[str, Any]) -> list[dict[str, Any]]:
    return [i for i in content["images"] if "background_image_id" in i.get("trashdata", {})]


def pasted(content: dict[str, Any]) -> list[dict[str, Any]]:
    return [a for a in content["annotations"] if "donor_annotation_id" in a.get("trashdata", {})]


def check_ids(content: dict[str, Any]) -> None:
    for key in ("images", "annotations", "categories"):
        ids = [record["id"] for record in content[key]]
        assert len(set(ids)) == len(ids), f"{key}: ids twice"


def check_kept(content: dict[str, Any], source: dict[str, Any]) -> None:
    """The input's images and annotations stand unchanged in the result."""
    for key in ("images", "annotations"):
        by_id = {record["id"]: record for record in content[key]}
        for record in source[key]:
            assert by_id[record["id"]] == record
    assert content["categories"] == source["categories"]


def check_new_photos(data: Path, name: str, images: Path | None = None) -> None:
    """Annotations don't overlap, masks equal them, areas and boxes are those of the masks."""
    path = data / f"{name}.json"
    content, coco = load(path), load_coco(path)
    ignored = set(content.get("info", {}).get("trashdata", {}).get("ignore_category_ids", []))
    classes = sorted(c["id"] for c in content["categories"] if c["id"] not in ignored)
    index = {category: k for k, category in enumerate(classes, start=1)}
    for image in new_images(content):
        shape = image["height"], image["width"]
        labels = np.zeros(shape, dtype=np.uint8)
        layers = np.zeros(shape, dtype=np.int64)
        for annotation in coco.imgToAnns[image["id"]]:
            mask = coco.annToMask(annotation)
            check_annotation(annotation, mask)
            layers += mask
            labels[mask > 0] = index.get(annotation["category_id"], 255)
        assert layers.max(initial=0) <= 1, f"{image['file_name']}: annotations overlap"
        if "valid_box" in image["trashdata"]:
            x, y, width, height = image["trashdata"]["valid_box"]
            padded = np.full_like(labels, 255)
            padded[y : y + height, x : x + width] = labels[y : y + height, x : x + width]
            labels = padded
        stem = Path(image["file_name"]).stem
        with Image.open(data / name / "masks" / f"{stem}.png") as mask_file:
            assert mask_file.mode == "P"
            assert np.array_equal(np.array(mask_file), labels)
        with Image.open((images or data) / image["file_name"]) as photo:
            assert photo.size == (image["width"], image["height"])


def check_annotation(annotation: dict[str, Any], mask: NDArray[np.uint8]) -> None:
    rows, columns = np.nonzero(mask)
    assert annotation["area"] == len(rows) > 0
    x, y = columns.min(), rows.min()
    box = [x, y, columns.max() - x + 1, rows.max() - y + 1]
    assert annotation["bbox"] == box


def counted(path: Path) -> dict[str, int]:
    """Objects per class, by pycocotools."""
    coco = load_coco(path)
    return {
        category["name"]: len(coco.getAnnIds(catIds=[category["id"]]))
        for category in coco.loadCats(coco.getCatIds())
    }


def pixels_of(path: Path) -> dict[str, float]:
    """Sum of the areas of each class, by pycocotools."""
    coco = load_coco(path)
    sums: Counter[str] = Counter()
    for annotation in coco.anns.values():
        sums[coco.cats[annotation["category_id"]]["name"]] += annotation["area"]
    return dict(sums)
