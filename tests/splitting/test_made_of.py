"""Leaks through what synthetic photos were made of: found by the bytes and looks of the sources."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

import pytest
from helpers.coco import load, rewrite
from helpers.pools import Saved, paste_from_pool, pool_of
from helpers.processes import RunCli
from helpers.splitting import parts
from trashdata.splitting import KfoldOptions, kfold, write_kfold

from trashdata.coco.read import read_document
from trashdata.console import Reporter
from trashdata.errors import UserError
from trashdata.merge import MergeOptions, merge
from trashdata.overlaps import Overlap, overlaps


def found(data: Path, one: str, other: str, reporter: Reporter | None = None) -> list[Overlap]:
    documents = [read_document(data / name, masks=False) for name in (one, other)]
    return overlaps(documents[0], documents[1], data, reporter=reporter)


def kinds(overlaps: list[Overlap]) -> set[str]:
    return {overlap.kind for overlap in overlaps}


def sources(content: dict[str, Any], role: str) -> set[str]:
    return {
        entry["file_name"]
        for image in content["images"]
        for entry in image.get("trashdata", {}).get("made_of", [])
        if entry["role"] == role
    }


@pytest.mark.parametrize("folder", [".", "elsewhere"])
def test_donors_that_are_copies_of_the_other_files_photos(
    data: Path, run_cli: RunCli, folder: str
) -> None:
    root = pool_of(data, "val.json", "copy", folder)
    assert found(data, "train.json", "val.json") == []
    images = {} if folder == "." else {"donor_images": str(root)}
    paste_from_pool(data, **images)
    done = run_cli("kfold", "--data", data, "--check", "copy_paste.json", "val.json")
    assert done.returncode == 1
    assert "donor" in done.stdout
    leaks = found(data, "copy_paste.json", "val.json")
    assert kinds(leaks) == {"donor"}
    new_ids = {image["id"]: k for k, image in enumerate(load(data / "val.json")["images"])}
    used = {f"pool/{70_000 + new_ids[leak.other]}.jpg" for leak in leaks}
    assert used == sources(load(data / "copy_paste.json"), "donor")
    # The other way round it is the same.
    turned = found(data, "val.json", "copy_paste.json")
    assert {(o.kind, o.other, o.one) for o in turned} == {(o.kind, o.one, o.other) for o in leaks}


def test_donors_that_look_like_the_other_files_photos(data: Path, run_cli: RunCli) -> None:
    pool_of(data, "val.json", "again", ".")
    paste_from_pool(data)
    assert kinds(found(data, "copy_paste.json", "val.json")) == {"near-duplicate of donor"}
    check = ("kfold", "--data", data, "--check", "copy_paste.json", "val.json")
    done = run_cli(*check)
    assert done.returncode == 1
    assert "--allow-look-alikes" in done.stderr
    done = run_cli(*check, "--allow-look-alikes")
    assert done.returncode == 0, done.stderr
    assert "share nothing" in done.stderr


def test_source_photos_that_are_not_found_are_counted(data: Path) -> None:
    root = pool_of(data, "val.json", "again", "elsewhere")
    paste_from_pool(data, donor_images=str(root), mode="self")
    reporter = Reporter()
    assert found(data, "copy_paste.json", "val.json", reporter) == []
    content = load(data / "copy_paste.json")
    donors, every = sources(content, "donor"), sources(content, "donor")
    every |= sources(content, "background")
    assert reporter.warnings == [
        f"copy_paste.json: {len(donors)} of the {len(every)} photos that its synthetic photos were"
        f" made of are not in {data} as they were; look-alikes of them are not found."
    ]


def test_allowed_look_alikes_do_not_hide_copies(data: Path, run_cli: RunCli) -> None:
    pool_of(data, "val.json", "copy", ".")
    paste_from_pool(data)
    check = ("kfold", "--data", data, "--check", "copy_paste.json", "val.json")
    assert run_cli(*check, "--allow-look-alikes").returncode == 1


def test_allowing_needs_a_check() -> None:
    with pytest.raises(UserError, match=r"--allow-look-alikes.*expected --check with it"):
        KfoldOptions(allow_look_alikes=True)


def test_sources_of_sources_are_compared(data: Path) -> None:
    pool_of(data, "val.json", "copy", ".")
    paste_from_pool(data, mode="self")
    # Pastes on the new photos, with objects of train.json: nothing but the chain leads to val.json.
    paste_from_pool(data, json="copy_paste.json", donors="train.json", out="again", mode="self")
    leaks = found(data, "again.json", "val.json")
    assert kinds(leaks) == {"donor"}


def test_equal_ids_of_another_set_are_no_leak(data: Path) -> None:
    # Two files that both number their photos from 1: the id says nothing, the bytes do.
    paste_from_pool(data, donors="train.json", mode="self")
    first = load(data / "copy_paste.json")["images"][0]["trashdata"]["background_image_id"]

    def renumber(content: dict[str, Any]) -> None:
        old = content["images"][0]["id"]
        content["images"][0]["id"] = first
        for annotation in content["annotations"]:
            if annotation["image_id"] == old:
                annotation["image_id"] = first

    rewrite(data / "val.json", renumber)
    assert found(data, "copy_paste.json", "val.json") == []


def test_photos_of_two_roots_may_have_one_name(data: Path, tmp_path: Path) -> None:
    # The pool's photos have the names of validation, and are those of training.
    content, val = load(data / "train.json"), load(data / "val.json")
    root = tmp_path / "elsewhere"
    for image, other in zip(content["images"], val["images"], strict=False):
        (root / other["file_name"]).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(data / image["file_name"], root / other["file_name"])
        image["file_name"] = other["file_name"]
    kept = {image["id"]: image for image in content["images"][: len(val["images"])]}
    content["images"] = list(kept.values())
    content["annotations"] = [a for a in content["annotations"] if a["image_id"] in kept]
    shutil.copy(data / "train.json", data / "pool.json")
    rewrite(data / "pool.json", lambda c: c.update(content))
    paste_from_pool(data, donor_images=str(root), patch=("Paper", "Metal"))
    assert found(data, "copy_paste.json", "val.json") == []


def test_a_merge_keeps_the_bytes_by_which_sources_are_found(data: Path) -> None:
    pool_of(data, "val.json", "copy", ".")
    paste_from_pool(data)
    small = data / "more"
    small.mkdir()
    shutil.copy(data / "train.json", small / "train.json")
    before = {
        entry["sha256"]
        for image in load(data / "copy_paste.json")["images"]
        for entry in image.get("trashdata", {}).get("made_of", [])
    }
    options = MergeOptions(("copy_paste.json", "pool.json"), out="merged.json")
    merge(data, options)
    entries = [
        entry
        for image in load(data / "merged.json")["images"]
        for entry in image.get("trashdata", {}).get("made_of", [])
    ]
    assert {entry["sha256"] for entry in entries} == before
    for entry in entries:
        digest = hashlib.sha256((data / entry["file_name"]).read_bytes()).hexdigest()
        assert digest == entry["sha256"]
    assert "donor" in kinds(found(data, "merged.json", "val.json"))


def test_sources_of_photos_that_a_merge_renamed_are_found(data: Path) -> None:
    sub = Path(shutil.copytree(data, data / "sub"))
    pool_of(sub, "val.json", "again", ".")
    paste_from_pool(sub, mode="self")
    options = MergeOptions(("train.json", str(sub / "copy_paste.json")), out="merged.json")
    merge(data, options)
    names = [image["file_name"] for image in load(data / "merged.json")["images"]]
    assert "sub/copy_paste/images/000000.jpg" in names
    assert kinds(found(data, "merged.json", "val.json")) == {"near-duplicate of donor"}


@pytest.mark.parametrize(("saved", "group_by"), [("copy", "none"), ("again", "auto")])
def test_folds_keep_synthetic_photos_from_copies_of_their_sources(
    data: Path, saved: Saved, group_by: str
) -> None:
    # All photos of the set, and new ones with objects of a pool of the same photos.
    pool_of(data, "train_all.json", saved, ".")
    paste_from_pool(data, json="train_all.json", num=8, mode="add")
    options = KfoldOptions(json="copy_paste.json", folds=3, group_by=group_by)
    write_kfold(data, options)
    fold_of = kfold(data, options)
    content = load(data / "copy_paste.json")
    images = sorted(content["images"], key=lambda image: image["id"])
    real = {image["id"]: int(f) for image, f in zip(images, fold_of, strict=True) if f >= 0}
    pool = [image["id"] for image in load(data / "train_all.json")["images"]]
    for fold in range(3):
        train, val = parts(data, fold)
        trained = {image["id"] for image in train["images"]}
        for image in images:
            made_of = image.get("trashdata", {}).get("made_of")
            if made_of is None:
                continue
            ids = [e["image_id"] for e in made_of if e["role"] == "background"]
            ids += [pool[e["image_id"] - 70_000] for e in made_of if e["role"] == "donor"]
            assert (image["id"] in trained) == (fold not in {real[k] for k in ids})
        assert found(data, f"kfold_{fold}_train.json", f"kfold_{fold}_val.json") == []
        assert val["images"]
