"""The input of the benchmarks: always a copy, so that the original can't be changed."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from trashdata.options.command import cores
from trashdata.sample import SampleOptions, sample

ROOT = Path(__file__).resolve().parent.parent
RECYCLING = ROOT.parent / "shared" / "data" / "recycling-512"
TACO = ROOT.parent / "shared" / "data" / "taco" / "annotations.json"
FILES = ("train.json", "train_all.json")
LARGE = (4032, 3024)
ROOM = 8 << 30


def memory_folder() -> Path | None:
    """The folder of files in memory, if there is one with `ROOM` bytes to spare."""
    folder = Path("/dev/shm")
    has_room = folder.is_dir() and shutil.disk_usage(folder).free >= ROOM
    return folder if has_room else None


def scratch_copy(source: Path, target: Path) -> str:
    """Copy the JSON files and their photos, or draw a sample set; returns what it is, in words."""
    if not source.is_dir():
        sample(target, SampleOptions(images=160, size=512), workers=cores())
        return f"a generated sample set, 512x512 ({source.name} is not there)"
    target.mkdir(parents=True)
    photos: set[str] = set()
    for name in FILES:
        # Not copy2: the original may be read-only, the copy must not be.
        shutil.copyfile(source / name, target / name)
        photos.update(photo_names(target / name))
    for photo in sorted(photos):
        (target / photo).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / photo, target / photo)
    return f"{source.name}, {len(photos)} photos"


def photo_names(path: Path) -> list[str]:
    """The ``file_name`` of every image of a COCO file."""
    return [image["file_name"] for image in load(path)["images"]]


def load(path: Path) -> dict[str, Any]:
    """A COCO file as plain dicts and lists."""
    content: dict[str, Any] = json.loads(path.read_bytes())
    return content


def write_multiplied(
    source: Path,
    target: Path,
    times: int,
    *,
    name: str = "train.json",
    under: str = "",
    put: Callable[[Path, Path], object] = os.link,
) -> int:
    """Write the ``train.json`` of ``source`` so many times over into ``name`` in ``target``.

    Ids and file names are new, all else is the same; ``under``: the folder of the photos there;
    ``put``: brings a photo to its new name. Returns the number of photos.
    """
    content = load(source / "train.json")
    step = 1 + max(item["id"] for part in ("images", "annotations") for item in content[part])
    images, annotations = [], []
    for turn in range(times):
        shift = step * turn
        for image in content["images"]:
            file_name = f"{under}{turn}/{image['file_name']}"
            (target / file_name).parent.mkdir(parents=True, exist_ok=True)
            put(source / image["file_name"], target / file_name)
            images.append({**image, "id": image["id"] + shift, "file_name": file_name})
        for item in content["annotations"]:
            ids = {"id": item["id"] + shift, "image_id": item["image_id"] + shift}
            annotations.append({**item, **ids})
    multiplied = {**content, "images": images, "annotations": annotations}
    (target / name).write_text(json.dumps(multiplied), encoding="utf-8")
    return len(images)


def write_enlarged(source: Path, target: Path, photos: int) -> None:
    """The first photos and their polygons at 12 megapixels, with noise as cameras have it."""
    import cv2
    import numpy as np

    content = load(source / "train.json")
    images = content["images"][:photos]
    rng = np.random.default_rng(12)
    scale = {}
    for image in images:
        (target / image["file_name"]).parent.mkdir(parents=True, exist_ok=True)
        pixels = cv2.imread(str(source / image["file_name"]))
        assert pixels is not None
        large = cv2.resize(pixels, LARGE, interpolation=cv2.INTER_CUBIC)
        noise = rng.normal(0, 4, large.shape)
        noisy = np.clip(large + noise, 0, 255).astype(np.uint8)
        cv2.imwrite(str(target / image["file_name"]), noisy, [cv2.IMWRITE_JPEG_QUALITY, 92])
        scale[image["id"]] = LARGE[0] / image["width"], LARGE[1] / image["height"]
        image |= {"width": LARGE[0], "height": LARGE[1]}
    annotations = [one for one in content["annotations"] if one["image_id"] in scale]
    for annotation in annotations:
        _scale(annotation, *scale[annotation["image_id"]])
    content |= {"images": images, "annotations": annotations}
    (target / "train.json").write_text(json.dumps(content), encoding="utf-8")


def _scale(annotation: dict[str, Any], across: float, down: float) -> None:
    annotation["segmentation"] = [
        [round(value * (down if k % 2 else across), 2) for k, value in enumerate(polygon)]
        for polygon in annotation["segmentation"]
    ]
    x, y, width, height = annotation["bbox"]
    annotation["bbox"] = [x * across, y * down, width * across, height * down]
    annotation["area"] *= across * down
