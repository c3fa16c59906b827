"""The input of the benchmarks: always a copy, so that the original can't be changed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from trashdata.commands.sample import sample
from trashdata.options import cores

ROOT = Path(__file__).resolve().parent.parent
RECYCLING = ROOT.parent / "shared" / "data" / "recycling-512"
FILES = ("train.json", "train_all.json")


def scratch_copy(source: Path, target: Path) -> str:
    """Copy the JSON files and their photos, or draw a sample set; returns what it is, in words."""
    if not source.is_dir():
        sample(target, images=160, size=512, workers=cores())
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


def write_multiplied(data: Path, name: str, times: int) -> None:
    """Write ``name`` beside ``train.json``: its photos so many times over, each a file of its own.

    Ids and file names are new, all else is the same.
    """
    content = load(data / "train.json")
    images, annotations = [], []
    step = 1 + max(item["id"] for part in ("images", "annotations") for item in content[part])
    for turn in range(times):
        shift = step * turn
        for image in content["images"]:
            copy = f"{Path(name).stem}/{turn}/{image['file_name']}"
            (data / copy).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(data / image["file_name"], data / copy)
            images.append({**image, "id": image["id"] + shift, "file_name": copy})
        for item in content["annotations"]:
            ids = {"id": item["id"] + shift, "image_id": item["image_id"] + shift}
            annotations.append({**item, **ids})
    multiplied = {**content, "images": images, "annotations": annotations}
    (data / name).write_text(json.dumps(multiplied), encoding="utf-8")
