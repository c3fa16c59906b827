"""Draw the pictures of the README and the pages from the sample set: `python docs/images/make.py`.

Rerun it when the sample set or the contact sheets change their looks.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from trashdata.copy_paste import CopyPasteOptions, copy_paste

from trashdata.preview import PreviewOptions, preview
from trashdata.sample import sample

IMAGES = Path(__file__).resolve().parent
LIMIT = 300_000  # bytes
_GAP = 24


def main() -> None:
    """Draw all pictures in a folder that goes away."""
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        sample("data")
        options = CopyPasteOptions(patch=("Battery",), num=120, background_lsj_max=1.0)
        copy_paste("data", options)
        write_pairs(4)
        save(side_by_side(sheet("before.json"), sheet("after.json")), "before_after.jpg")
        save(sheet("copy_paste.json", num=6, seed=3, patch=("Battery",)), "copy_paste.jpg")


def write_pairs(count: int) -> None:
    """``before.json`` with backgrounds, ``after.json`` with photos that were made of them.

    Both in one order, by rising id; photos whose pasted battery is neither tiny nor huge.
    """
    document = json.loads(Path("data/copy_paste.json").read_text(encoding="utf-8"))
    pasted = Counter[int]()
    for annotation in document["annotations"]:
        if "donor_image_id" in annotation.get("trashdata", {}):
            pasted[annotation["image_id"]] += 2_000 <= annotation["area"] <= 9_000
    pairs = [
        (image["trashdata"]["background_image_id"], image["id"])
        for image in document["images"]
        if pasted[image["id"]] == 1
    ]
    chosen = [pairs[0]]
    for pair in pairs:
        if pair[0] > chosen[-1][0] + 4 and len(chosen) < count:
            chosen.append(pair)
    for name, ids in zip(("before", "after"), zip(*chosen, strict=True), strict=True):
        kept = {
            "images": [image for image in document["images"] if image["id"] in ids],
            "annotations": [a for a in document["annotations"] if a["image_id"] in ids],
        }
        Path(f"data/{name}.json").write_text(json.dumps(document | kept), encoding="utf-8")


def sheet(name: str, **options: Any) -> NDArray[np.uint8]:
    """The contact sheet that `trashdata preview` draws, (H, W, 3) uint8 BGR."""
    preview("data", PreviewOptions(Path("sheet.png"), name, **options), overwrite=True)
    return np.asarray(cv2.imread("sheet.png"), dtype=np.uint8)


def side_by_side(left: NDArray[np.uint8], right: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Two sheets beside each other on their own ground, both (H, W, 3)."""
    height = max(len(left), len(right))
    width = left.shape[1] + _GAP + right.shape[1]
    both = np.full((height, width, 3), left[0, 0], dtype=np.uint8)
    both[: len(left), : left.shape[1]] = left
    both[: len(right), left.shape[1] + _GAP :] = right
    return both


def save(picture: NDArray[np.uint8], name: str) -> None:
    """Write a JPEG that is small enough to live in git."""
    for quality in (88, 80, 70, 60):
        _, content = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
        if len(content) <= LIMIT:
            break
    (IMAGES / name).write_bytes(content.tobytes())
    print(f"{name}: {picture.shape[1]} x {picture.shape[0]}, {len(content):,} bytes")


if __name__ == "__main__":
    main()
