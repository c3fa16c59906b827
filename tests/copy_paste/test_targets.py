"""Goals of Copy-Paste: planning towards them, and what stands in the JSON at last."""

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
    counted,
    load,
    new_images,
    pasted,
    pixels_of,
    tree,
)
from helpers.processes import Process, finish, kill, start, wait_for_files
from trashdata.copy_paste import CopyPasteOptions, copy_paste
from trashdata.copy_paste.goals.targets import (
    ObjectCounts,
)

from trashdata.errors import UserError
from trashdata.sample import sample

SMALL = CopyPasteOptions(min_area=20, min_donor_area=20)


def most_pastes(path: Path) -> int:
    donors = Counter(a["trashdata"]["donor_annotation_id"] for a in pasted(load(path)))
    return max(donors.values(), default=0)


def object_counts(*objects: int) -> ObjectCounts:
    return ObjectCounts(np.array(objects), 100 * np.array(objects))


# --- what stands in the JSON ---


def test_numbers_are_met_exactly(data: Path) -> None:
    options = replace(SMALL, target=("Styrofoam=60", "Metal=40"), max_reuse=15)
    outcome = copy_paste(data, options)
    after = counted(data / "copy_paste.json")
    assert (after["Styrofoam"], after["Metal"]) == (60, 40)
    assert 0 < most_pastes(data / "copy_paste.json") <= 15
    content = load(data / "copy_paste.json")
    check_ids(content)
    check_new_photos(data, "copy_paste")
    check_kept(content, load(data / "train.json"))
    goals = {row["class"]: row for row in outcome.figures["goals"]}
    for name in ("Styrofoam", "Metal"):
        assert goals[name]["asked"] == goals[name]["planned"] == goals[name]["achieved"]
        assert goals[name]["before"] == counted(data / "train.json")[name]
    uses = Counter(i["trashdata"]["background_image_id"] for i in new_images(content))
    assert outcome.figures["most_uses_of_a_background"] == max(uses.values())
    assert outcome.figures["most_pastes_of_a_donor"] == most_pastes(data / "copy_paste.json")
    pasted_classes = {a["category_id"] for a in pasted(content)}
    names = {category["name"]: category["id"] for category in content["categories"]}
    assert pasted_classes == {names["Styrofoam"], names["Metal"]}


@pytest.mark.parametrize("seed", range(5))
def test_several_numbers_are_met_closely_for_any_seed(seed: int, data: Path) -> None:
    goals = {"Metal": 40, "Plastic": 30, "Styrofoam": 35, "Clothing": 20}
    target = tuple(f"{name}={number}" for name, number in goals.items())
    outcome = copy_paste(data, replace(SMALL, target=target, seed=seed), dry_run=True)
    for row in outcome.figures["goals"]:
        assert goals[row["class"]] <= row["planned"] <= goals[row["class"]] + 1


def test_without_unwelcome_classes_backgrounds_and_donors_take_turns(data: Path) -> None:
    copy_paste(data, replace(SMALL, target=("Plastic=90",)))
    content = load(data / "copy_paste.json")
    uses = Counter(i["trashdata"]["background_image_id"] for i in new_images(content))
    photos = len(load(data / "train.json")["images"])
    assert max(uses.values()) - (min(uses.values()) if len(uses) == photos else 0) <= 1
    donors = Counter(a["trashdata"]["donor_annotation_id"] for a in pasted(content))
    assert max(donors.values()) - min(donors.values()) <= 2


def test_shares_of_objects_and_of_pixels(data: Path) -> None:
    options = replace(SMALL, target=("Styrofoam=12%", "Metal=30px%"), max_reuse=60)
    outcome = copy_paste(data, options)
    after, pixels = counted(data / "copy_paste.json"), pixels_of(data / "copy_paste.json")
    total = sum(after.values())
    assert 0.12 * total - 0.5 <= after["Styrofoam"] <= 0.12 * total + 3
    assert 0.30 <= pixels["Metal"] / sum(pixels.values()) <= 0.32
    achieved = {row["class"]: row["achieved"] for row in outcome.figures["goals"]}
    assert achieved["Styrofoam"] == pytest.approx(after["Styrofoam"] / total)
    assert achieved["Metal"] == pytest.approx(pixels["Metal"] / sum(pixels.values()))


def test_with_mode_self_only_the_new_photos_count(data: Path) -> None:
    copy_paste(data, replace(SMALL, target=("Plastic=30",), mode="self"))
    assert counted(data / "copy_paste.json")["Plastic"] == 30


def test_whole_photos_can_be_donors(data: Path) -> None:
    options = replace(
        SMALL, target=("Styrofoam=20",), extract_patch=False, lsj_max=1.0, cut_donors=True
    )
    copy_paste(data, options)
    assert 20 <= counted(data / "copy_paste.json")["Styrofoam"] <= 25
    assert most_pastes(data / "copy_paste.json") <= 20
    check_new_photos(data, "copy_paste")


def test_a_named_target_wins_over_balance(data: Path) -> None:
    before = counted(data / "train.json")
    options = replace(SMALL, target=("Styrofoam=9",), balance=0.6, max_reuse=40)
    outcome = copy_paste(data, options)
    after = counted(data / "copy_paste.json")
    assert after["Styrofoam"] == 9
    goals = {row["class"]: row for row in outcome.figures["goals"]}
    assert not goals["Styrofoam"]["balance"]
    for name in ("Metal", "Plastic"):
        goal = round(before[name] ** 0.4 * max(before.values()) ** 0.6)
        assert goals[name]["asked"] == goal <= after[name]


@pytest.mark.slow
def test_balance_brings_the_sample_set_within_a_factor_of_two(tmp_path: Path) -> None:
    data = tmp_path / "data"
    sample(data)
    before = counted(data / "train.json")
    assert max(before.values()) > 20 * min(before.values())
    outcome = copy_paste(data, CopyPasteOptions(balance=1.0), dry_run=True)
    after = [row["after"] for row in outcome.figures["classes"]]
    assert max(after) < 2 * min(after)
    assert outcome.figures["most_pastes_of_a_donor"] <= 20


def test_what_is_there_already_needs_no_photo(data: Path) -> None:
    outcome = copy_paste(data, replace(SMALL, target=("Paper=3", "Metal=1%")))
    assert outcome.counts["photos"] == 0
    content, source = load(data / "copy_paste.json"), load(data / "train.json")
    for key in ("images", "annotations", "categories"):
        assert content[key] == source[key]
    assert copy_paste(data, replace(SMALL, target=("Paper=3", "Metal=1%"))).counts["photos"] == 0


def test_num_is_an_upper_bound(data: Path) -> None:
    free = copy_paste(data, replace(SMALL, target=("Plastic=30",)), dry_run=True)
    wide = copy_paste(data, replace(SMALL, target=("Plastic=30",), num=500), dry_run=True)
    assert wide.figures == free.figures
    with pytest.raises(UserError, match=r"at most \d+, the most that 2 photos gave.*raise --num"):
        copy_paste(data, replace(SMALL, target=("Plastic=30",), num=2), dry_run=True)
    assert CopyPasteOptions().photos == 1500


def test_the_highest_number_is_told_and_can_be_reached(data: Path) -> None:
    before = tree(data)
    with pytest.raises(UserError) as caught:
        copy_paste(data, replace(SMALL, target=("Metal=100000",), max_reuse=2))
    assert tree(data) == before
    highest = int(caught.value.expected.split()[2].rstrip(","))
    assert "raise --max-reuse" in caught.value.advice
    reached = copy_paste(
        data, replace(SMALL, target=(f"Metal={highest}",), max_reuse=2), dry_run=True
    )
    assert reached.figures["goals"][0]["planned"] == highest
    with pytest.raises(UserError, match=f"at most {highest}, "):
        copy_paste(data, replace(SMALL, target=(f"Metal={highest + 1}",), max_reuse=2))


def test_a_share_out_of_reach_is_refused_with_the_most_that_was_reached(data: Path) -> None:
    before = tree(data)
    with pytest.raises(UserError, match=r"'Glass=50%'.*at most .* %, the most that") as caught:
        copy_paste(data, replace(SMALL, target=("Glass=50%",), max_reuse=3, cut_donors=True))
    assert tree(data) == before
    assert "raise --max-reuse" in caught.value.advice


def test_what_finds_no_place_ends_a_target_and_only_bounds_balance(data: Path) -> None:
    options = replace(SMALL, min_area=9000, lsj_max=1.0)
    with pytest.raises(UserError, match=r"at most 16, .*smaller than --min-area \(\d+ times"):
        copy_paste(data, replace(options, target=("Metal=20",)))
    outcome = copy_paste(data, replace(options, balance=1.0), dry_run=True)
    assert outcome.counts["photos"] == 0
    assert any("--balance can't add more of" in warning for warning in outcome.warnings)


def test_balance_says_which_class_its_donors_can_not_lift(data: Path) -> None:
    outcome = copy_paste(data, replace(SMALL, balance=1.0, max_reuse=2), dry_run=True)
    (warning,) = outcome.warnings
    assert "Battery" in warning
    assert "raise --max-reuse" in warning
    assert outcome.figures["most_pastes_of_a_donor"] == 2


def test_a_class_without_donors_is_named(data: Path) -> None:
    source = load(data / "train.json")
    source["categories"].append({"id": 50, "name": "Rubble"})
    (data / "train.json").write_text(json.dumps(source))
    with pytest.raises(
        UserError, match=r"'Rubble=5'.*an object of this class to paste, found none"
    ):
        copy_paste(data, replace(SMALL, target=("Rubble=5",)))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"max_reuse": 3}, "--max-reuse: expected --target or --balance with it"),
        ({"target": ("Paper=90",), "max_reuse": 0}, "--max-reuse: expected at least 1"),
        ({"balance": 1.5}, "--balance: expected 0 to 1, found 1.5"),
        ({"balance": 1.0, "mode": "self"}, "--balance: expected --mode add"),
        ({"fold": -1}, "--fold: expected at least 0"),
        ({"fold": 1, "json": "val.json"}, "--fold: expected no --json with it"),
        ({"target": "Paper=9"}, "--target: expected a tuple"),
    ],
)
def test_options_that_do_not_go_together(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        CopyPasteOptions(**changes)
    assert str(caught.value).startswith(sentence)


def test_a_target_outside_of_patch_is_refused(data: Path) -> None:
    with pytest.raises(UserError, match="a class of --patch, since --patch is given, found Paper"):
        copy_paste(data, replace(SMALL, target=("Metal=30",), patch=("Paper",)))


# --- folds ---


def test_a_fold_takes_its_training_part_and_has_a_name_of_its_own(data: Path) -> None:
    shutil.copy(data / "train.json", data / "kfold_2_train.json")
    shutil.copy(data / "val.json", data / "kfold_2_val.json")
    copy_paste(data, replace(SMALL, target=("Plastic=20",), fold=2))
    assert counted(data / "copy_paste_2.json")["Plastic"] == 20
    held_out = {image["file_name"] for image in load(data / "kfold_2_val.json")["images"]}
    by_id = {i["id"]: i["file_name"] for i in load(data / "kfold_2_train.json")["images"]}
    content = load(data / "copy_paste_2.json")
    sources = {i["trashdata"]["background_image_id"] for i in new_images(content)}
    sources |= {a["trashdata"]["donor_image_id"] for a in pasted(content)}
    assert not {by_id[image_id] for image_id in sources} & held_out
    with pytest.raises(UserError, match=r"no photo of kfold_2_val\.json, which validates fold 2"):
        copy_paste(data, replace(SMALL, target=("Plastic=20",), fold=2, donors="train_all.json"))


def test_a_fold_that_is_not_there_is_refused(data: Path) -> None:
    with pytest.raises(UserError, match=r"^--fold 4: .*kfold_4_train\.json, found no such file"):
        copy_paste(data, replace(SMALL, fold=4))


# --- the same bytes ---


def test_same_bytes_whatever_the_workers_and_the_order(data: Path, tmp_path: Path) -> None:
    options = replace(SMALL, target=("Metal=130", "Clothing=4%"), balance=0.3, max_reuse=70)
    planned = copy_paste(data, options, dry_run=True)
    done = copy_paste(data, options, workers=1)
    plan, end = (
        [{k: v for k, v in row.items() if k != "achieved"} for row in outcome.figures["goals"]]
        for outcome in (planned, done)
    )
    assert plan == end
    assert all(row["planned"] == row["achieved"] for row in done.figures["goals"])
    other = Path(shutil.copytree(data, tmp_path / "other"))
    copy_paste(other, options, workers=2, overwrite=True)
    assert tree(other) == tree(data)
    shuffled = load(other / "train.json")
    for key in ("images", "annotations", "categories"):
        random.Random(7).shuffle(shuffled[key])
    (other / "train.json").write_text(json.dumps(shuffled))
    copy_paste(other, options, workers=1, overwrite=True)
    assert tree(other / "copy_paste" / "images") == tree(data / "copy_paste" / "images")
    assert (
        load(other / "copy_paste.json")["annotations"]
        == (load(data / "copy_paste.json")["annotations"])
    )


@pytest.mark.slow
def test_killed_it_ends_with_the_same_bytes(sample_set: Path, tmp_path: Path) -> None:
    arguments = ["--target", "Paper=700", "--max-reuse", "99", "--min-area", "20", "--quiet"]

    def started(data: Path, workers: int) -> Process:
        return start("copy-paste", "--data", data, *arguments, "--workers", workers)

    undisturbed = Path(shutil.copytree(sample_set, tmp_path / "undisturbed"))
    finish(started(undisturbed, 2))
    assert counted(undisturbed / "copy_paste.json")["Paper"] == 700
    interrupted = 0
    # A lock alone (planning), some plans, some photos.
    for moment, notes in enumerate((1, 3, 7, 12)):
        data = Path(shutil.copytree(sample_set, tmp_path / f"killed-{moment}"))
        process = started(data, 1 + moment % 2)
        wait_for_files(process, data / "copy_paste" / ".journal", notes, "*")
        interrupted += kill(process)
        finish(started(data, 2 - moment % 2))
        assert tree(data) == tree(undisturbed), f"moment {moment}"
    assert interrupted >= 3


# --- on the real set ---


def test_300_batteries_on_recycling_512(shared_data: Path, tmp_path: Path) -> None:
    data = Path(shutil.copytree(shared_data / "recycling-512", tmp_path / "data"))
    options = CopyPasteOptions(target=("Battery=300",), max_reuse=20)
    outcome = copy_paste(data, options, workers=2)
    after = counted(data / "copy_paste.json")
    assert 300 <= after["Battery"] <= 305
    assert most_pastes(data / "copy_paste.json") <= 20
    (goal,) = outcome.figures["goals"]
    assert goal["planned"] == goal["achieved"] == after["Battery"]
    for row in outcome.figures["classes"]:
        assert row["after"] == after[row["class"]]
    assert outcome.counts["donors"] == 21
    assert outcome.figures["donors_left_out"] == {"cut by the photo's border": 4}
    check_new_photos(data, "copy_paste")
    check_kept(load(data / "copy_paste.json"), load(data / "train.json"))
    with pytest.raises(UserError, match=r"at most \d+, the most that \d+ photos gave"):
        copy_paste(data, CopyPasteOptions(target=("Battery=100000",), max_reuse=2, out="more"))
    assert not (data / "more").exists()
