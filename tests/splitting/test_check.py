"""``trashdata kfold --check`` and near-duplicates: planted leaks are found, no others."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from helpers.coco import load, rewrite
from helpers.processes import RunCli
from trashdata.splitting import KfoldOptions, write_kfold

from trashdata.coco.read import read_document
from trashdata.duplicates import SIDE, Prints, near_duplicates, read_prints, same_bytes
from trashdata.overlaps import overlaps


@pytest.fixture
def folds(sample_set: Path, tmp_path: Path) -> Path:
    """A copy of the sample set, split into three."""
    data = Path(shutil.copytree(sample_set, tmp_path / "data"))
    write_kfold(data, KfoldOptions(folds=3))
    return data


def found(data: Path, one: str = "kfold_0_train.json", other: str = "kfold_0_val.json") -> Any:
    documents = [read_document(data / name, masks=False) for name in (one, other)]
    return [(o.kind, o.one, o.other) for o in overlaps(*documents, images=data)]


def test_clean_folds_share_nothing(folds: Path, run_cli: RunCli) -> None:
    for fold in range(3):
        assert found(folds, f"kfold_{fold}_train.json", f"kfold_{fold}_val.json") == []
    names = ("kfold_0_train.json", "kfold_0_val.json")
    done = run_cli("kfold", "--data", folds, "--check", *names)
    assert done.returncode == 0, done.stderr
    assert "share nothing" in done.stderr


def test_same_image_and_exit_code(folds: Path, run_process: RunCli) -> None:
    done = run_process(
        "kfold", "--data", folds, "--check", "kfold_0_train.json", "kfold_1_train.json",
        "--json-summary",
    )  # fmt: skip
    assert done.returncode == 1
    summary = json.loads(done.stdout)
    shared = len(load(folds / "kfold_2_val.json")["images"])
    assert summary["counts"] == {"overlaps": shared, "same image": shared}


def test_copies_and_photos_saved_again(folds: Path) -> None:
    train, val = load(folds / "kfold_0_train.json"), load(folds / "kfold_0_val.json")
    photo = folds / val["images"][0]["file_name"]
    pixels = cv2.imread(str(photo))
    shutil.copy(photo, folds / "copy.jpg")
    cv2.imwrite(str(folds / "again.jpg"), pixels, [cv2.IMWRITE_JPEG_QUALITY, 40])
    smaller = cv2.resize(pixels, None, fx=0.8, fy=0.8, interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(folds / "smaller.jpg"), smaller)

    def plant(content: dict[str, Any]) -> None:
        for k, name in enumerate(("copy.jpg", "again.jpg", "smaller.jpg")):
            content["images"].append(train["images"][0] | {"id": 900 + k, "file_name": name})

    rewrite(folds / "kfold_0_train.json", plant)
    other = val["images"][0]["id"]
    assert found(folds) == [
        ("near-duplicate", 901, other),
        ("near-duplicate", 902, other),
        ("same bytes", 900, other),
    ]


def test_synthetic_photo_whose_source_stands_on_the_other_side(folds: Path) -> None:
    train, val = load(folds / "kfold_0_train.json"), load(folds / "kfold_0_val.json")
    background, donor = (image["id"] for image in val["images"][:2])
    own = train["images"][0]["id"]
    image = {"id": 900, "file_name": "new.jpg", "width": 96, "height": 96}
    image["trashdata"] = {"background_image_id": background}
    category = val["categories"][0]["id"]
    pasted = {"image_id": 900, "category_id": category, "area": 4, "bbox": [0, 0, 2, 2]}

    def plant(content: dict[str, Any]) -> None:
        content["images"].append(image)
        for k, source in enumerate((donor, own)):
            content["annotations"].append(
                pasted | {"id": 9000 + k, "trashdata": {"donor_image_id": source}}
            )

    rewrite(folds / "kfold_0_train.json", plant)
    assert found(folds) == [("background", 900, background), ("donor", 900, donor)]
    assert found(folds, "kfold_0_val.json", "kfold_0_train.json") == [
        ("background", background, 900),
        ("donor", donor, 900),
    ]


@pytest.mark.parametrize(("quality", "scale"), [(20, 1.0), (75, 0.5), (85, 0.25)])
def test_photos_saved_again_are_found_and_others_not_merged(
    shared_data: Path, tmp_path: Path, quality: int, scale: float
) -> None:
    photos = sorted((shared_data / "coco-mini" / "val2017").glob("*.jpg"))[:40]
    for path in photos:
        pixels = cv2.imread(str(path))
        shutil.copy(path, tmp_path / f"a{path.name}")
        again = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        cv2.imwrite(str(tmp_path / f"b{path.name}"), again, [cv2.IMWRITE_JPEG_QUALITY, quality])
    names = [f"a{path.name}" for path in photos] + [f"b{path.name}" for path in photos]
    prints = read_prints(tmp_path, names)
    assert near_duplicates(prints).tolist() == [[k, k + len(photos)] for k in range(len(photos))]
    assert list(same_bytes(prints)) == []


def test_close_hashes_alone_merge_nothing() -> None:
    rng = np.random.default_rng(0)
    small = rng.integers(0, 256, (2, SIDE**2), dtype=np.uint8)
    hashes = np.array([5, 7], dtype=np.uint64)
    assert near_duplicates(Prints(["a", "b"], hashes, small)).tolist() == []
    assert near_duplicates(Prints(["a", "b"], hashes, small[[0, 0]])).tolist() == [[0, 1]]


def test_pairs_are_those_of_the_slow_way() -> None:
    rng = np.random.default_rng(1)
    bases = rng.integers(0, 2**63, 30, dtype=np.uint64)
    flips = np.array([sum(1 << int(b) for b in rng.choice(64, n, replace=False)) for n in
                      rng.integers(0, 10, 120)], dtype=np.uint64)  # fmt: skip
    hashes = bases[rng.integers(0, 30, 120)] ^ flips
    prints = Prints([""] * 120, hashes, np.zeros((120, SIDE**2), np.uint8))
    slow = [[i, j] for i in range(120) for j in range(i + 1, 120)
            if int(hashes[i] ^ hashes[j]).bit_count() <= 7]  # fmt: skip
    assert near_duplicates(prints).tolist() == slow
    sides = rng.integers(0, 2, 120).astype(bool)
    crossing = [[i, j] for i, j in slow if sides[i] != sides[j]]
    assert near_duplicates(prints, sides).tolist() == crossing
