"""AlbumentationsX: ``CopyAndPaste`` of one object onto each photo; all files are ours."""

import contextlib
import io
import json
import random
from pathlib import Path
from typing import Any

import albumentations as A  # noqa: N812 - its usual name
import cv2
import numpy as np
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from timing import run


def work(given: dict[str, Any], out: Path) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(given["json"])
    root = Path(given["images"])
    patch = coco.getCatIds(catNms=[given["patch"]])
    donors = coco.loadAnns(coco.getAnnIds(catIds=patch))
    images = coco.loadImgs(coco.getImgIds())[: given["num"]]
    chosen = random.Random(42).choices(donors, k=len(images))
    # Some versions bind masks to boxes only when told to; one that needs it is told so.
    transform = A.Compose([A.CopyAndPaste(blend_mode="gaussian", p=1.0)])
    (out / "images").mkdir()
    (out / "masks").mkdir()
    records = []
    for number, (image, donor) in enumerate(zip(images, chosen, strict=True)):
        annotations = coco.loadAnns(coco.getAnnIds(imgIds=image["id"]))
        masks = [coco.annToMask(one) for one in annotations]
        photo = coco.loadImgs(donor["image_id"])[0]
        record = {
            "image": cv2.imread(str(root / photo["file_name"])),
            "mask": coco.annToMask(donor),
        }
        made = transform(
            image=cv2.imread(str(root / image["file_name"])),
            masks=np.stack(masks),
            copy_paste_metadata=[record],
        )
        labels = np.zeros(made["image"].shape[:2], dtype=np.uint8)
        kinds = [one["category_id"] for one in annotations] + [patch[0]]
        for kind, mask in zip(kinds, made["masks"], strict=False):
            labels[np.asarray(mask) > 0] = kind
            packed = coco_mask.encode(np.asfortranarray(np.asarray(mask), dtype=np.uint8))
            packed["counts"] = packed["counts"].decode()
            records.append({"image_id": number, "category_id": kind, "segmentation": packed})
        cv2.imwrite(str(out / "images" / f"{number:06}.jpg"), made["image"])
        cv2.imwrite(str(out / "masks" / f"{number:06}.png"), labels)
    (out / "pasted.json").write_text(json.dumps(records))


run(work)
