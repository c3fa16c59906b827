"""Donor pools that hold the photos of validation, which a paste must not bring into training."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, Literal

import cv2
from trashdata.copy_paste import CopyPasteOptions, copy_paste

from .coco import load, rewrite

Saved = Literal["copy", "again"]


def pool_of(data: Path, json: str, saved: Saved, folder: str = "pool") -> Path:
    """``pool.json`` in the data folder: the photos of a file under other ids and names, in a
    folder beside it, copied or saved again at another quality."""
    content = load(data / json)
    new_ids = {image["id"]: 70_000 + k for k, image in enumerate(content["images"])}
    root = data.parent / folder if folder != "." else data
    (root / "pool").mkdir(parents=True)
    for image in content["images"]:
        old, image["id"] = image["file_name"], new_ids[image["id"]]
        image["file_name"] = f"pool/{image['id']}.jpg"
        if saved == "copy":
            shutil.copy(data / old, root / image["file_name"])
        else:
            pixels = cv2.imread(str(data / old))
            assert pixels is not None
            cv2.imwrite(str(root / image["file_name"]), pixels, [cv2.IMWRITE_JPEG_QUALITY, 60])
    for annotation in content["annotations"]:
        annotation["image_id"] = new_ids[annotation["image_id"]]
    (data / "pool.json").touch()
    (data / "pool.json").write_text("{}", encoding="utf-8")
    rewrite(data / "pool.json", lambda empty: empty.update(content))
    return root


def paste_from_pool(data: Path, **options: Any) -> None:
    """Write ``copy_paste.json``: train.json, and photos with objects of ``pool.json``."""
    usual: dict[str, Any] = {"patch": ("Paper",), "num": 4, "min_area": 1, "min_donor_area": 1}
    copy_paste(data, CopyPasteOptions(**usual | {"donors": "pool.json"} | options))
