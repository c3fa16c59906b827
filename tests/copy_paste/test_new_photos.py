"""Copy-Paste from files to files, on the sample set and on the real one where it is there."""

from __future__ import annotations

import json
import random
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.coco import (
    check_ids,
    check_kept,
    check_new_photos,
    load,
    load_coco,
    new_images,
    pasted,
    tree,
)
from trashdata.copy_paste import CopyPasteOptions, copy_paste
from trashdata.copy_paste.blends import BLENDS

SMALL = CopyPasteOptions(num=25, min_area=20)

VARIANTS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "battery": {"patch": ("Battery",)},
    "rle": {"patch": ("Paper",), "segmentation": "rle"},
    "padded": {"patch": ("Metal",), "background_lsj_min": 0.4, "background_lsj_max": 0.9},
    "turned": {"patch": ("Glass", "Plastic"), "rotate": 40.0, "vflip": 0.5, "hflip": 0.0},
    "whole": {"patch": ("Paper",), "extract_patch": False, "lsj_max": 1.0},
    "cut donors": {"patch": ("Plastic bag",), "cut_donors": True, "max_objects": 5},
    "poisson row": {"patch": ("Clothing",), "blend": "poisson", "place": "row"},
    "no jitter": {"patch": ("Styrofoam",), "lsj": False, "background_lsj_max": 1.0},
    "as is": {"patch": ("Metal",), "small_to_large": False, "large_to_small": False},
    "self": {"patch": ("Battery",), "mode": "self", "blend": "none"},
}


@pytest.mark.parametrize("name", VARIANTS)
def test_every_new_photo_is_exact(name: str, data: Path) -> None:
    before = tree(data)
    options = replace(SMALL, **VARIANTS[name])
    outcome = copy_paste(data, options)
    content, source = load(data / "copy_paste.json"), load(data / "train.json")
    assert len(new_images(content)) == options.num == outcome.counts["photos"]
    check_ids(content)
    check_new_photos(data, "copy_paste")
    if options.mode == "add":
        check_kept(content, source)
    assert {k: v for k, v in tree(data).items() if k in before} == before
    counts = Counter(a["category_id"] for a in content["annotations"])
    names = {c["name"]: c["id"] for c in content["categories"]}
    for row in outcome.figures["classes"]:
        assert row["after"] == counts[names[row["class"]]]
    if options.patch:
        wanted = {names[patch] for patch in options.patch}
        holding = {a["image_id"] for a in pasted(content) if a["category_id"] in wanted}
        assert holding == {image["id"] for image in new_images(content)}


def test_pasted_objects_keep_to_their_limits(data: Path) -> None:
    options = replace(
        SMALL, patch=("Paper",), min_area=150, max_area=900, max_objects=2, min_visible=0.5
    )
    copy_paste(data, options)
    content = load(data / "copy_paste.json")
    per_photo = Counter(a["image_id"] for a in pasted(content))
    assert set(per_photo.values()) == {1, 2}
    for annotation in pasted(content):
        assert annotation["area"] <= 900
        # Pasted first, up to 30 % of it may have been covered by the second.
        assert annotation["area"] >= 150 * 0.7


def test_backgrounds_serve_equally_often(data: Path) -> None:
    count = len(load(data / "train.json")["images"])
    copy_paste(data, replace(SMALL, patch=("Paper",), num=3 * count))
    uses = Counter(
        image["trashdata"]["background_image_id"]
        for image in new_images(load(data / "copy_paste.json"))
    )
    assert set(uses.values()) == {3}
    assert len(uses) == count


def test_background_and_remove_patch_choose_photos(data: Path) -> None:
    source = load(data / "train.json")
    names = {c["id"]: c["name"] for c in source["categories"]}
    held: dict[int, set[str]] = {image["id"]: set() for image in source["images"]}
    for annotation in source["annotations"]:
        held[annotation["image_id"]].add(names[annotation["category_id"]])
    allowed = ("Paper", "Plastic bag", "Plastic", "General trash")
    options = replace(SMALL, patch=("Paper",), background=allowed, remove_patch=("Metal",))
    copy_paste(data, options)
    content = load(data / "copy_paste.json")
    for image in new_images(content):
        own = held[image["trashdata"]["background_image_id"]]
        assert own
        assert own <= set(allowed)
    for annotation in pasted(content):
        assert "Metal" not in held[annotation["trashdata"]["donor_image_id"]]


def test_donors_may_come_from_another_file(data: Path) -> None:
    options = replace(SMALL, patch=("Paper",), donors="val.json")
    copy_paste(data, options)
    donors = {a["id"] for a in load(data / "val.json")["annotations"]}
    for annotation in pasted(load(data / "copy_paste.json")):
        assert annotation["trashdata"]["donor_annotation_id"] in donors
        assert annotation["trashdata"]["donor_json"] == "val.json"


def test_labels_are_the_same_for_every_blend(data: Path) -> None:
    products = {}
    for blend in BLENDS:
        copy_paste(data, replace(SMALL, patch=("Paper",), blend=blend, out=f"to_{blend}", num=8))
        masks = tree(data / f"to_{blend}" / "masks")
        photos = tree(data / f"to_{blend}" / "images")
        content = load(data / f"to_{blend}.json")["annotations"]
        products[blend] = (masks, content, photos)
    assert all(made[:2] == products["none"][:2] for made in products.values())
    assert products["none"][2] != products["gaussian"][2] != products["poisson"][2]


def test_same_bytes_whatever_the_workers_and_the_order(data: Path, tmp_path: Path) -> None:
    options = replace(SMALL, num=110)
    copy_paste(data, options, workers=1)
    one = tree(data)
    other = Path(shutil.copytree(data, tmp_path / "other"))
    copy_paste(other, options, workers=2, overwrite=True)
    assert tree(other) == one
    shuffled = load(other / "train.json")
    for key in ("images", "annotations", "categories"):
        random.Random(7).shuffle(shuffled[key])
    (other / "train.json").write_text(json.dumps(shuffled))
    copy_paste(other, options, workers=1, overwrite=True)
    assert tree(other / "copy_paste" / "images") == tree(data / "copy_paste" / "images")
    assert tree(other / "copy_paste" / "masks") == tree(data / "copy_paste" / "masks")
    ours, theirs = load(data / "copy_paste.json"), load(other / "copy_paste.json")
    for key in ("images", "annotations", "categories"):
        assert ours[key] == theirs[key]


def test_another_seed_makes_other_photos(data: Path) -> None:
    copy_paste(data, replace(SMALL, patch=("Paper",), num=6, out="a"))
    copy_paste(data, replace(SMALL, patch=("Paper",), num=6, out="b", seed=43))
    one, two = tree(data / "a" / "images"), tree(data / "b" / "images")
    assert one.keys() == two.keys()
    assert not set(one.values()) & set(two.values())


def test_dry_run_plans_what_the_run_does(data: Path) -> None:
    before = tree(data)
    planned = copy_paste(data, SMALL, dry_run=True)
    assert tree(data) == before
    assert planned.outputs == []
    done = copy_paste(data, SMALL)
    assert planned.figures == done.figures
    assert planned.counts == done.counts


def test_started_again_it_says_that_all_is_done(data: Path) -> None:
    first = copy_paste(data, SMALL)
    before = tree(data)
    again = copy_paste(data, SMALL)
    assert tree(data) == before
    assert again.figures == first.figures


def test_overwrite_deletes_only_what_the_manifest_lists(data: Path) -> None:
    copy_paste(data, SMALL)
    own = data / "copy_paste" / "images" / "mine.txt"
    own.write_text("not yours")
    copy_paste(data, replace(SMALL, num=5), overwrite=True)
    assert own.read_text() == "not yours"
    assert len(list((data / "copy_paste" / "images").glob("*.jpg"))) == 5
    assert not list(data.rglob("*.part"))
    assert not (data / "copy_paste" / ".journal").exists()


def test_unknown_keys_and_ignore_regions_survive(data: Path) -> None:
    source = load(data / "train.json")
    source["info"]["contributor"] = "somebody"
    source["info"]["trashdata"] = {"ignore_category_ids": [99]}
    source["categories"].append({"id": 99, "name": "ignore", "supercategory": "void"})
    source["scenes"] = [{"id": 1, "kind": "kerb"}]
    source["images"][0]["flickr_url"] = "https://example.org/1"
    source["annotations"][0]["attributes"] = {"occluded": True}
    image = source["images"][3]
    size = [image["height"], image["width"]]
    counts = [0, image["height"] * 10, image["height"] * (image["width"] - 10)]
    source["annotations"].append(
        {
            "id": 100_000,
            "image_id": image["id"],
            "category_id": 99,
            "segmentation": {"size": size, "counts": counts},
            "area": counts[1],
            "bbox": [0, 0, 10, image["height"]],
            "iscrowd": 1,
        }
    )
    (data / "train.json").write_text(json.dumps(source))
    copy_paste(data, replace(SMALL, patch=("Paper",), num=3 * len(source["images"])))
    content = load(data / "copy_paste.json")
    check_kept(content, source)
    check_new_photos(data, "copy_paste")
    assert content["scenes"] == source["scenes"]
    assert content["info"] == source["info"]
    ignored = [a for a in content["annotations"] if a["category_id"] == 99 and a["id"] != 100_000]
    assert ignored
    assert all(a["iscrowd"] == 1 and isinstance(a["segmentation"], dict) for a in ignored)
    assert not [a for a in pasted(content) if a["category_id"] == 99]


def test_on_recycling_512(shared_data: Path, tmp_path: Path) -> None:
    data = Path(shutil.copytree(shared_data / "recycling-512", tmp_path / "data"))
    copy_paste(data, CopyPasteOptions(patch=("Battery",), num=60), workers=2)
    content = load(data / "copy_paste.json")
    check_ids(content)
    check_kept(content, load(data / "train.json"))
    check_new_photos(data, "copy_paste")
    assert len({a["image_id"] for a in pasted(content)}) == 60


def test_on_coco_mini_with_crowds_and_all_sizes(shared_data: Path, tmp_path: Path) -> None:
    data = Path(shutil.copytree(shared_data / "coco-mini", tmp_path / "data"))
    images = data / "val2017"
    options = CopyPasteOptions(
        json="instances_val2017.json",
        patch=("donut", "book", "person"),
        num=80,
        background_lsj_min=0.6,
        rotate=20,
    )
    copy_paste(data, options, images=images)
    content = load(data / "copy_paste.json")
    check_ids(content)
    check_kept(content, load(data / "instances_val2017.json"))
    check_new_photos(data, "copy_paste", images)
    crowds = [a for a in content["annotations"] if a["iscrowd"]]
    assert len(crowds) > 5
    assert not [a for a in pasted(content) if a["iscrowd"]]


def test_pycocotools_counts_what_the_table_says(data: Path) -> None:
    outcome = copy_paste(data, SMALL)
    coco = load_coco(data / "copy_paste.json")
    for row in outcome.figures["classes"]:
        (category,) = coco.getCatIds(catNms=[row["class"]])
        assert len(coco.getAnnIds(catIds=[category])) == row["after"]
    assert (
        np.sum([row["new"] for row in outcome.figures["classes"]])
        == (outcome.counts["annotations"])
    )
