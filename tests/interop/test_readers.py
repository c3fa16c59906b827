"""What trashdata writes, read by tools that others wrote.

Readers that rasterise as pycocotools does must give the very masks, from polygons and from RLE.
Supervision fills polygons with OpenCV, which takes the pixels under the outline as inside: there
the masks' IoU is measured, and has to be what half a pixel around small objects amounts to.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import SETS, declare_operators
from numpy.typing import NDArray
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

Mask = NDArray[np.bool_]


def mask_of(truth: COCO, annotation: dict[str, Any]) -> Mask:
    mask: Mask = truth.annToMask(annotation) > 0
    return mask


def objects_of(truth: COCO, image_id: int) -> list[dict[str, Any]]:
    objects: list[dict[str, Any]] = truth.loadAnns(truth.getAnnIds(image_id))
    return objects


def is_exact(annotation: dict[str, Any]) -> bool:
    """Whether the segmentation is an RLE, or polygons with corners at whole pixels."""
    parts = annotation["segmentation"]
    return isinstance(parts, dict) or all(number % 1 == 0 for part in parts for number in part)


def in_float32(annotation: dict[str, Any]) -> dict[str, Any]:
    """The annotation with polygons whose coordinates went through a float32; RLE as it is."""
    parts = annotation["segmentation"]
    if isinstance(parts, dict):
        return annotation
    return annotation | {"segmentation": [np.float32(part).tolist() for part in parts]}


def class_counts(truth: COCO) -> Counter[str]:
    names = {k: category["name"] for k, category in truth.cats.items()}
    return Counter(names[annotation["category_id"]] for annotation in truth.anns.values())


def test_pycocotools(truth: COCO) -> None:
    assert len(truth.anns) > 100
    several_parts = 0
    for annotation in truth.anns.values():
        mask = mask_of(truth, annotation)
        assert mask.sum() == annotation["area"] or "trashdata" not in annotation
        rows, columns = np.nonzero(mask)
        x, y, width, height = annotation["bbox"]
        assert (columns.min(), rows.min()) == pytest.approx((x, y), abs=1)
        assert columns.max() + 1 == pytest.approx(x + width, abs=1)
        assert rows.max() + 1 == pytest.approx(y + height, abs=1)
        segmentation = annotation["segmentation"]
        several_parts += isinstance(segmentation, list) and len(segmentation) > 1
    # Objects in several parts, or cut along their holes, are among them.
    assert several_parts > 3 or isinstance(segmentation, dict)


def test_faster_coco_eval(path: Path, truth: COCO) -> None:
    import faster_coco_eval

    theirs = faster_coco_eval.COCO(str(path))
    assert theirs.anns.keys() == truth.anns.keys()
    for number, annotation in truth.anns.items():
        other = theirs.anns[number]
        assert (other["category_id"], other["bbox"]) == (
            annotation["category_id"],
            annotation["bbox"],
        )
        assert ((theirs.annToMask(other) > 0) == mask_of(truth, annotation)).all()


def test_supervision(path: Path, truth: COCO, record_property: Any) -> None:
    import supervision

    data = supervision.DetectionDataset.from_coco(str(SETS), str(path), force_masks=True)
    by_name = {str(SETS / image["file_name"]): image["id"] for image in truth.imgs.values()}
    counted: Counter[str] = Counter()
    shared, either = 0, 0
    for name, photo, detections in data:
        own = objects_of(truth, by_name[str(name)])
        assert len(detections) == len(own)
        if not own:
            continue
        counted.update(data.classes[k] for k in detections.class_id)
        for box, mask, annotation in zip(detections.xyxy, detections.mask, own, strict=True):
            x, y, width, height = annotation["bbox"]
            assert box.tolist() == pytest.approx([x, y, x + width, y + height])
            assert mask.shape == photo.shape[:2]
            shared += int((mask & mask_of(truth, annotation)).sum())
            either += int((mask | mask_of(truth, annotation)).sum())
    assert counted == class_counts(truth)
    record_property("iou", shared / either)
    print(f"\nsupervision, {path.stem}: IoU of the masks {shared / either:.4f}")
    if path.stem.endswith("rle"):
        assert shared / either == 1
    else:
        assert shared / either == pytest.approx(documented(path.stem), abs=0.02)


def documented(stem: str) -> float:
    """What docs/reliability.md says of supervision and polygons."""
    page = Path(__file__).parents[2] / "docs" / "reliability.md"
    what = {"traced_polygon": "traced masks", "pasted_polygon": "pasted objects"}[stem]
    row = re.search(rf"^\| supervision, {what} \| ([\d.]+) \|", page.read_text(), re.MULTILINE)
    assert row is not None
    return float(row[1])


def test_datumaro(path: Path, truth: COCO, tmp_path: Path) -> None:
    import datumaro
    from datumaro.components.annotation import Mask as DatumaroMask
    from datumaro.components.annotation import Polygon

    (tmp_path / "annotations").mkdir()
    (tmp_path / "annotations" / "instances_train.json").write_bytes(path.read_bytes())
    for image in truth.imgs.values():
        photo = tmp_path / "images" / "train" / image["file_name"]
        photo.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(SETS / image["file_name"], photo)
    data = datumaro.Dataset.import_from(str(tmp_path), "coco_instances")
    names = [category.name for category in data.categories()[datumaro.AnnotationType.label]]
    by_name = {str(Path(i["file_name"]).with_suffix("")): i for i in truth.imgs.values()}
    counted: Counter[str] = Counter()
    for item in data:
        image = by_name[item.id]
        size = image["height"], image["width"]
        found: dict[int, Mask] = {}
        for part in item.annotations:
            # The parts of an object share its group; boxes repeat what the masks say.
            if isinstance(part, DatumaroMask):
                mask = part.image.astype(bool)
            elif isinstance(part, Polygon):
                (code,) = coco_mask.frPyObjects([part.points], *size)
                mask = coco_mask.decode(code).astype(bool)
            else:
                continue
            counted[names[part.label]] += part.group not in found
            found[part.group] = found.get(part.group, np.zeros(size, dtype=bool)) | mask
        own = objects_of(truth, image["id"])
        assert found.keys() == {annotation["id"] for annotation in own}
        for annotation in own:
            # Datumaro keeps coordinates as float32: 87.48 becomes 87.4800034, and now and then
            # a pixel on a slanted edge rounds the other way. With such numbers COCO's own code
            # gives the very same masks; whole numbers and RLE stay exact.
            mask = found[annotation["id"]]
            assert (mask == mask_of(truth, in_float32(annotation))).all()
            off = int((mask != mask_of(truth, annotation)).sum())
            # docs/reliability.md says so.
            assert off <= (0 if is_exact(annotation) else 4)
    assert counted == class_counts(truth)


def test_torchvision(path: Path, truth: COCO) -> None:
    declare_operators()
    from torchvision.datasets import CocoDetection

    data = CocoDetection(str(SETS), str(path))
    assert len(data) == len(truth.imgs)
    for image_id, (photo, found) in zip(data.ids, data, strict=True):
        image = truth.imgs[image_id]
        assert photo.size == (image["width"], image["height"])
        assert found == objects_of(truth, image_id)


def test_fiftyone(truth: COCO) -> None:
    """Its conversion of objects; the data base behind its datasets is no package of PyPI."""
    from fiftyone.utils.coco import COCOObject

    names = {k: category["name"] for k, category in truth.cats.items()}
    for annotation in truth.anns.values():
        image = truth.imgs[annotation["image_id"]]
        size = image["width"], image["height"]
        theirs = COCOObject.from_anno_dict(annotation).to_detection(
            size, classes_map=names, load_segmentation=True
        )
        assert theirs.label == names[annotation["category_id"]]
        x, y, width, height = annotation["bbox"]
        assert theirs.bounding_box == pytest.approx(
            [x / size[0], y / size[1], width / size[0], height / size[1]]
        )
        # FiftyOne crops the mask to the box, which for polygons need not be whole pixels.
        mask = mask_of(truth, annotation)
        rows, columns = (
            slice(round(start), round(start + length))
            for start, length in ((y, height), (x, width))
        )
        assert (theirs.mask == mask[rows, columns]).all()
