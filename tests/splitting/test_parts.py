"""``trashdata kfold``: parts, bytes, and what is refused."""

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
from helpers.coco import load, rewrite, tree
from helpers.processes import RunCli
from helpers.splitting import options, parts, small_set
from trashdata.splitting import kfold, write_kfold

from trashdata.errors import UserError

Edit = Callable[[dict[str, Any]], object]


@pytest.fixture
def taco(shared_data: Path, tmp_path: Path) -> Path:
    shutil.copy(shared_data / "taco" / "annotations.json", tmp_path / "annotations.json")
    return tmp_path


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
        ({"folds": 1}, "--folds: expected 2 to 1,000"),
        ({"holdout": 1.0}, "--holdout: expected at least 0, less than 1"),
        ({"holdout": 0.01}, "a fraction that leaves a photo in the test part"),
        ({"seed": -1}, "--seed: expected at least 0"),
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
    assert "annotation 3: expected an image_id that is in images, found image_id 99" in (
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
