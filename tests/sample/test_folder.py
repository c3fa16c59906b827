"""``trashdata sample``: layout, split, exact labels, and what it refuses to touch."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from helpers.coco import load
from helpers.processes import RunCli, kill, start, wait_for_files
from pycocotools import mask as coco_mask

from trashdata.coco.read import read_document
from trashdata.errors import UserError
from trashdata.masks.labelmap import label_map
from trashdata.photos import check_photo
from trashdata.sample import CATEGORIES, SampleOptions, sample
from trashdata.sample.drawing.scene import draw_scene
from trashdata.sample.parts import BATCHES, deal_parts, plan_photos

FILES = ("train_all.json", "train.json", "val.json", "test.json")
SMALL = SampleOptions(images=12, size=64)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file in a folder, hidden ones too."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_layout_is_that_of_the_recycling_set(sample_set: Path) -> None:
    photos = [name for name in contents(sample_set) if name.endswith(".jpg")]
    assert sorted(contents(sample_set)) == sorted([*photos, *FILES, "manifest.json"])
    for batch in BATCHES:
        names = [name for name in photos if name.startswith(f"{batch}/")]
        assert names == [f"{batch}/{number:04}.jpg" for number in range(8)]


def test_json_has_the_keys_of_the_recycling_set(sample_set: Path, shared_data: Path) -> None:
    ours = load(sample_set / "train_all.json")
    theirs = load(shared_data / "recycling-512" / "train_all.json")
    assert list(ours) == list(theirs)
    for key in ("images", "annotations", "categories"):
        assert set(ours[key][0]) == set(theirs[key][0])
    assert ours["categories"] == theirs["categories"]


def test_ids_and_parts(sample_set: Path) -> None:
    whole, train, val, test = (load(sample_set / name) for name in FILES)
    assert [image["id"] for image in whole["images"]] == list(range(len(whole["images"])))
    numbers = [annotation["id"] for annotation in whole["annotations"]]
    assert numbers == list(range(1, len(numbers) + 1))
    for key in ("images", "annotations"):
        parts = sorted([*train[key], *val[key]], key=lambda record: int(record["id"]))
        assert parts == whole[key]
    assert (len(train["images"]), len(val["images"]), len(test["images"])) == (15, 4, 5)
    assert test["annotations"] == []
    names = {image["file_name"] for file in (whole, test) for image in file["images"]}
    assert len(names) == 24
    assert {image["file_name"].split("/")[0] for image in test["images"]} == set(BATCHES)


def test_every_file_passes_the_reader_and_every_photo_its_check(sample_set: Path) -> None:
    for name in FILES:
        document = read_document(sample_set / name)
        assert not document.warnings
        for image in document.images:
            assert check_photo(sample_set, image) == 1


def test_annotations_are_the_drawn_masks_and_paint_what_was_drawn_on_top(sample_set: Path) -> None:
    document = read_document(sample_set / "train_all.json")
    raw = {row["id"]: row for row in load(sample_set / "train_all.json")["annotations"]}
    for plan in plan_photos(24, 42):
        if plan.part == "test":
            continue
        scene = draw_scene(plan.kinds, size=96, rng=np.random.default_rng([42, plan.index]))
        drawn_labels = np.zeros((96, 96), dtype=np.uint8)
        for number, drawn in enumerate(scene.objects, start=plan.first_annotation_id):
            row = raw[number]
            code = coco_mask.merge(coco_mask.frPyObjects(row["segmentation"], 96, 96))
            assert np.array_equal(coco_mask.decode(code).astype(bool), drawn.mask)
            assert row["area"] == int(drawn.mask.sum())
            assert row["bbox"] == coco_mask.toBbox(code).tolist()
            assert CATEGORIES[row["category_id"] - 1] == drawn.category
            assert (row["image_id"], row["iscrowd"]) == (plan.image_id, 0)
            drawn_labels[drawn.mask] = row["category_id"]
        labels = label_map(document, document.image_by_id[plan.image_id])
        assert np.array_equal(labels, drawn_labels)


@pytest.mark.parametrize("images", [60, 120])
@pytest.mark.parametrize("seed", [0, 42, 7])
def test_batteries_and_every_batch_are_in_every_part(images: int, seed: int) -> None:
    photos = plan_photos(images, seed)
    for part, share in (("train", 0.64), ("val", 0.16), ("test", 0.2)):
        own = [photo for photo in photos if photo.part == part]
        assert len(own) == pytest.approx(share * images, abs=2)
        assert any("Battery" in photo.kinds for photo in own)
        assert {photo.file_name.split("/")[0] for photo in own} == set(BATCHES)


def test_parts_share_out_a_rare_class_before_the_others() -> None:
    kinds = [["Paper"]] * 40 + [["Paper", "Battery"]] * 2
    assert deal_parts(kinds)[-2:] == ["train", "val"]
    assert Counter(deal_parts(kinds)) == {"train": 27, "val": 7, "test": 8}
    assert deal_parts([]) == []


def test_workers_change_no_byte_and_seeds_change_the_photos(tmp_path: Path) -> None:
    sample(tmp_path / "one", SMALL, workers=1)
    sample(tmp_path / "two", SMALL, workers=2)
    sample(tmp_path / "other", replace(SMALL, seed=1))
    one, two, other = (contents(tmp_path / name) for name in ("one", "two", "other"))
    assert one == two
    photos = [name for name in one if name.endswith(".jpg")]
    assert photos == [name for name in other if name.endswith(".jpg")]
    assert all(one[name] != other[name] for name in photos)


def test_nothing_written_holds_a_path(tmp_path: Path) -> None:
    sample(tmp_path / "data", SMALL)
    assert not any(str(tmp_path).encode() in each for each in contents(tmp_path / "data").values())


def test_started_again_all_is_done_also_beside_foreign_files(tmp_path: Path) -> None:
    data = tmp_path / "made" / "with" / "parents"
    sample(data, SMALL)
    (data / "copy_paste.json").write_text("{}")
    (data / "copy_paste").mkdir()
    (data / "copy_paste" / "manifest.json").write_text("{}")
    before = contents(data)
    outcome = sample(data, SMALL)
    assert contents(data) == before
    assert outcome.counts["photos"] == 12


def test_other_options_need_overwrite_which_spares_foreign_files(tmp_path: Path) -> None:
    data = tmp_path / "data"
    sample(data, SMALL)
    (data / "mine.txt").write_text("mine")
    (data / "batch_03" / "mine.jpg").write_text("mine")
    before = contents(data)
    with pytest.raises(UserError, match="a finished run with other options"):
        sample(data, SampleOptions(images=6, size=64))
    assert contents(data) == before
    sample(data, SampleOptions(images=6, size=64), overwrite=True)
    after = contents(data)
    assert {name for name in after if name.endswith(("mine.txt", "mine.jpg"))} == {
        "mine.txt",
        "batch_03/mine.jpg",
    }
    sample(tmp_path / "fresh", SampleOptions(images=6, size=64))
    fresh = contents(tmp_path / "fresh")
    assert {name: after[name] for name in fresh} == fresh


def test_overwrite_does_not_replace_a_file_that_it_did_not_make(tmp_path: Path) -> None:
    data = tmp_path / "data"
    sample(data, SampleOptions(images=3, size=64))
    (data / "batch_01_vt" / "0001.jpg").write_text("mine")
    before = contents(data)
    with pytest.raises(UserError, match=r"batch_01_vt/0001\.jpg: expected no file of this name"):
        sample(data, SMALL, overwrite=True)
    assert contents(data) == before


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("dry_run", [False, True])
def test_a_folder_with_anything_in_it_is_refused(
    tmp_path: Path, overwrite: bool, dry_run: bool
) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UserError, match=r"found notes\.txt in it"):
        sample(tmp_path, SMALL, overwrite=overwrite, dry_run=dry_run)
    assert list(contents(tmp_path)) == ["notes.txt"]


def test_dry_run_writes_nothing(tmp_path: Path) -> None:
    outcome = sample(tmp_path / "data", SMALL, dry_run=True)
    assert outcome.counts["photos"] == 12
    assert not (tmp_path / "data").exists()


def test_a_file_of_the_set_that_is_gone_is_named(tmp_path: Path) -> None:
    sample(tmp_path / "data", SMALL)
    (tmp_path / "data" / "val.json").unlink()
    with pytest.raises(UserError, match=r"val\.json: .*found no such file"):
        sample(tmp_path / "data", SMALL)
    assert ".journal" not in [path.name for path in (tmp_path / "data").iterdir()]


@pytest.mark.parametrize("numbers", [{"images": 0}, {"size": 63}, {"size": 5000}])
def test_numbers_out_of_range_are_refused(tmp_path: Path, numbers: dict[str, int]) -> None:
    with pytest.raises(UserError, match="--"):
        sample(tmp_path / "data", SampleOptions(**numbers))


def test_command_line(run_cli: RunCli, tmp_path: Path) -> None:
    arguments = ["sample", "--data", "a/b", "--images", 4, "--size", 64, "--workers", 1]
    done = run_cli(*arguments)
    assert done.returncode == 0, done.stderr
    assert "4 photos in a/b" in done.stdout
    again = run_cli(*arguments, "--json-summary")
    assert json.loads(again.stdout)["counts"]["photos"] == 4
    assert "Already finished" in again.stderr
    refused = run_cli(*arguments, "--seed", 1)
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert refused.stderr.count("\n") == 1
    assert refused.stderr.startswith("Error: --data a/b: expected")
    (tmp_path / "file").touch()
    assert "found a file" in run_cli("sample", "--data", "file").stderr


def test_killed_and_started_again_ends_with_the_same_bytes(tmp_path: Path) -> None:
    options = SampleOptions(images=60, size=64)
    data = tmp_path / "killed"
    process = start(
        "sample", "--data", data, "--workers", 1, "--images", 60, "--size", 64, "--quiet"
    )
    wait_for_files(process, data / ".journal", 1, "photos-*.done")
    kill(process, workers=False)
    assert (data / ".journal" / "identity.json").exists()
    assert not (data / "manifest.json").exists()
    sample(data, options)
    sample(tmp_path / "whole", options)
    assert contents(data) == contents(tmp_path / "whole")


def test_workers_end_with_a_killed_parent(tmp_path: Path) -> None:
    process = start("sample", "--data", tmp_path / "data", "--workers", 2)
    wait_for_files(process, tmp_path / "data" / ".journal", 1, "photos-*.intent")
    process.kill()
    # Workers that lived on would hold the pipe open.
    process.communicate(timeout=10)


def test_killed_between_manifest_and_the_end_of_the_journal(
    sample_set: Path, tmp_path: Path
) -> None:
    """What is there then is a finished run; its files must not be taken for leftovers."""
    data = tmp_path / "data"
    shutil.copytree(sample_set, data)
    before = contents(data)
    (data / ".journal").mkdir()
    identity = load(data / "manifest.json")["identity"]
    (data / ".journal" / "identity.json").write_text(json.dumps(identity))
    (data / ".journal" / "photos-000000.done").write_text('{"files":[],"photos":{}}')
    sample(data, SampleOptions(images=24, size=96))
    assert contents(data) == before
