"""``--size``: new photos of another size than their backgrounds, by Copy-Paste and oversampling."""

from __future__ import annotations

import json
import random
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import cv2
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
from helpers.processes import RunCli
from PIL import Image
from trashdata.copy_paste import CopyPasteOptions, OversampleOptions, copy_paste, oversample

from trashdata.errors import UserError
from trashdata.validate import ValidateOptions, validate

PASTE = CopyPasteOptions(num=20, min_area=20, patch=("Paper",), mode="self")
PLACE = OversampleOptions(out="oversample", num=20, min_area=20, patch=("Paper",), mode="self")
STILL: dict[str, Any] = {"hflip": 0.0, "blend": "none"}
AS_IT_STANDS: dict[str, Any] = {
    **STILL,
    "lsj": False,
    "small_to_large": False,
    "large_to_small": False,
    "background_lsj_max": 1.0,
}

VARIANTS: dict[str, dict[str, Any]] = {
    "smaller": {"size": 61},
    "larger": {"size": 211},
    "rle": {"size": 50, "segmentation": "rle"},
    "padded": {"size": 75, "background_lsj_min": 0.4, "background_lsj_max": 0.9},
    "turned": {"size": 130, "rotate": 40.0, "vflip": 0.5},
    "whole": {"size": 64, "extract_patch": False, "lsj_max": 1.0},
    "target": {"size": 48, "num": None, "target": ("Paper=40",), "mode": "add"},
    "poisson row": {"size": 140, "blend": "poisson", "place": "row"},
}
Make: TypeAlias = Callable[..., Any]


@pytest.fixture
def data(data: Path) -> Path:
    """The sample set with photos of three shapes: wide, tall and square."""
    for name in ("train.json", "val.json"):
        crop_photos(data, data / name)
    return data


def crop_photos(folder: Path, path: Path) -> None:
    """Cut a third of the photos to 96 x 60 and a third to 50 x 96; polygons may reach out."""
    content = load(path)
    for image in content["images"]:
        width, height = ((96, 60), (50, 96), (96, 96))[image["id"] % 3]
        image |= {"width": width, "height": height}
        with Image.open(folder / image["file_name"]) as photo:
            cut = photo.convert("RGB").crop((0, 0, width, height))
        cut.save(folder / image["file_name"], quality=95)
    sizes = {image["id"]: (image["width"], image["height"]) for image in content["images"]}
    content["annotations"] = [
        one
        for one in content["annotations"]
        if one["bbox"][0] < sizes[one["image_id"]][0] - 4
        and one["bbox"][1] < sizes[one["image_id"]][1] - 4
    ]
    path.write_text(json.dumps(content))


def expected_sizes(data: Path, name: str, longer: int) -> list[tuple[tuple[int, int], Any]]:
    """Each new photo's width and height, and those that its background asks for."""
    source = {image["id"]: image for image in load(data / "train.json")["images"]}
    pairs = []
    for image in new_images(load(data / f"{name}.json")):
        own = source[image["trashdata"]["background_image_id"]]
        factor = longer / max(own["width"], own["height"])
        wanted = round(own["width"] * factor), round(own["height"] * factor)
        pairs.append(((image["width"], image["height"]), wanted))
    return pairs


@pytest.mark.parametrize("name", VARIANTS)
def test_every_scaled_photo_is_exact(name: str, data: Path) -> None:
    before = tree(data)
    options = replace(PASTE, **VARIANTS[name])
    outcome = copy_paste(data, options)
    content = load(data / "copy_paste.json")
    assert len(new_images(content)) == outcome.counts["photos"] > 0
    check_ids(content)
    check_new_photos(data, "copy_paste")
    assert options.size is not None
    pairs = expected_sizes(data, "copy_paste", options.size)
    assert [got for got, _ in pairs] == [wanted for _, wanted in pairs]
    assert len({got for got, _ in pairs}) > 1
    if options.mode == "add":
        check_kept(content, load(data / "train.json"))
    assert {k: v for k, v in tree(data).items() if k in before} == before


@pytest.mark.parametrize("name", ["smaller", "larger", "rle"])
def test_every_scaled_photo_of_oversampling_is_exact(name: str, data: Path) -> None:
    options = replace(PLACE, **VARIANTS[name], background_objects=6)
    oversample(data, options)
    check_new_photos(data, "oversample")
    assert options.size is not None
    pairs = expected_sizes(data, "oversample", options.size)
    assert len(pairs) == options.num
    assert [got for got, _ in pairs] == [wanted for _, wanted in pairs]


@pytest.mark.parametrize("longer", [40, 300])
def test_what_is_written_has_no_faults(longer: int, data: Path) -> None:
    copy_paste(data, replace(PASTE, size=longer))
    outcome = validate(data, ValidateOptions("copy_paste.json"))
    kinds = {row["kind"]: row["places"] for row in outcome.figures["faults"]}
    assert outcome.counts["errors"] == 0, kinds
    assert outcome.counts["warnings"] == 0, kinds


def test_objects_keep_their_share_of_the_photo(data: Path) -> None:
    shares = {}
    for longer in (96, 384):
        options = replace(PASTE, **AS_IT_STANDS, size=longer, out=f"at_{longer}", max_objects=1)
        copy_paste(data, replace(options, min_area=1))
        content = load(data / f"at_{longer}.json")
        area = {image["id"]: image["width"] * image["height"] for image in content["images"]}
        donors = {one["id"]: one for one in load(data / "train.json")["annotations"]}
        sizes = {image["id"]: image for image in load(data / "train.json")["images"]}
        ratios = []
        for one in pasted(content):
            donor = donors[one["trashdata"]["donor_annotation_id"]]
            photo = sizes[donor["image_id"]]
            own = donor["area"] / (photo["width"] * photo["height"])
            ratios.append(one["area"] / area[one["image_id"]] / own)
        shares[longer] = float(np.median(ratios))
    assert shares[96] == pytest.approx(1, abs=0.1)
    assert shares[384] == pytest.approx(1, abs=0.05)


def test_min_and_max_area_count_pixels_of_the_new_photo(data: Path) -> None:
    copy_paste(data, replace(PASTE, size=480, min_area=2000, max_area=9000, max_objects=1))
    areas = [one["area"] for one in pasted(load(data / "copy_paste.json"))]
    assert min(areas) >= 2000
    assert max(areas) <= 9000
    with pytest.raises(UserError, match="smaller than --min-area"):
        copy_paste(data, replace(PASTE, size=24, min_area=2000, out="never"))
    assert not (data / "never.json").exists()


def test_labels_lie_where_the_scaled_pixels_are(data: Path) -> None:
    """A background whose objects are painted in flat colours; they come out where they were."""
    content = load(data / "train.json")
    coco = load_coco(data / "train.json")
    for image in content["images"]:
        pixels = np.zeros((image["height"], image["width"], 3), dtype=np.uint8)
        own = sorted(coco.imgToAnns[image["id"]], key=lambda one: -one["area"])
        for annotation in own:
            pixels[coco.annToMask(annotation) > 0] = 20 * annotation["category_id"] + 30
        Image.fromarray(pixels).save(data / image["file_name"], quality=100, subsampling=0)
    options = replace(PASTE, **AS_IT_STANDS, size=288, num=12, quality=100, min_area=1)
    copy_paste(data, options)
    classes = sorted(category["id"] for category in content["categories"])
    values = np.array([0, *(20 * category + 30 for category in classes)])
    misfits: Counter[tuple[int, int]] = Counter()
    for image in new_images(load(data / "copy_paste.json")):
        stem = Path(image["file_name"]).stem
        with Image.open(data / "copy_paste" / "masks" / f"{stem}.png") as mask:
            labels = np.array(mask)
        with Image.open(data / image["file_name"]) as photo:
            shown = np.array(photo.convert("L")).astype(int)
        # Three times enlarged, an edge is soft for one and a half pixels to either side.
        square = np.ones((7, 7), dtype=np.uint8)
        inside = cv2.erode(labels, square) == cv2.dilate(labels, square)
        wrong = np.abs(shown - values[labels]) > 8
        assert inside.mean() > 0.5
        assert wrong[inside].mean() < 0.01
        for shift in ((0, 0), (0, 1), (0, -1), (1, 0), (-1, 0)):
            misfit = np.abs(shown - values[np.roll(labels, shift, axis=(0, 1))])
            misfits[shift] += int(misfit[1:-1, 1:-1].sum())
    assert min(misfits, key=lambda shift: misfits[shift]) == (0, 0)


def test_same_bytes_whatever_the_workers_and_the_order(data: Path, tmp_path: Path) -> None:
    options = replace(PASTE, size=70, num=110)
    copy_paste(data, options, workers=1)
    other = Path(shutil.copytree(data, tmp_path / "other"))
    copy_paste(other, options, workers=2, overwrite=True)
    assert tree(other) == tree(data)
    shuffled = load(other / "train.json")
    for key in ("images", "annotations", "categories"):
        random.Random(7).shuffle(shuffled[key])
    (other / "train.json").write_text(json.dumps(shuffled))
    copy_paste(other, options, workers=1, overwrite=True)
    assert tree(other / "copy_paste" / "images") == tree(data / "copy_paste" / "images")
    assert tree(other / "copy_paste" / "masks") == tree(data / "copy_paste" / "masks")


@pytest.mark.parametrize(("make", "options"), [(copy_paste, PASTE), (oversample, PLACE)])
def test_the_own_size_of_square_photos_changes_nothing(
    make: Make, options: Any, sample_set: Path, tmp_path: Path
) -> None:
    trees = []
    for name, longer in (("plain", None), ("asked", 96)):
        folder = Path(shutil.copytree(sample_set, tmp_path / name))
        make(folder, replace(options, size=longer))
        content = load(folder / f"{options.out}.json")
        assert len(new_images(content)) == options.num
        trees.append((tree(folder / options.out / "images"), content))
    assert trees[0] == trees[1]


@pytest.mark.parametrize("value", [-5, 0, 15, 16_385, 10**20])
@pytest.mark.parametrize("options", [CopyPasteOptions, OversampleOptions])
def test_sizes_that_make_no_sense(options: Make, value: int) -> None:
    with pytest.raises(UserError, match=f"--size: expected 16 to 16,384, found {value}"):
        options(size=value)
    assert options(size=16).size == 16


@pytest.mark.parametrize(("command", "value"), [("copy-paste", "-1"), ("oversample", "20000")])
def test_a_size_that_makes_no_sense(
    command: str, value: str, sample_set: Path, run_cli: RunCli
) -> None:
    before = tree(sample_set)
    done = run_cli(command, "--data", str(sample_set), "--patch", "Paper", "--size", value)
    assert done.returncode == 2
    assert f"'--size': {value} is not in the range 16<=x<=16384" in done.stderr
    assert f"{command} --help'" in done.stderr
    assert "Traceback" not in done.stderr
    assert tree(sample_set) == before


def test_repeat_factor_makes_no_photos_to_scale(sample_set: Path, run_cli: RunCli) -> None:
    words = ("--repeat-factor", "auto", "--size", "64")
    done = run_cli("oversample", "--data", str(sample_set), *words)
    assert done.returncode == 2
    assert "--size: expected no option of new photos beside --repeat-factor" in done.stderr


@pytest.mark.parametrize(
    ("name", "json_name"),
    [("recycling-512", "train.json"), ("coco-mini", "instances_val2017.json")],
)
def test_real_photos(name: str, json_name: str, shared_data: Path, tmp_path: Path) -> None:
    source = shared_data / name
    # New photos go under the root of the old ones, which can't be written to.
    folder = Path(shutil.copytree(source, tmp_path / "data", copy_function=shutil.copyfile))
    images = folder / "val2017" if name == "coco-mini" else folder
    options = CopyPasteOptions(json=json_name, num=30, size=200, mode="self")
    copy_paste(folder, options, images=images)
    check_new_photos(folder, "copy_paste", images)
    sizes = [(i["width"], i["height"]) for i in load(folder / "copy_paste.json")["images"]]
    assert len(sizes) == 30
    assert {max(size) for size in sizes} == {200}
