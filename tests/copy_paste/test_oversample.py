"""Oversampling: single objects at their positions on plain photos, bent with their masks."""

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
from helpers.processes import Process, RunCli, finish, kill, start, wait_for_files
from PIL import Image
from trashdata.copy_paste import OversampleOptions, oversample
from trashdata.copy_paste.options import MAX_ELASTIC

from trashdata.console import Reporter
from trashdata.errors import UserError

SMALL = OversampleOptions(num=25, min_area=20, patch=("Paper",))
STILL: dict[str, Any] = {"elastic": 0.0, "hflip": 0.0, "blend": "none", "quality": 100}

VARIANTS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "rare classes": {"patch": ()},
    "bent most": {"elastic": MAX_ELASTIC, "hflip": 1.0, "vflip": 1.0},
    "not bent": {"elastic": 0.0},
    "rle": {"segmentation": "rle"},
    "poisson": {"blend": "poisson"},
    "many backgrounds": {"background_objects": 6},
    "other donors": {"donors": "val.json", "patch": ("Plastic bag",)},
    "self": {"mode": "self", "patch": ("Metal", "Plastic"), "background_objects": 4},
}


def objects_per_photo(content: dict[str, Any]) -> Counter[int]:
    return Counter(annotation["image_id"] for annotation in content["annotations"])


# --- what is written ------------------------------------------------------------------------


@pytest.mark.parametrize("name", VARIANTS)
def test_every_new_photo_is_exact(name: str, data: Path) -> None:
    before = tree(data)
    options = replace(SMALL, **VARIANTS[name])
    outcome = oversample(data, options)
    content, source = load(data / "oversample.json"), load(data / "train.json")
    assert len(new_images(content)) == options.num == outcome.counts["photos"]
    check_ids(content)
    check_new_photos(data, "oversample")
    if options.mode == "add":
        check_kept(content, source)
    assert {k: v for k, v in tree(data).items() if k in before} == before
    assert Counter(a["image_id"] for a in pasted(content)) == dict.fromkeys(
        (image["id"] for image in new_images(content)), 1
    )
    coco = load_coco(data / "oversample.json")
    for row in outcome.figures["classes"]:
        (category,) = coco.getCatIds(catNms=[row["class"]])
        assert len(coco.getAnnIds(catIds=[category])) == row["after"]


def test_backgrounds_are_the_plainest_and_serve_evenly(data: Path) -> None:
    source = objects_per_photo(load(data / "train.json"))
    reporter = Reporter()
    oversample(data, replace(SMALL, num=20), reporter=reporter)
    uses = Counter(
        image["trashdata"]["background_image_id"]
        for image in new_images(load(data / "oversample.json"))
    )
    fewest = min(source.values())
    assert fewest == 2
    assert set(uses) == {image for image, count in source.items() if count == fewest}
    assert len(set(uses.values())) == 1
    first, second = reporter.warnings
    assert "No photo of train.json holds a single object; those with 2" in first
    assert f"Only {len(uses)} of 15 photos of train.json can be backgrounds" in second
    assert "each is used 10 times; --background-objects 3" in second


def test_background_objects_and_classes_choose_backgrounds(data: Path) -> None:
    source = load(data / "train.json")
    names = {c["id"]: c["name"] for c in source["categories"]}
    held: dict[int, list[str]] = {}
    for annotation in source["annotations"]:
        held.setdefault(annotation["image_id"], []).append(names[annotation["category_id"]])
    allowed = {"Paper", "Plastic bag", "Plastic", "General trash", "Metal"}
    oversample(data, replace(SMALL, background=tuple(allowed), background_objects=8))
    images = new_images(load(data / "oversample.json"))
    served = {image["trashdata"]["background_image_id"] for image in images}
    assert served == {image for image, own in held.items() if len(own) <= 8 and set(own) <= allowed}
    assert len(served) > 1


def test_no_object_is_pasted_onto_its_own_photo(data: Path) -> None:
    oversample(data, replace(SMALL, num=80, background_objects=20, max_cover=1.0))
    content = load(data / "oversample.json")
    background = {i["id"]: i["trashdata"]["background_image_id"] for i in new_images(content)}
    for annotation in pasted(content):
        assert annotation["trashdata"]["donor_image_id"] != background[annotation["image_id"]]


def test_unbent_it_is_the_donor_at_its_own_place(data: Path) -> None:
    oversample(data, replace(SMALL, patch=("Metal", "Paper"), **STILL))
    made, source = load_coco(data / "oversample.json"), load_coco(data / "train.json")
    exact = 0
    for annotation in pasted(made.dataset):
        image = made.imgs[annotation["image_id"]]
        donor = source.anns[annotation["trashdata"]["donor_annotation_id"]]
        mask, whole = made.annToMask(annotation), source.annToMask(donor)
        # Where others covered the donor only its visible part is pasted, its stairs smoothed.
        assert (mask & ~whole).sum() <= 0.1 * mask.sum()
        if annotation["area"] != donor["area"]:
            continue
        exact += 1
        assert np.array_equal(mask, whole)
        new = np.asarray(Image.open(data / image["file_name"]).convert("RGB"), dtype=int)
        photo = source.imgs[donor["image_id"]]["file_name"]
        old = np.asarray(Image.open(data / photo).convert("RGB"), dtype=int)
        inner = mask.astype(bool)
        assert np.abs(new[inner] - old[inner]).mean() < 6  # JPEG
    assert exact > 5


def test_a_flip_keeps_the_place(data: Path) -> None:
    oversample(data, replace(SMALL, **STILL | {"hflip": 1.0, "vflip": 1.0}))
    made, source = load_coco(data / "oversample.json"), load_coco(data / "train.json")
    whole = 0
    for annotation in pasted(made.dataset):
        donor = source.anns[annotation["trashdata"]["donor_annotation_id"]]
        if abs(annotation["area"] - donor["area"]) > 0.05 * donor["area"]:
            continue
        whole += 1
        x, y, width, height = donor["bbox"]
        left, top, wide, tall = annotation["bbox"]
        assert abs(2 * left + wide - 2 * x - width) <= 2
        assert abs(2 * top + tall - 2 * y - height) <= 2
        turned = source.annToMask(donor)[y : y + height, x : x + width][::-1, ::-1]
        mask = made.annToMask(annotation)[top : top + tall, left : left + wide]
        if mask.shape == turned.shape:
            assert (mask == turned).mean() > 0.95
    assert whole > 5


def test_bent_objects_differ_from_each_other_and_from_their_donor(data: Path) -> None:
    oversample(data, replace(SMALL, num=40, hflip=0.0, elastic=0.08))
    made, source = load_coco(data / "oversample.json"), load_coco(data / "train.json")
    shapes: dict[int, list[bytes]] = {}
    for annotation in pasted(made.dataset):
        donor = annotation["trashdata"]["donor_annotation_id"]
        shapes.setdefault(donor, []).append(made.annToMask(annotation).tobytes())
        assert annotation["area"] < 1.5 * source.anns[donor]["area"]
    for donor, own in shapes.items():
        assert len(set(own)) == len(own)
        assert source.annToMask(source.anns[donor]).tobytes() not in own


def test_donors_keep_to_the_area_limits(data: Path) -> None:
    source = load_coco(data / "train.json")
    outcome = oversample(data, replace(SMALL, min_area=150, max_area=500))
    donors = {a["trashdata"]["donor_annotation_id"] for a in pasted(load(data / "oversample.json"))}
    for donor in donors:
        assert source.annToMask(source.anns[donor]).sum() >= 150
    reasons = outcome.figures["donors_left_out"]
    assert reasons["smaller than --min-area"] > 0
    assert reasons["larger than --max-area"] > 0


def test_start_index_numbers_the_files(data: Path) -> None:
    oversample(data, replace(SMALL, num=3, start_index=60_000))
    oversample(data, replace(SMALL, num=3, start_index=999_998, out="long"))
    names = [image["file_name"] for image in new_images(load(data / "oversample.json"))]
    assert names == [f"oversample/images/06000{k}.jpg" for k in range(3)]
    names = sorted(path.name for path in (data / "long" / "masks").iterdir())
    assert names == ["0999998.png", "0999999.png", "1000000.png"]
    check_new_photos(data, "long")


def test_photos_of_other_sizes_keep_the_place_as_a_share(shared_data: Path, tmp_path: Path) -> None:
    data = Path(shutil.copytree(shared_data / "coco-mini", tmp_path / "data"))
    images = data / "val2017"
    options = OversampleOptions(
        json="instances_val2017.json", patch=("person", "book"), num=60, background_objects=3
    )
    oversample(data, options, images=images)
    content = load(data / "oversample.json")
    check_ids(content)
    check_kept(content, load(data / "instances_val2017.json"))
    check_new_photos(data, "oversample", images)
    by_id = {image["id"]: image for image in content["images"]}
    donors = {annotation["id"]: annotation for annotation in content["annotations"]}
    near = []
    for annotation in pasted(content):
        new = by_id[annotation["image_id"]]
        donor = donors[annotation["trashdata"]["donor_annotation_id"]]
        old = by_id[donor["image_id"]]
        centre = (annotation["bbox"][1] + annotation["bbox"][3] / 2) / new["height"]
        near.append(abs(centre - (donor["bbox"][1] + donor["bbox"][3] / 2) / old["height"]))
    assert np.median(near) < 0.02


def test_on_recycling_512(shared_data: Path, tmp_path: Path) -> None:
    data = Path(shutil.copytree(shared_data / "recycling-512", tmp_path / "data"))
    source = load(data / "train_all.json")
    plain = {image for image, count in objects_per_photo(source).items() if count == 1}
    assert len(plain) == 10
    reporter = Reporter()
    options = OversampleOptions(json="train_all.json", patch=("Battery",), num=60)
    oversample(data, options, workers=2, reporter=reporter)
    (warning,) = reporter.warnings
    assert "Only 10 of 159 photos of train_all.json can be backgrounds, each is used 6" in warning
    content = load(data / "oversample.json")
    check_ids(content)
    check_kept(content, source)
    check_new_photos(data, "oversample")
    served = Counter(i["trashdata"]["background_image_id"] for i in new_images(content))
    assert set(served) == plain


# --- goals and folds ------------------------------------------------------------------------


def test_targets_are_met_and_no_donor_serves_too_often(data: Path) -> None:
    own = {"min_area": 20, "background_objects": 6, "max_reuse": 4}
    options = OversampleOptions(target=("Metal=50", "Paper=5%"), **own)
    planned = oversample(data, options, dry_run=True)
    outcome = oversample(data, options)
    content = load(data / "oversample.json")
    check_ids(content)
    check_new_photos(data, "oversample")
    coco = load_coco(data / "oversample.json")
    (metal,) = coco.getCatIds(catNms=["Metal"])
    assert 50 <= len(coco.getAnnIds(catIds=[metal])) <= 52
    uses = Counter(a["trashdata"]["donor_annotation_id"] for a in pasted(content))
    assert max(uses.values()) <= 4
    assert planned.counts == outcome.counts
    goals = {goal["class"]: goal for goal in outcome.figures["goals"]}
    assert goals["Metal"]["achieved"] == goals["Metal"]["planned"]
    with pytest.raises(
        UserError, match=r"expected at most \d+, .*allow more donors with --min-area"
    ):
        oversample(data, replace(options, target=("Metal=9000",), out="more"))


def test_photos_towards_goals_are_the_same_for_any_workers(data: Path, tmp_path: Path) -> None:
    options = OversampleOptions(target=("Metal=90",), min_area=20, background_objects=6)
    oversample(data, options)
    one = tree(data)
    other = Path(shutil.copytree(data, tmp_path / "other"))
    oversample(other, options, workers=2, overwrite=True)
    assert tree(other) == one


def test_fold_reads_its_training_part(data: Path) -> None:
    shutil.copy(data / "train.json", data / "kfold_3_train.json")
    shutil.copy(data / "val.json", data / "kfold_3_val.json")
    oversample(data, replace(SMALL, num=4, fold=3))
    content = load(data / "oversample_3.json")
    assert len(new_images(content)) == 4
    check_kept(content, load(data / "kfold_3_train.json"))
    check_new_photos(data, "oversample_3")
    with pytest.raises(UserError, match=r"--fold 4: expected the fold's training part"):
        oversample(data, replace(SMALL, num=4, fold=4))
    with pytest.raises(UserError, match=r"--fold: expected no --json with it"):
        oversample(data, replace(SMALL, fold=3, json="val.json"))
    with pytest.raises(UserError, match=r"expected no photo of kfold_3_val.json"):
        oversample(data, replace(SMALL, num=4, fold=3, donors="val.json", out="leak"))


# --- the same bytes -------------------------------------------------------------------------


def test_same_bytes_whatever_the_workers_and_the_order(data: Path, tmp_path: Path) -> None:
    options = replace(SMALL, num=110)
    oversample(data, options, workers=1)
    one = tree(data)
    other = Path(shutil.copytree(data, tmp_path / "other"))
    oversample(other, options, workers=2, overwrite=True)
    assert tree(other) == one
    shuffled = load(other / "train.json")
    for key in ("images", "annotations", "categories"):
        random.Random(7).shuffle(shuffled[key])
    (other / "train.json").write_text(json.dumps(shuffled))
    oversample(other, options, overwrite=True)
    for folder in ("images", "masks"):
        assert tree(other / "oversample" / folder) == tree(data / "oversample" / folder)


@pytest.mark.slow
def test_a_killed_run_ends_with_the_same_bytes(sample_set: Path, tmp_path: Path) -> None:
    arguments = ("--patch", "Paper", "--num", "300", "--min-area", "20", "--quiet")

    def started(data: Path, workers: int) -> Process:
        return start("oversample", "--data", data, *arguments, "--workers", workers)

    undisturbed = Path(shutil.copytree(sample_set, tmp_path / "undisturbed"))
    finish(started(undisturbed, 2))
    expected = tree(undisturbed)
    killed = 0
    for moment, notes in enumerate((1, 8, 14, 22)):
        data = Path(shutil.copytree(sample_set, tmp_path / f"killed-{moment}"))
        process = started(data, 1 + moment % 2)
        wait_for_files(process, data / "oversample" / ".journal", notes)
        killed += kill(process)
        finish(started(data, 2 - moment % 2))
        assert tree(data) == expected, f"moment {moment}"
    assert killed >= 3


def test_dry_run_plans_what_the_run_does(data: Path) -> None:
    before = tree(data)
    planned = oversample(data, SMALL, dry_run=True)
    assert tree(data) == before
    assert planned.outputs == []
    done = oversample(data, SMALL)
    assert planned.figures == done.figures
    assert planned.counts == done.counts
    again = tree(data)
    assert oversample(data, SMALL).figures == done.figures
    assert tree(data) == again


# --- what the user can fix -------------------------------------------------------------------


def test_mistakes_are_sentences(data: Path) -> None:
    before = tree(data)
    mistakes: list[tuple[dict[str, Any], str]] = [
        ({"elastic": 0.2}, r"--elastic: expected 0 to 0.1, found 0.2"),
        ({"start_index": -1}, r"--start-index: expected 0 to 1,000,000,000,000, found -1"),
        ({"min_area": 5, "max_area": 4}, r"--max-area: expected at least --min-area 5, found 4"),
        ({"hflip": 1.5}, r"--hflip.*found 1.5; see 'trashdata oversample --help'"),
        ({"patch": ("Batery",)}, r"--patch.*did you mean 'Battery'"),
        ({"min_area": 9000}, r"--patch 'Paper'.*smaller than --min-area\); allow more donors"),
    ]
    for change, sentence in mistakes:
        with pytest.raises(UserError, match=sentence):
            oversample(data, replace(SMALL, **change))
    assert tree(data) == before


def test_a_photo_with_a_crowd_is_no_plain_one(data: Path) -> None:
    source = load(data / "train.json")
    for annotation in source["annotations"]:
        annotation["iscrowd"] = 1
    (data / "train.json").write_text(json.dumps(source))
    with pytest.raises(UserError, match="expected photos that hold a single object"):
        oversample(data, SMALL)


def test_command_line(data: Path, run_cli: RunCli) -> None:
    done = run_cli("oversample", "--data", data, "--patch", "Paper", "--num", "4", "--json-summary",
                   "--min-area", "30", "--elastic", "0", "--start-index", "7")  # fmt: skip
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert summary["command"] == "oversample"
    assert summary["counts"]["photos"] == 4
    assert len(summary["warnings"]) == 2
    assert (data / "oversample" / "images" / "000007.jpg").is_file()
