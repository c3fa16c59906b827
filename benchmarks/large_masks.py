"""``masks`` on TACO's annotations of large photos against a plain pycocotools loop."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.harness import Bench, Figure, one_core, ratio, seconds, take_pairs
from benchmarks.inputs import TACO, load
from benchmarks.masks import label_maps, loop_time, refuse_other_pixels, write_cv2
from trashdata.masks import MasksOptions, masks

PHOTOS = 40
PIXELS = 8_000_000


def measure(bench: Bench) -> list[Figure]:
    """No figure where TACO is missing; none of its photos is needed."""
    if not TACO.is_file():
        return []
    with one_core(), bench.folder("taco") as data:
        chosen = _large(load(TACO), 4 if bench.quick else PHOTOS)
        path = data / "taco.json"
        path.write_text(json.dumps(chosen), encoding="utf-8")
        _ours(data)
        maps = label_maps(data / "masks")
        refuse_other_pixels(bench, path, maps, write_cv2)
        maps.clear()
        pairs = take_pairs(
            lambda: loop_time(bench, path, write_cv2), lambda: _ours(data), bench.repeats(3)
        )
    name = f"masks, TACO, {len(chosen['images'])} of 8 MP and more"
    note = "the same pixels; the loop writes with cv2.imwrite"
    return [ratio(name, "pycocotools loop", pairs, wanted="at least 4", note=note)]


def _ours(data: Path) -> float:
    shutil.rmtree(data / "masks", ignore_errors=True)
    return 1000 * seconds(
        lambda: masks(data, MasksOptions(json="taco.json", out="masks"), workers=1)
    )


def _large(content: dict[str, Any], count: int) -> dict[str, Any]:
    """Large photos, evenly from the whole file; none with an id that stands twice."""
    uses = Counter(one["id"] for one in content["annotations"])
    unclear = {one["image_id"] for one in content["annotations"] if uses[one["id"]] > 1}
    large = [
        image
        for image in content["images"]
        if image["width"] * image["height"] >= PIXELS and image["id"] not in unclear
    ]
    images = large[:: max(1, len(large) // count)][:count]
    ids = {image["id"] for image in images}
    annotations = [one for one in content["annotations"] if one["image_id"] in ids]
    return {"images": images, "annotations": annotations, "categories": content["categories"]}
