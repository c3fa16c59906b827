"""segpaste: ``CopyPasteAugmentation`` of one object onto each photo; all files are ours."""

import contextlib
import io
import json
import random
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
import torchvision_operators  # noqa: F401 - before anything imports torchvision
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from segpaste import CopyPasteAugmentation, CopyPasteConfig, DetectionTarget
from timing import run


def target(
    coco: COCO, root: Path, image_id: int, annotations: list[dict[str, Any]]
) -> DetectionTarget:
    """A photo with some of its objects, as segpaste takes it."""
    photo = cv2.imread(str(root / coco.imgs[image_id]["file_name"]))
    pixels = torch.from_numpy(cv2.cvtColor(photo, cv2.COLOR_BGR2RGB)).permute(2, 0, 1)
    boxes = torch.tensor([one["bbox"] for one in annotations], dtype=torch.float32)
    boxes[:, 2:] += boxes[:, :2]
    return DetectionTarget(
        image=pixels.float() / 255,
        boxes=boxes,
        labels=torch.tensor([one["category_id"] for one in annotations]),
        masks=torch.from_numpy(np.stack([coco.annToMask(one) for one in annotations])),
    )


def work(given: dict[str, Any], out: Path) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(given["json"])
    root = Path(given["images"])
    random.seed(42)
    config = CopyPasteConfig(
        paste_probability=1, min_paste_objects=1, max_paste_objects=1, blend_mode="gaussian"
    )
    augment = CopyPasteAugmentation(config)
    donors = coco.loadAnns(coco.getAnnIds(catIds=coco.getCatIds(catNms=[given["patch"]])))
    images = coco.getImgIds()[: given["num"]]
    (out / "images").mkdir()
    (out / "masks").mkdir()
    records: list[dict[str, Any]] = []
    for number, image_id in enumerate(images):
        donor = random.choice(donors)
        made = augment.transform(
            target(coco, root, image_id, coco.loadAnns(coco.getAnnIds(imgIds=image_id))),
            [target(coco, root, donor["image_id"], [donor])],
        )
        write(made, number, out, records)
    (out / "pasted.json").write_text(json.dumps(records))


def write(made: DetectionTarget, number: int, out: Path, records: list[dict[str, Any]]) -> None:
    """A photo with its mask and records."""
    pixels = (made.image * 255).round().clamp(0, 255).byte().permute(1, 2, 0).numpy()
    labels = np.zeros(pixels.shape[:2], dtype=np.uint8)
    for mask, kind in zip(made.masks.bool().numpy(), made.labels.tolist(), strict=True):
        labels[mask] = kind
        packed = coco_mask.encode(np.asfortranarray(mask, dtype=np.uint8))
        packed["counts"] = packed["counts"].decode()
        records.append({"image_id": number, "category_id": kind, "segmentation": packed})
    cv2.imwrite(str(out / "images" / f"{number:06}.jpg"), cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    cv2.imwrite(str(out / "masks" / f"{number:06}.png"), labels)


run(work)
