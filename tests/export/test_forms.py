"""``trashdata export``: what others read there is what the COCO file says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import cv2
import numpy as np
import pytest
from helpers.coco import load, tree
from helpers.processes import RunCli
from numpy.typing import NDArray
from PIL import Image

from trashdata.coco.document import Document
from trashdata.coco.read import read_document
from trashdata.errors import UserError
from trashdata.export import ExportOptions, export
from trashdata.export.forms.polygons import join
from trashdata.export.names import flat_name
from trashdata.export.options import FormName
from trashdata.masks.labelmap import label_map

FORMS: tuple[FormName, ...] = get_args(FormName)


def exported(data: Path, out: Path, to: FormName, **options: Any) -> Path:
    call = {name: options.pop(name) for name in ("workers", "overwrite") if name in options}
    export(data, ExportOptions(to, out, **options), **call)
    return out


def documents(data: Path) -> dict[str, Document]:
    return {name: read_document(data / f"{name}.json") for name in ("train", "val")}


@pytest.mark.parametrize("to", FORMS)
def test_workers_and_a_second_start_change_no_byte(
    to: FormName, sample_set: Path, tmp_path: Path
) -> None:
    one = exported(sample_set, tmp_path / "one", to)
    two = exported(sample_set, tmp_path / "two", to, workers=2)
    first = tree(one)
    assert first == tree(two)
    assert any(name.endswith(".jpg") for name in first)
    exported(sample_set, one, to)
    assert tree(one) == first
    with pytest.raises(UserError, match="a finished run with other options"):
        exported(sample_set, one, to, photos=False)
    exported(sample_set, one, to, photos=False, overwrite=True)
    assert not any(name.endswith(".jpg") for name in tree(one))


def test_yolo_polygons_cover_what_the_masks_cover(sample_set: Path, tmp_path: Path) -> None:
    out = exported(sample_set, tmp_path / "yolo", "yolo")
    agreed, either = 0, 0
    for name, document in documents(sample_set).items():
        for image in document.images:
            stem = Path(flat_name(image.file_name)).stem
            assert (out / "images" / name / f"{stem}.jpg").is_file()
            lines = (out / "labels" / name / f"{stem}.txt").read_text().splitlines()
            own = document.annotations_of.get(image.id, [])
            assert [int(line.split()[0]) + 1 for line in lines] == [
                document.class_index[a.category_id] for a in own
            ]
            size = np.array([image.width, image.height])
            drawn = np.zeros((image.height, image.width), dtype=np.uint8)
            for line in lines:
                corners = np.array(line.split()[1:], dtype=float).reshape(-1, 2) * size
                # Filled as Ultralytics fills; it rounds corners to whole pixels as well.
                cv2.fillPoly(drawn, [corners.astype(np.int32)], 1)
            wanted = label_map(document, image) > 0
            agreed += int((wanted & (drawn > 0)).sum())
            either += int((wanted | (drawn > 0)).sum())
    # Border pixels count as inside for cv2, and objects of the sample set are small.
    assert agreed / either > 0.85
    words = (out / "data.yaml").read_text().splitlines()
    assert words[:3] == ["train: images/train", "val: images/val", "names:"]
    assert words[3] == '  0: "General trash"'


def test_parts_and_holes_are_joined_into_one_outline() -> None:
    square = np.array([[0, 0], [10, 0], [10, 10], [0, 10]], dtype=float)
    parts = [square + np.array(offset) for offset in ((0, 0), (20, 0), (20, 20))]
    together = np.zeros((40, 40), dtype=np.uint8)
    cv2.fillPoly(together, [join(parts).astype(np.int32)], 1)
    apart = np.zeros_like(together)
    for part in parts:
        cv2.fillPoly(apart, [part.astype(np.int32)], 1)
    # All of the parts is there, and little else: the bridges are one pixel wide.
    assert ((apart > 0) <= (together > 0)).all()
    assert (together != apart).sum() <= 2 * 10


def test_voc_masks_are_the_label_maps(sample_set: Path, tmp_path: Path) -> None:
    out = exported(sample_set, tmp_path / "voc", "voc-masks")
    for name, document in documents(sample_set).items():
        stems = (out / "ImageSets" / "Segmentation" / f"{name}.txt").read_text().split()
        assert len(stems) == len(document.images)
        for stem, image in zip(stems, document.images, strict=True):
            assert (out / "JPEGImages" / f"{stem}.jpg").is_file()
            with Image.open(out / "SegmentationClass" / f"{stem}.png") as mask:
                assert mask.mode == "P"
                assert (np.array(mask) == label_map(document, image)).all()
    assert (out / "classes.txt").read_text().splitlines()[:2] == ["background", "General trash"]


def numbers_of(path: Path) -> NDArray[np.int64]:
    """Segment numbers of a panoptic PNG."""
    with Image.open(path) as picture:
        red, green, blue = np.moveaxis(np.array(picture, dtype=np.int64), 2, 0)
    numbers: NDArray[np.int64] = red + 256 * green + 65536 * blue
    return numbers


def test_panoptic_segments_paint_the_label_maps(sample_set: Path, tmp_path: Path) -> None:
    out = exported(sample_set, tmp_path / "panoptic", "coco-panoptic")
    for name, document in documents(sample_set).items():
        content = load(out / f"panoptic_{name}.json")
        assert [i["id"] for i in content["images"]] == [i.id for i in document.images]
        by_image = {record["image_id"]: record for record in content["annotations"]}
        for image in document.images:
            record = by_image[image.id]
            numbers = numbers_of(out / f"panoptic_{name}" / record["file_name"])
            labels = np.zeros_like(numbers)
            for segment in record["segments_info"]:
                own = numbers == segment["id"]
                assert own.sum() == segment["area"]
                x, y, width, height = segment["bbox"]
                assert own[y : y + height, x : x + width].sum() == segment["area"]
                labels[own] = document.class_index[segment["category_id"]]
            assert set(np.unique(numbers)) - {0} == {s["id"] for s in record["segments_info"]}
            assert (labels == label_map(document, image)).all()


def test_ignore_regions_and_padding(data: Path, tmp_path: Path) -> None:
    content = load(data / "train.json")
    image = next(i for i in content["images"] if i["width"] == 96)
    void = {"id": 99, "name": "ignore", "supercategory": "void"}
    content["categories"].append(void)
    content["info"] = {"trashdata": {"ignore_category_ids": [99]}}
    image["trashdata"] = {"valid_box": [0, 0, 96, 90]}
    counts = [0, 96 * 10, 96 * 86]
    content["annotations"].append(
        {
            "id": 10**6,
            "image_id": image["id"],
            "category_id": 99,
            "iscrowd": 1,
            "bbox": [0, 0, 10, 96],
            "area": 960,
            "segmentation": {"size": [96, 96], "counts": counts},
        }
    )
    (data / "train.json").write_text(json.dumps(content))
    stem = Path(flat_name(image["file_name"])).stem
    for to in FORMS:
        exported(data, tmp_path / to, to, json=("train.json",))
    with Image.open(tmp_path / "voc-masks" / "SegmentationClass" / f"{stem}.png") as mask:
        labels = np.array(mask)
    assert (labels[:, :10] == 255).all()
    assert (labels[90:] == 255).all()
    numbers = numbers_of(tmp_path / "coco-panoptic" / "panoptic_train" / f"{stem}.png")
    assert not numbers[:, :10].any()
    assert not numbers[90:].any()
    lines = (tmp_path / "yolo" / "labels" / "train" / f"{stem}.txt").read_text().splitlines()
    own = [a for a in content["annotations"] if a["image_id"] == image["id"]]
    assert len(lines) == len(own) - 1


def test_mistakes_are_told_in_one_sentence(data: Path, tmp_path: Path, run_cli: RunCli) -> None:
    words = ("export", "--data", data, "--to", "yolo", "--out", tmp_path / "out")

    def refused(*options: object) -> str:
        done = run_cli(*words, *options)
        assert done.returncode == 2
        assert not (tmp_path / "out").exists()
        (line,) = done.stderr.strip().splitlines()
        return line

    assert "one to three files of different names" in refused(*["--json", "train.json"] * 2)
    content = load(data / "val.json")
    content["categories"][0]["name"] = "Rubbish"
    (data / "other.json").write_text(json.dumps(content))
    found = refused("--json", "train.json", "--json", "other.json")
    assert "expected the categories of train.json" in found
    content = load(data / "train.json")
    folder, name = content["images"][0]["file_name"].split("/")
    content["images"][1]["file_name"] = f"{folder}_{name}"
    (data / "clash.json").write_text(json.dumps(content))
    assert "a unique name in one folder" in refused("--json", "clash.json")
    (data / load(data / "val.json")["images"][0]["file_name"]).unlink()
    assert "expected a photo" in refused()
