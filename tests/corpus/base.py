"""The sound set that every case spoils, and what a case is."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 72, 48
JSON = "train.json"
# Beside it, for commands that read a second file: a sound one of other photos.
OTHER_JSON = "other.json"

PAINT = frozenset({"masks", "preview", "copy-paste"})
"""Commands that decode segmentations."""
OPEN = frozenset({"preview", "copy-paste", "kfold"})
"""Commands that open photos."""
ALL = PAINT | OPEN | {"stats"}
"""Commands that read a COCO file; further ones are tried as well, see `running`."""
NONE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Case:
    """One spoilt set.

    ``spoil``: changes the sound set in a folder; ``kinds``: the errors and warnings that
    ``validate`` has to name, exactly these; ``notes``: kinds of notes that it has to name;
    ``says``: what the sentence of commands that refuse it holds, as a regular expression;
    ``refused_by``: of `ALL`, the commands that refuse it; the others work. ``unreadable``:
    ``validate`` gives the sentence as well. ``late``: the commands that can only find it in the
    middle of their work, and go on when it is fixed.
    """

    name: str
    spoil: Callable[[Path], object]
    kinds: frozenset[str]
    says: str = ""
    refused_by: frozenset[str] = NONE
    notes: frozenset[str] = NONE
    unreadable: bool = False
    late: frozenset[str] = NONE


Content = dict[str, Any]


def photo(number: int, width: int = WIDTH, height: int = HEIGHT) -> NDArray[np.uint8]:
    """A photo unlike the others, (height, width, 3) BGR."""
    rng = np.random.default_rng(number)
    small = rng.integers(30, 220, (5, 7, 3), dtype=np.uint8)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)


def encoded(number: int, suffix: str = ".jpg", **size: int) -> bytes:
    return cv2.imencode(suffix, photo(number, **size))[1].tobytes()


def square(x: int, y: int, side: int) -> list[float]:
    return [x, y, x + side, y, x + side, y + side, x, y + side]


def content() -> Content:
    """Six photos in two folders, twelve objects of two classes, numbers that all agree."""
    images = [
        {
            "id": number,
            "file_name": f"batch_{1 + number % 2}/{number:04}.jpg",
            "width": WIDTH,
            "height": HEIGHT,
        }
        for number in range(1, 7)
    ]
    annotations = []
    for number in range(12):
        x, y, side = 3 + 30 * (number % 2), 4 + number, 20 + number % 3
        annotations.append(
            {
                "id": number + 1,
                "image_id": 1 + number // 2,
                "category_id": 1 + number % 2,
                "segmentation": [square(x, y, side)],
                "area": side * side,
                "bbox": [x, y, side, side],
                "iscrowd": 0,
            }
        )
    categories = [{"id": 1, "name": "Paper"}, {"id": 2, "name": "Battery"}]
    return {
        "info": {"description": "made for a test"},
        "images": images,
        "annotations": annotations,
        "categories": categories,
    }


def make_set(folder: Path) -> None:
    """Write the sound set."""
    made = content()
    for image in made["images"]:
        path = folder / image["file_name"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encoded(image["id"]))
    (folder / JSON).write_text(json.dumps(made), encoding="utf-8")


def add_other_file(folder: Path) -> None:
    """Write a sound file of other photos beside the set."""
    other = content()
    for image in other["images"]:
        image["file_name"] = f"other/{image['id']}.jpg"
        path = folder / image["file_name"]
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(encoded(100 + image["id"]))
    (folder / OTHER_JSON).write_text(json.dumps(other), encoding="utf-8")


# --- ways to spoil --------------------------------------------------------------------------


def changed(change: Callable[[Content], object]) -> Callable[[Path], None]:
    """Change the JSON as Python sees it; NaN and the like are written as Python writes them."""

    def spoil(folder: Path) -> None:
        made = json.loads((folder / JSON).read_bytes())
        change(made)
        (folder / JSON).write_text(json.dumps(made), encoding="utf-8")

    return spoil


def rewritten(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    """Change the bytes of the JSON."""

    def spoil(folder: Path) -> None:
        path = folder / JSON
        path.write_bytes(change(path.read_bytes()))

    return spoil


def annotation(index: int = 4, **fields: Any) -> Callable[[Path], None]:
    """Set fields of one annotation; number 4 is annotation 5, on image 3."""
    return changed(lambda made: made["annotations"][index].update(fields))


def image(index: int = 2, **fields: Any) -> Callable[[Path], None]:
    """Set fields of one image; number 2 is image 3."""
    return changed(lambda made: made["images"][index].update(fields))


def lacking(key: str, index: int, field: str) -> Callable[[Path], None]:
    return changed(lambda made: made[key][index].pop(field))


def photo_bytes(
    make: Callable[[], bytes], name: str = "batch_2/0003.jpg"
) -> Callable[[Path], None]:
    """Put other bytes in the place of the photo of image 3."""

    def spoil(folder: Path) -> None:
        (folder / name).write_bytes(make())

    return spoil


def kinds(*names: str) -> frozenset[str]:
    return frozenset(names)
