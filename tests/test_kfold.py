"""``trashdata kfold``: parts, bytes, synthetic photos, groups, and what is refused."""

from __future__ import annotations

import csv
import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from coco_checks import load, tree
from conftest import RunCli
from trashdata.splitting import KfoldOptions, kfold, write_kfold

from trashdata.console import Reporter
from trashdata.errors import UserError

Edit = Callable[[dict[str, Any]], object]


@pytest.fixture
def data(sample_set: Path, tmp_path: Path) -> Path:
    """A copy of the sample set to write into."""
    return Path(shutil.copytree(sample_set, tmp_path / "data"))


@pytest.fixture
def taco(shared_data: Path, tmp_path: Path) -> Path:
    shutil.copy(shared_data / "taco" / "annotations.json", tmp_path / "annotations.json")
    return tmp_path


def rewrite(path: Path, edit: Edit) -> None:
    content = load(path)
    edit(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def small_set(path: Path, photos: list[list[int]], **image_keys: list[Any]) -> None:
    """A COCO file of photos that hold objects of these categories (1 to 3)."""
    images = [
        {"id": k, "file_name": f"{k}.jpg", "width": 10, "height": 10}
        | {key: values[k] for key, values in image_keys.items() if values[k] is not None}
        for k in range(len(photos))
    ]
    objects = [(k, category) for k, own in enumerate(photos) for category in own]
    annotations = [
        {"id": n, "image_id": k, "category_id": category, "area": 4, "bbox": [0, 0, 2, 2]}
        for n, (k, category) in enumerate(objects)
    ]
    categories = [{"id": k, "name": f"class {k}"} for k in (1, 2, 3)]
    content = {"images": images, "annotations": annotations, "categories": categories}
    path.write_text(json.dumps(content), encoding="utf-8")


def options(**changes: Any) -> KfoldOptions:
    return KfoldOptions(**{"json": "set.json", "group_by": "none", **changes})


def parts(folder: Path, fold: int, name: str = "kfold") -> tuple[dict[str, Any], dict[str, Any]]:
    return load(folder / f"{name}_{fold}_train.json"), load(folder / f"{name}_{fold}_val.json")


# --- what is written ------------------------------------------------------------------------


def test_taco_parts_are_partitions_and_nothing_is_lost(taco: Path) -> None:
    write_kfold(taco, options(json="annotations.json"))
    source = load(taco / "annotations.json")
    validated: list[int] = []
    for fold in range(5):
        train, val = parts(taco, fold)
        ids = [image["id"] for part in (train, val) for image in part["images"]]
        assert sorted(ids) == sorted(image["id"] for image in source["images"])
        validated += [image["id"] for image in val["images"]]
        assert len(val["images"]) == 300
        for part in (train, val):
            own = {image["id"] for image in part["images"]}
            by_id = {image["id"]: image for image in source["images"]}
            assert all(image == by_id[image["id"]] for image in part["images"])
            assert "flickr_url" in part["images"][0]
            expected = [a for a in source["annotations"] if a["image_id"] in own]
            expected.sort(key=lambda a: a["id"])
            assert part["annotations"] == expected
            assert part["categories"] == source["categories"]
            assert part["scene_annotations"] == source["scene_annotations"]
            assert list(part) == list(source)
    assert sorted(validated) == sorted(image["id"] for image in source["images"])


def test_taco_figures(taco: Path) -> None:
    outcome = write_kfold(taco, options(json="annotations.json"), dry_run=True)
    reached = outcome.figures["mean_largest_deviation"]["end"]
    assert reached["photos"] <= 0.033
    assert reached["objects"] <= 0.051
    assert reached["area"] <= 0.145
    assert reached["empty"] == 0
    assert outcome.figures["photos"] == [300] * 5
    assert any("Battery is on 2 photos: folds" in warning for warning in outcome.warnings)


def test_recycling_has_batteries_in_every_fold(shared_data: Path, tmp_path: Path) -> None:
    shutil.copy(shared_data / "recycling-512" / "train_all.json", tmp_path / "set.json")
    write_kfold(tmp_path, options())
    for fold in range(5):
        _, val = parts(tmp_path, fold)
        battery = next(c["id"] for c in val["categories"] if c["name"] == "Battery")
        assert any(a["category_id"] == battery for a in val["annotations"])


def test_same_seed_same_bytes_and_shuffled_images_change_no_fold(data: Path) -> None:
    chosen = options(json="train_all.json", folds=3)
    expected = kfold(data, chosen)
    write_kfold(data, chosen)
    first = {k: v for k, v in tree(data).items() if "kfold" in k}
    write_kfold(data, chosen, overwrite=True)
    assert {k: v for k, v in tree(data).items() if "kfold" in k} == first

    def shuffle(content: dict[str, Any]) -> None:
        for key in ("images", "annotations", "categories"):
            random.Random(7).shuffle(content[key])

    rewrite(data / "train_all.json", shuffle)
    assert np.array_equal(kfold(data, chosen), expected)
    assert not np.array_equal(
        kfold(data, options(json="train_all.json", folds=3, seed=1)), expected
    )


def test_list_of_photos_report_and_picture(data: Path) -> None:
    chosen = options(json="train_all.json", folds=3, out="split")
    fold_of = kfold(data, chosen)
    write_kfold(data, chosen)
    rows = list(csv.DictReader((data / "split.csv").read_text(encoding="utf-8").splitlines()))
    assert [int(row["fold"]) for row in rows] == fold_of.tolist()
    assert [row["group"] for row in rows] == [row["image_id"] for row in rows]
    report = load(data / "split_report.json")
    assert report["photos"] == np.bincount(fold_of).tolist()
    assert len(report["classes"]) == 10
    assert cv2.imread(str(data / "split_report.png")).shape[1] > 500
    assert (data / "split" / "manifest.json").is_file()


def test_started_again_all_is_done_and_other_options_are_refused(data: Path) -> None:
    chosen = options(json="train_all.json", folds=3)
    write_kfold(data, chosen)
    before = tree(data)
    write_kfold(data, chosen)
    with pytest.raises(UserError, match="a finished run with other options"):
        write_kfold(data, options(json="train_all.json", folds=4))
    assert tree(data) == before
    write_kfold(data, options(json="train_all.json", folds=2), overwrite=True)
    assert not (data / "kfold_2_val.json").exists()


def test_files_of_others_are_spared(data: Path) -> None:
    (data / "kfold_1_val.json").write_text("mine")
    with pytest.raises(UserError, match="a file that no earlier run wrote"):
        write_kfold(data, options(json="train_all.json"), overwrite=True)
    assert (data / "kfold_1_val.json").read_text() == "mine"
    assert not (data / "kfold").exists()
    shutil.copy(data / "train_all.json", data / "k_0_val.json")
    with pytest.raises(UserError, match="which is read"):
        write_kfold(data, options(json="k_0_val.json", out="k"), overwrite=True)


# --- groups ---------------------------------------------------------------------------------


def test_groups_by_key_and_folder_stay_whole(data: Path) -> None:
    def add_video(content: dict[str, Any]) -> None:
        for k, image in enumerate(sorted(content["images"], key=lambda i: i["id"])):
            image["video_id"] = f"video {k // 3}"

    rewrite(data / "train_all.json", add_video)
    fold_of = kfold(data, options(json="train_all.json", folds=4, group_by="video_id"))
    assert all(len(set(fold_of[k : k + 3].tolist())) == 1 for k in range(0, len(fold_of), 3))
    # Six groups of three photos, and the last of one.
    assert sorted(np.bincount(fold_of).tolist()) == [3, 4, 6, 6]
    by_folder = kfold(data, options(json="train_all.json", folds=3, group_by="folder"))
    images = sorted(load(data / "train_all.json")["images"], key=lambda i: i["id"])
    folders = {(Path(i["file_name"]).parent, f) for i, f in zip(images, by_folder, strict=True)}
    assert len(folders) == 3


def test_holdout_takes_whole_groups(tmp_path: Path) -> None:
    videos = [k // 4 for k in range(80)]
    small_set(tmp_path / "set.json", [[1 + k // 4 % 3] for k in range(80)], video=videos)
    fold_of = kfold(tmp_path, options(folds=3, group_by="video", holdout=0.2))
    assert [len(set(fold_of[k : k + 4].tolist())) for k in range(0, 80, 4)] == [1] * 20
    assert (fold_of == -1).sum() == 16
    assert sorted(np.bincount(fold_of[fold_of >= 0]).tolist()) == [20, 20, 24]


def test_without_refinement_it_is_iterative_stratification(data: Path) -> None:
    plain = options(json="train_all.json", folds=3, refine=False)
    outcome = write_kfold(data, plain)
    assert outcome.figures["objective"]["end"] == outcome.figures["objective"]["start"]
    refined = write_kfold(
        data, options(json="train_all.json", folds=3), dry_run=True, overwrite=True
    )
    assert refined.figures["objective"]["start"] == outcome.figures["objective"]["start"]
    assert refined.figures["objective"]["end"] < outcome.figures["objective"]["end"]


def test_images_without_the_key_are_groups_of_their_own(tmp_path: Path) -> None:
    small_set(tmp_path / "set.json", [[1]] * 4 + [[2]] * 4, video=[7, 7, 7, None, 8, 8, None, 7])
    reporter = Reporter()
    fold_of = kfold(tmp_path, options(folds=2, group_by="video"), reporter=reporter)
    assert len(set(fold_of[[0, 1, 2, 7]].tolist())) == 1
    assert fold_of[4] == fold_of[5]
    assert "2 images have no video" in reporter.warnings[0]


def test_near_duplicates_stay_together(data: Path) -> None:
    images = sorted(load(data / "train_all.json")["images"], key=lambda i: i["id"])
    pairs = [(0, 5), (1, 6), (2, 7), (3, 8)]
    for one, other in pairs:
        photo = cv2.imread(str(data / images[one]["file_name"]))
        target = str(data / images[other]["file_name"])
        cv2.imwrite(target, photo, [cv2.IMWRITE_JPEG_QUALITY, 50])
    fold_of = kfold(data, options(json="train_all.json", folds=3, group_by="auto"))
    assert all(fold_of[one] == fold_of[other] for one, other in pairs)


def test_auto_says_that_photos_are_missing(tmp_path: Path) -> None:
    small_set(tmp_path / "set.json", [[1], [2], [3], [1]])
    reporter = Reporter()
    kfold(tmp_path, options(folds=2, group_by="auto"), reporter=reporter)
    assert "near-duplicates are not looked for" in reporter.warnings[0]
    with pytest.raises(UserError, match=r"0\.jpg: expected a photo"):
        kfold(tmp_path, options(folds=2, group_by="duplicates"))


def test_repeats_stay_with_what_they_repeat(tmp_path: Path) -> None:
    repeats = [None] * 6 + [{"repeat_of": 0}, {"repeat_of": 6}]
    small_set(tmp_path / "set.json", [[1], [2], [1], [2], [3], [3], [1], [1]], trashdata=repeats)
    fold_of = kfold(tmp_path, options(folds=3))
    assert fold_of[0] == fold_of[6] == fold_of[7]


# --- rare classes, test part, synthetic photos ----------------------------------------------


def test_class_on_fewer_photos_than_folds(tmp_path: Path) -> None:
    small_set(tmp_path / "set.json", [[1]] * 20 + [[1, 2], [1, 2], [3]])
    reporter = Reporter()
    write_kfold(tmp_path, options(), reporter=reporter)
    fold_of = kfold(tmp_path, options())
    assert fold_of[20] != fold_of[21]
    missing = sorted(set(range(5)) - set(fold_of[20:22].tolist()))
    words = f"folds {missing[0]}, {missing[1]} and {missing[2]} miss it"
    assert f"Class class 2 is on 2 photos: {words}." in reporter.warnings


@pytest.mark.parametrize("labels", ["count", "area", "presence"])
def test_rare_classes_are_spread_whatever_counts(tmp_path: Path, labels: str) -> None:
    small_set(tmp_path / "set.json", [[1]] * 30 + [[1, 2]] * 5 + [[3, 3, 3], [3]])
    fold_of = kfold(tmp_path, options(labels=(labels,)))
    assert sorted(fold_of[30:35].tolist()) == [0, 1, 2, 3, 4]
    assert fold_of[35] != fold_of[36]


def test_holdout_is_stratified_and_in_no_fold(tmp_path: Path) -> None:
    small_set(tmp_path / "set.json", [[1]] * 40 + [[2, 2]] * 40 + [[]] * 20)
    chosen = options(holdout=0.1)
    fold_of = kfold(tmp_path, chosen)
    held = np.flatnonzero(fold_of == -1)
    assert [
        ((held >= low) & (held < low + n)).sum() for low, n in ((0, 40), (40, 40), (80, 20))
    ] == [
        4,
        4,
        2,
    ]
    assert np.bincount(fold_of[fold_of >= 0]).tolist() == [18] * 5
    write_kfold(tmp_path, chosen)
    assert [i["id"] for i in load(tmp_path / "kfold_holdout.json")["images"]] == held.tolist()
    for fold in range(5):
        assert not {i["id"] for part in parts(tmp_path, fold) for i in part["images"]} & set(held)


def test_synthetic_photos_are_kept_from_their_sources(tmp_path: Path) -> None:
    # 12 was made of 0, and 13 of 12 and a donor in 1; 14 repeats 13.
    made = [{"background_image_id": 0}, {"background_image_id": 12}, {"repeat_of": 13}]
    photos = [[1]] * 4 + [[2]] * 4 + [[3]] * 4 + [[1], [1, 2], [1, 2]]
    small_set(tmp_path / "set.json", photos, trashdata=[*[None] * 12, *made])

    def add_donor(content: dict[str, Any]) -> None:
        content["annotations"][14]["trashdata"] = {"donor_image_id": 1, "donor_annotation_id": 1}

    rewrite(tmp_path / "set.json", add_donor)
    outcome = write_kfold(tmp_path, options(folds=4))
    fold_of = kfold(tmp_path, options(folds=4))
    assert fold_of[12:].tolist() == [-1, -1, -1]
    for fold in range(4):
        train, val = parts(tmp_path, fold)
        trained = {image["id"] for image in train["images"]}
        assert not {image["id"] for image in val["images"]} & {12, 13, 14}
        assert (12 in trained) == (fold_of[0] != fold)
        assert (13 in trained) == (14 in trained) == (fold not in fold_of[[0, 1]])
    assert outcome.counts["synthetic"] == 3
    assert sum(outcome.figures["synthetic_left_out"]) == 1 + 2 * len(set(fold_of[[0, 1]].tolist()))


def test_ignore_category_is_no_class(tmp_path: Path) -> None:
    small_set(tmp_path / "set.json", [[1]] * 5 + [[3]] * 5)
    rewrite(
        tmp_path / "set.json",
        lambda content: content.update(info={"trashdata": {"ignore_category_ids": [3]}}),
    )
    outcome = write_kfold(tmp_path, options())
    assert [row["class"] for row in outcome.figures["classes"]] == ["class 1", "class 2"]


def test_missing_area_is_the_masks(tmp_path: Path) -> None:
    small_set(tmp_path / "set.json", [[1]] * 4)

    def drop_area(content: dict[str, Any]) -> None:
        del content["annotations"][0]["area"]
        content["annotations"][1]["area"] = -1
        for annotation in content["annotations"][:2]:
            annotation["segmentation"] = [[0, 0, 3, 0, 3, 2, 0, 2]]

    rewrite(tmp_path / "set.json", drop_area)
    outcome = write_kfold(tmp_path, options(folds=2))
    assert sorted(outcome.figures["classes"][0]["shares"]["area"]) == [0.5, 0.5]


# --- bad input ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"folds": 13}, "--folds 13: expected at most a fold for each photo of set.json, found 12"),
        ({"folds": 3, "group_by": "half"}, "a fold for each group of set.json, found 2 groups"),
        ({"group_by": "vide_id"}, "--group-by 'vide_id'.*did you mean 'video_id'"),
        ({"group_by": "nothing"}, "a key that no image has a value for"),
        ({"labels": ("presense",)}, "did you mean 'presence'"),
        ({"labels": ()}, "--labels: expected at least one label"),
        ({"weights": (1.0,)}, "--weights: expected 3 numbers"),
        ({"folds": 1}, "--folds: expected at least 2"),
        ({"holdout": 1.0}, "--holdout: expected a fraction"),
        ({"holdout": 0.01}, "a fraction that leaves a photo in the test part"),
        ({"seed": -1}, "--seed: expected 0 or more"),
        ({"out": "a/b"}, "a plain name inside the data folder"),
    ],
)
def test_mistakes_are_told_in_one_sentence(
    tmp_path: Path, changes: dict[str, Any], sentence: str
) -> None:
    small_set(tmp_path / "set.json", [[1]] * 12, video_id=list(range(12)), half=[0] * 6 + [1] * 6)
    before = tree(tmp_path)
    with pytest.raises(UserError, match=sentence):
        write_kfold(tmp_path, options(**changes))
    assert tree(tmp_path) == before


def test_file_without_annotations_or_with_a_stray_one(tmp_path: Path, run_cli: RunCli) -> None:
    small_set(tmp_path / "set.json", [[]] * 6)
    done = run_cli("kfold", "--data", tmp_path, "--json", "set.json")
    assert done.returncode == 2
    assert "set.json: expected annotations of at least one class, found none" in done.stderr
    small_set(tmp_path / "set.json", [[1]] * 6)
    rewrite(tmp_path / "set.json", lambda c: c["annotations"][3].update(image_id=99))
    done = run_cli("kfold", "--data", tmp_path, "--json", "set.json")
    assert done.returncode == 2
    assert "annotation 3: expected an image_id that stands in images, found image_id 99" in (
        done.stderr
    )
    assert len(done.stderr.strip().splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["set.json"]


def test_command_line(data: Path, run_cli: RunCli) -> None:
    arguments = ("--data", data, "--folds", "3", "--weights", "1,100,1", "--json-summary")
    done = run_cli("kfold", *arguments)
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert summary["command"] == "kfold"
    assert summary["counts"]["folds"] == 3
    done = run_cli("kfold", "--data", data, "--weights", "one,two")
    assert done.returncode == 2
    assert "--weights 'one,two': expected numbers" in done.stderr
