"""segpaste: ``BatchCopyPaste`` on batches of four photos; all files are ours."""

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
import torchvision_operators  # noqa: F401 - before anything imports torchvision
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from segpaste import BatchCopyPaste, BatchedDenseSample, DenseSample, InstanceMask, get_preset
from timing import run
from torchvision import tv_tensors

BATCH = 4
MOST = 64


def sample(coco: COCO, root: Path, image: dict[str, Any]) -> DenseSample:
    """A photo with its objects as segpaste takes it."""
    own = coco.loadAnns(coco.getAnnIds(imgIds=image["id"]))
    pixels = cv2.cvtColor(cv2.imread(str(root / image["file_name"])), cv2.COLOR_BGR2RGB)
    masks = np.stack([coco.annToMask(one) for one in own]).astype(bool)
    boxes = torch.tensor([one["bbox"] for one in own], dtype=torch.float32)
    boxes[:, 2:] += boxes[:, :2]
    size = (image["height"], image["width"])
    return DenseSample(
        image=tv_tensors.Image(torch.from_numpy(pixels).permute(2, 0, 1).float() / 255),
        boxes=tv_tensors.BoundingBoxes(boxes, format="XYXY", canvas_size=size),
        labels=torch.tensor([one["category_id"] for one in own]),
        instance_ids=torch.arange(1, len(own) + 1, dtype=torch.int32),
        instance_masks=InstanceMask(torch.from_numpy(masks)),
    )


def work(given: dict[str, Any], out: Path) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(given["json"])
    root = Path(given["images"])
    augment = BatchCopyPaste(get_preset("coco-instance").batch_copy_paste)
    generator = torch.Generator().manual_seed(42)
    images = coco.loadImgs(coco.getImgIds())[: given["num"]]
    (out / "images").mkdir()
    (out / "masks").mkdir()
    records: list[dict[str, Any]] = []
    for start in range(0, len(images), BATCH):
        samples = [sample(coco, root, image) for image in images[start : start + BATCH]]
        padded = BatchedDenseSample.from_samples(samples).to_padded(max_instances=MOST)
        made = augment(padded, generator=generator)
        for place in range(len(samples)):
            write(made, place, start + place, out, records)
    (out / "pasted.json").write_text(json.dumps(records))


def write(made: Any, place: int, number: int, out: Path, records: list[dict[str, Any]]) -> None:
    """One photo of a batch, with its mask and records."""
    pixels = (made.images[place] * 255).round().byte().permute(1, 2, 0).numpy()
    labels = np.zeros(pixels.shape[:2], dtype=np.uint8)
    there = made.instance_valid[place].numpy()
    masks = made.instance_masks[place].numpy()
    kinds = made.labels[place].numpy()
    for k in np.flatnonzero(there):
        labels[masks[k]] = kinds[k]
        packed = coco_mask.encode(np.asfortranarray(masks[k], dtype=np.uint8))
        packed["counts"] = packed["counts"].decode()
        record = {"image_id": number, "category_id": int(kinds[k]), "segmentation": packed}
        records.append(record)
    cv2.imwrite(str(out / "images" / f"{number:06}.jpg"), cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    cv2.imwrite(str(out / "masks" / f"{number:06}.png"), labels)


run(work)
