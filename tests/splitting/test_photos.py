"""``trashdata kfold``: groups, rare classes, the test part, photos that are not validated."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from helpers.coco import load, rewrite
from helpers.splitting import options, parts, small_set
from trashdata.splitting import kfold, write_kfold

from trashdata.console import Reporter
from trashdata.errors import UserError

Edit = Callable[[dict[str, Any]], object]


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


def test_pseudo_labelled_photos_are_never_validated(tmp_path: Path) -> None:
    made = [None] * 12 + [{"models": ["exp"]}, {"models": ["exp"]}]
    videos = [*range(12), 3, 99]
    photos = [[1], [2]] * 6 + [[1], [2]]
    small_set(tmp_path / "set.json", photos, trashdata=made, video=videos)
    write_kfold(tmp_path, options(folds=3, group_by="video"))
    fold_of = kfold(tmp_path, options(folds=3, group_by="video"))
    assert fold_of[12:].tolist() == [-1, -1]
    for fold in range(3):
        train, val = parts(tmp_path, fold)
        assert not {12, 13} & {image["id"] for image in val["images"]}
        # 12 looks like 3, and stays away from the fold that validates it.
        wanted = {13} if fold == fold_of[3] else {12, 13}
        assert {image["id"] for image in train["images"] if image["id"] > 11} == wanted


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
