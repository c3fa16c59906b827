"""``trashdata report``: what its gallery knows of folds, and of donors in other files."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from typing import Any

import pytest
from helpers.coco import load
from helpers.report import borrowed_set, page_of, write_json

from trashdata.errors import UserError


@pytest.fixture
def borrowed(sample_set: Path, tmp_path: Path) -> Path:
    return borrowed_set(sample_set, tmp_path / "data")


def donor_parts(gallery: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        part
        for photo in gallery["photos"]
        for part in photo["parts"]
        if part["role"] != "background"
    ]


def test_donors_of_another_file_stand_beside(borrowed: Path, tmp_path: Path) -> None:
    page = page_of(borrowed, tmp_path, json="mixed.json")
    gallery = page.gallery
    photos = len(gallery["photos"])
    assert len(page.pictures) == photos + len(gallery["others"])
    parts = donor_parts(gallery)
    assert parts
    donors = load(borrowed / "train_all.json")
    names = {image["file_name"] for image in donors["images"]}
    for part in parts:
        other = gallery["others"][part["photo"] - photos]
        assert part["name"] == f"{other['name']} of train_all.json"
        assert other["name"] in names
        assert page.pictures[part["photo"]]
        assert part["objects"]
        shown = {gallery["classes"][other["objects"][k][0]]["name"] for k in part["objects"]}
        assert shown == {"Battery"}


def test_each_donor_photo_is_there_once(borrowed: Path, tmp_path: Path) -> None:
    gallery = page_of(borrowed, tmp_path, json="mixed.json").gallery
    wanted = {
        row["trashdata"]["donor_image_id"]
        for row in load(borrowed / "mixed.json")["annotations"]
        if "donor_image_id" in row.get("trashdata", {})
    }
    assert len(gallery["others"]) == len({other["name"] for other in gallery["others"]})
    assert len(gallery["others"]) == len(wanted)


@pytest.mark.parametrize("name", ["gone.json", "../train_all.json", "a/../b.json", "/etc/hosts", 7])
def test_a_file_that_is_not_beside_is_not_looked_for(
    borrowed: Path, tmp_path: Path, name: object
) -> None:
    shutil.copy(borrowed / "train_all.json", tmp_path / "train_all.json")
    content = load(borrowed / "mixed.json")
    for row in content["annotations"]:
        if "donor_json" in row.get("trashdata", {}):
            row["trashdata"]["donor_json"] = name
    write_json(borrowed / "mixed.json", content)
    gallery = page_of(borrowed, tmp_path, json="mixed.json").gallery
    assert gallery["others"] == []
    parts = donor_parts(gallery)
    assert parts
    assert {part["photo"] for part in parts} == {None}
    assert all(part["name"].endswith(f" of {name}") for part in parts)


def test_a_broken_donor_file_is_a_warning(borrowed: Path, tmp_path: Path) -> None:
    from trashdata.report import ReportOptions, report

    (borrowed / "train_all.json").write_text("{")
    outcome = report(borrowed, ReportOptions(json="mixed.json", out=tmp_path / "page.html"))
    (warning,) = [text for text in outcome.warnings if "Donors of" in text]
    assert warning.startswith("Donors of train_all.json are not shown: train_all.json: ")


def test_photos_know_their_fold(data: Path, tmp_path: Path) -> None:
    assert {photo["fold"] for photo in page_of(data, tmp_path).gallery["photos"]} == {None}
    names = [image["file_name"] for image in load(data / "train_all.json")["images"]]
    words = ["0", "1", "holdout", "synthetic"]
    expected = {name: words[k % 4] for k, name in enumerate(names[:-1])}
    with (data / "kfold.csv").open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream)
        rows.writerow(("image_id", "file_name", "fold", "group"))
        rows.writerows((k, name, fold, k) for k, (name, fold) in enumerate(expected.items()))
    photos = page_of(data, tmp_path).gallery["photos"]
    assert {photo["name"]: photo["fold"] for photo in photos} == {**expected, names[-1]: None}


@pytest.mark.parametrize(
    "content",
    [b"photo,fold\na.jpg,1\n", b"image_id,file_name,fold,group\n1,a.jpg,first,1\n", b"\xff\xfe"],
    ids=["columns", "word", "no-utf8"],
)
def test_a_broken_fold_list_is_refused(data: Path, tmp_path: Path, content: bytes) -> None:
    (data / "kfold.csv").write_bytes(content)
    with pytest.raises(UserError, match=r"kfold\.csv: expected the list of photos"):
        page_of(data, tmp_path)
    assert not (tmp_path / "page.html").exists()
