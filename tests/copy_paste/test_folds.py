"""``copy-paste --fold`` with ``--donors``: no donor from a photo of validation."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.coco import load
from helpers.pools import Saved, paste_from_pool, pool_of
from trashdata.copy_paste import CopyPasteOptions, copy_paste
from trashdata.splitting import KfoldOptions, write_kfold

from trashdata.errors import UserError


@pytest.fixture
def folds(data: Path) -> Path:
    """The sample set in three folds."""
    write_kfold(data, KfoldOptions(folds=3))
    return data


@pytest.mark.parametrize("saved", ["copy", "again"])
@pytest.mark.parametrize("folder", [".", "elsewhere"])
def test_pools_of_validation_photos_are_refused_by_name(
    folds: Path, saved: Saved, folder: str
) -> None:
    root = pool_of(folds, "kfold_0_val.json", saved, folder)
    images = None if folder == "." else str(root)
    before = sorted(folds.iterdir())
    with pytest.raises(UserError) as caught:
        paste_from_pool(folds, fold=0, donor_images=images)
    said = str(caught.value)
    name = load(folds / "kfold_0_val.json")["images"][0]["file_name"]
    relation = "is a copy of" if saved == "copy" else "looks like"
    assert "--donors pool.json: pool/70000.jpg: expected no photo of kfold_0_val.json" in said
    assert f"found that it {relation} {name}" in said
    assert sorted(folds.iterdir()) == before
    if saved == "again":
        assert "pass --allow-look-alikes" in said
        paste_from_pool(folds, fold=0, donor_images=images, allow_look_alikes=True)
        assert (folds / "copy_paste_0.json").is_file()
    else:
        with pytest.raises(UserError, match="is a copy of"):
            paste_from_pool(folds, fold=0, donor_images=images, allow_look_alikes=True)


def test_pools_of_photos_made_of_validation_photos_are_refused(folds: Path) -> None:
    # The pool is synthetic: its backgrounds are those of training, its donors of validation.
    pool_of(folds, "kfold_0_val.json", "copy", ".")
    paste_from_pool(folds, json="kfold_0_train.json", out="made", mode="self")
    with pytest.raises(UserError, match=r"made/images/.* found that it holds objects of"):
        paste_from_pool(folds, fold=0, donors="made.json")


def test_pools_of_other_photos_are_taken(folds: Path) -> None:
    pool_of(folds, "kfold_0_train.json", "again", ".")
    paste_from_pool(folds, fold=0)
    assert (folds / "copy_paste_0.json").is_file()


def test_synthetic_photos_of_the_training_part_are_checked_too(folds: Path) -> None:
    # Somebody put them there; kfold would not have.
    pool_of(folds, "kfold_0_val.json", "copy", ".")
    paste_from_pool(folds, json="kfold_0_train.json", out="made")
    (folds / "made.json").replace(folds / "kfold_0_train.json")
    match = r"kfold_0_train.json: made/images/.* that it holds objects of .*'trashdata kfold'"
    with pytest.raises(UserError, match=match):
        copy_paste(folds, CopyPasteOptions(fold=0, patch=("Paper",), num=2))


def test_allowing_needs_a_fold() -> None:
    with pytest.raises(UserError, match="expected --fold K with it"):
        CopyPasteOptions(donors="pool.json", allow_look_alikes=True)
