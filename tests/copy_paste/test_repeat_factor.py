"""Repeat factors: the rule, the rounding, and the file in which photos stand repeatedly."""

from __future__ import annotations

import json
import math
import random
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.coco import check_ids, check_kept, load, load_coco, tree
from helpers.processes import RunCli
from hypothesis import given, settings
from hypothesis import strategies as st
from trashdata.copy_paste import (
    CopyPasteOptions,
    OversampleOptions,
    RepeatOptions,
    copy_paste,
    repeat_factor,
)
from trashdata.copy_paste.repeats.factors import (
    draw_repeats,
    photo_factors,
    photo_frequency,
)
from trashdata.splitting import KfoldOptions, kfold

from trashdata.coco.read import read_document
from trashdata.errors import UserError
from trashdata.masks import MasksOptions, masks
from trashdata.repeat_factors import class_factors, median_frequency


def repeats_of(content: dict[str, Any]) -> list[dict[str, Any]]:
    return [i for i in content["images"] if "repeat_of" in i.get("trashdata", {})]


# --- the rule and its rounding --------------------------------------------------------------


def test_factors_are_those_of_a_slow_count(data: Path) -> None:
    source = load(data / "train.json")
    document = read_document(data / "train.json")
    held: dict[int, set[int]] = {image["id"]: set() for image in source["images"]}
    for annotation in source["annotations"]:
        held[annotation["image_id"]].add(annotation["category_id"])
    shares = {
        category["id"]: sum(category["id"] in own for own in held.values()) / len(held)
        for category in source["categories"]
    }
    frequency = photo_frequency(document)
    assert frequency.tolist() == pytest.approx(list(shares.values()))
    factors = photo_factors(document, class_factors(frequency, 0.3))
    for image, factor in zip(document.images, factors.tolist(), strict=True):
        own = [max(1, math.sqrt(0.3 / shares[category])) for category in held[image.id]]
        assert factor == pytest.approx(max(own, default=1))


def test_the_median_repeats_the_rarer_half() -> None:
    frequency = np.array([0.9, 0.5, 0.3, 0.1, 0.02, 0.0])
    assert median_frequency(frequency) == 0.3
    factors = class_factors(frequency, 0.3)
    assert (factors > 1).tolist() == [False, False, False, True, True, False]


@given(st.lists(st.sampled_from([1.0, 1.2, 1.7, 2.0, 3.45]), max_size=40), st.integers(0, 9**9))
@settings(max_examples=200, deadline=None)
def test_rounding_misses_no_factor_by_a_photo(factors: list[float], seed: int) -> None:
    repeats = draw_repeats(np.array(factors), seed)
    assert repeats.tolist() == draw_repeats(np.array(factors), seed).tolist()
    for factor, times in zip(factors, repeats.tolist(), strict=True):
        assert math.floor(factor) - 1 <= times <= math.ceil(factor) - 1
    for factor, count in Counter(factors).items():
        total = sum(t for f, t in zip(factors, repeats.tolist(), strict=True) if f == factor)
        assert abs(total - count * (factor - 1)) < 1 + 1e-9


def test_rounding_favours_no_photo() -> None:
    factors = np.array([1.0, 1.25, 1.25, 1.25, 1.6, 2.6])
    mean = np.mean([draw_repeats(factors, seed) for seed in range(2000)], axis=0)
    assert mean == pytest.approx(factors - 1, abs=0.05)


# --- the file -------------------------------------------------------------------------------


def test_repeats_are_the_same_photos_with_ids_of_their_own(data: Path) -> None:
    before = tree(data)
    source = load(data / "train.json")
    source["images"][0]["trashdata"] = {"valid_box": [0, 0, 96, 90]}
    source["scenes"] = [{"id": 1}]
    for image in source["images"]:
        image["flickr_url"] = f"https://example.org/{image['id']}"
    for annotation in source["annotations"]:
        annotation["attributes"] = {"weight": 0.1 + annotation["id"]}
    (data / "train.json").write_text(json.dumps(source))
    outcome = repeat_factor(data, RepeatOptions(threshold=1.0))
    content = load(data / "repeats.json")
    check_ids(content)
    check_kept(content, source)
    assert content["scenes"] == source["scenes"]
    images = {image["id"]: image for image in source["images"]}
    repeats = repeats_of(content)
    assert len(content["images"]) == len(images) + len(repeats)
    assert len(repeats) == outcome.counts["repeats"] > len(images)
    of_image: dict[int, list[dict[str, Any]]] = {}
    for annotation in content["annotations"]:
        of_image.setdefault(annotation["image_id"], []).append(annotation)
    for image in repeats:
        other = image["trashdata"]["repeat_of"]
        expected = dict(images[other]) | {"id": image["id"]}
        expected["trashdata"] = images[other].get("trashdata", {}) | {"repeat_of": other}
        assert image == expected
        pairs = zip(of_image[image["id"]], of_image[other], strict=True)
        for annotation, source in pairs:
            assert annotation == source | {"id": annotation["id"], "image_id": image["id"]}
    written = tree(data).keys() - before.keys()
    assert written == {"repeats.json", "repeats/manifest.json"}


def test_pycocotools_counts_what_the_table_says(data: Path) -> None:
    outcome = repeat_factor(data)
    before, after = load_coco(data / "train.json"), load_coco(data / "repeats.json")
    assert outcome.counts["repeats"] > 0
    raised = 0
    for row in outcome.figures["classes"]:
        (category,) = after.getCatIds(catNms=[row["class"]])
        for coco, moment in ((before, "before"), (after, "after")):
            assert len(coco.getAnnIds(catIds=[category])) == row[f"objects_{moment}"]
            assert len(coco.getImgIds(catIds=[category])) == row[f"photos_{moment}"]
        if row["factor"] > 1:
            raised += 1
            # Photos of this class may be repeated for a rarer one's sake as well.
            assert row["photos_after"] > row["factor"] * row["photos_before"] - 1
    assert raised >= 3


def test_repeats_stay_with_their_photos(data: Path) -> None:
    """kfold keeps them in one fold, masks writes one for the photo."""
    repeat_factor(data, RepeatOptions(json="train_all.json", threshold=0.6))
    document = read_document(data / "repeats.json")
    folds = kfold(data, KfoldOptions(json="repeats.json", folds=3, group_by="none"))
    fold_of = {image.id: fold for image, fold in zip(document.images, folds.tolist(), strict=True)}
    repeats = [image for image in document.images if "repeat_of" in image.trashdata]
    assert len(repeats) > 5
    for image in repeats:
        assert fold_of[image.id] == fold_of[image.trashdata["repeat_of"]]
    masks(data, MasksOptions(json="repeats.json", out="again"))
    written = list((data / "again").rglob("*.png"))
    assert len(written) == len(document.images) - len(repeats)


def test_repeats_of_synthetic_photos_keep_their_sources(data: Path) -> None:
    copy_paste(data, CopyPasteOptions(patch=("Paper",), num=20, min_area=20))
    repeat_factor(data, RepeatOptions(json="copy_paste.json", threshold=0.9))
    content = load(data / "repeats.json")
    synthetic = [i for i in repeats_of(content) if "background_image_id" in i["trashdata"]]
    assert synthetic
    folds = kfold(data, KfoldOptions(json="repeats.json", folds=3, group_by="none"))
    ids = sorted(image["id"] for image in content["images"])
    fold_of = dict(zip(ids, folds.tolist(), strict=True))
    assert all(fold_of[image["id"]] == -1 for image in synthetic)


def test_same_bytes_for_the_same_seed_and_any_order(data: Path) -> None:
    repeat_factor(data, RepeatOptions(out="a"))
    repeat_factor(data, RepeatOptions(out="b"))
    repeat_factor(data, RepeatOptions(out="c", seed=43))
    first = (data / "a.json").read_bytes()
    assert (data / "b.json").read_bytes() == first
    assert (data / "c.json").read_bytes() != first
    source = load(data / "train.json")
    for key in ("images", "annotations", "categories"):
        random.Random(7).shuffle(source[key])
    (data / "train.json").write_text(json.dumps(source))
    repeat_factor(data, RepeatOptions(out="d"))
    assert load(data / "d.json") == load(data / "a.json")


def test_fold_reads_its_training_part(data: Path) -> None:
    shutil.copy(data / "train.json", data / "kfold_3_train.json")
    repeat_factor(data, RepeatOptions(fold=3))
    repeat_factor(data, RepeatOptions(out="same"))
    assert (data / "repeats_3.json").read_bytes() == (data / "same.json").read_bytes()
    with pytest.raises(UserError, match=r"--fold 4: expected the fold's training part"):
        repeat_factor(data, RepeatOptions(fold=4))


def test_dry_run_again_and_overwrite(data: Path) -> None:
    before = tree(data)
    planned = repeat_factor(data, dry_run=True)
    assert tree(data) == before
    done = repeat_factor(data)
    assert (planned.figures, planned.counts) == (done.figures, done.counts)
    written = tree(data)
    assert repeat_factor(data).counts == done.counts
    assert tree(data) == written
    other = RepeatOptions(threshold=0.9)
    with pytest.raises(UserError, match="--overwrite"):
        repeat_factor(data, other)
    assert tree(data) == written
    assert repeat_factor(data, other, overwrite=True).counts["repeats"] > done.counts["repeats"]


def test_an_interrupted_run_is_done_again(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repeat_factor(data, RepeatOptions(out="whole"))

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("trashdata.copy_paste.repeats.run.write_document", interrupt)
        with pytest.raises(KeyboardInterrupt):
            repeat_factor(data)
    assert not (data / "repeats.json").exists()
    assert not list(data.glob("*.part"))
    repeat_factor(data)
    assert (data / "repeats.json").read_bytes() == (data / "whole.json").read_bytes()
    assert not (data / "repeats" / ".journal").exists()


def test_a_file_that_is_not_ours_stays(data: Path) -> None:
    (data / "repeats.json").write_text("mine")
    for dry_run in (True, False):
        with pytest.raises(UserError, match="a file that no earlier run wrote"):
            repeat_factor(data, dry_run=dry_run, overwrite=True)
    assert (data / "repeats.json").read_text() == "mine"


def test_ignore_regions_and_empty_photos_count_for_nothing(data: Path) -> None:
    source = load(data / "train.json")
    source["info"]["trashdata"] = {"ignore_category_ids": [99]}
    source["categories"].append({"id": 99, "name": "ignore", "supercategory": "void"})
    first = source["images"][0]
    box = [1.0, 1.0, 9.0, 1.0, 9.0, 9.0]
    source["annotations"].append(
        {"id": 10**6, "image_id": first["id"], "category_id": 99, "segmentation": [box],
         "area": 36.0, "iscrowd": 1}
    )  # fmt: skip
    source["images"].append(first | {"id": 10**6, "file_name": "empty.jpg"})
    (data / "train.json").write_text(json.dumps(source))
    outcome = repeat_factor(data)
    names = [row["class"] for row in outcome.figures["classes"]]
    assert "ignore" not in names
    content = load(data / "repeats.json")
    assert 10**6 not in {image["trashdata"]["repeat_of"] for image in repeats_of(content)}
    check_kept(content, source)


# --- what the user can fix -------------------------------------------------------------------


def test_mistakes_are_sentences(data: Path) -> None:
    repeat_factor(data)
    before = tree(data)
    mistakes = [
        (RepeatOptions(json="repeats.json", out="b"), r"image \d+: expected a set without repeats"),
        (RepeatOptions(threshold=0.01, out="b"), r"--repeat-factor 0.01: .*the rarest is on 0\.0"),
        (RepeatOptions(out="train"), r"--out train\.json: expected another file than the inputs"),
    ]
    for options, sentence in mistakes:
        with pytest.raises(UserError, match=sentence):
            repeat_factor(data, options)
    for threshold in (0.0, -1.0, 1.5, math.nan):
        with pytest.raises(UserError, match=r"--repeat-factor: expected auto, or a share"):
            RepeatOptions(threshold=threshold)
    assert tree(data) == before


def test_a_set_with_equal_classes_has_nothing_to_repeat(data: Path) -> None:
    source = load(data / "train.json")
    for annotation in source["annotations"]:
        annotation["category_id"] = 1
    (data / "train.json").write_text(json.dumps(source))
    with pytest.raises(UserError, match=r"--repeat-factor auto: .*found none in train.json"):
        repeat_factor(data)


def test_command_line(data: Path, run_cli: RunCli) -> None:
    done = run_cli("oversample", "--data", data, "--repeat-factor", "auto", "--json-summary")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert summary["counts"]["repeats"] == len(repeats_of(load(data / "repeats.json")))
    assert done.stderr.index("photos before") < done.stderr.index("COCO JSON")
    before = tree(data)
    for arguments, sentence in (
        (("--repeat-factor", "auto", "--num", "3"), "Error: --num: expected no option of new"),
        (("--repeat-factor", "most"), "Error: --repeat-factor 'most': expected auto, or a share"),
    ):
        done = run_cli("oversample", "--data", data, *arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(sentence)
        assert len(done.stderr.strip().splitlines()) == 1
    assert tree(data) == before


def test_a_config_file_may_hold_defaults_of_both(data: Path, run_cli: RunCli) -> None:
    config = data.parent / "defaults.toml"
    config.write_text('[oversample]\nnum = 3\npatch = ["Paper"]\nseed = 7\n')
    done = run_cli("oversample", "--data", data, "--config", config, "--repeat-factor", "auto")
    assert done.returncode == 0, done.stderr
    own = OversampleOptions(num=3, patch=("Paper",), seed=7)
    assert own.paste_options().out == "oversample"
    repeat_factor(data, RepeatOptions(seed=7, out="same"))
    assert (data / "same.json").read_bytes() == (data / "repeats.json").read_bytes()
