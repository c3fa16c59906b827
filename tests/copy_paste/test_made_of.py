"""What a new photo was made of: written once an image, with the SHA-256 of each source photo."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from helpers.coco import load, new_images, rewrite
from trashdata.copy_paste import CopyPasteOptions, OversampleOptions, copy_paste, oversample

from trashdata.coco.document import ImageRecord
from trashdata.coco.read import read_document
from trashdata.provenance import MadeOf, Provenance, recorded_sources


def paste(data: Path, **options: Any) -> dict[str, Any]:
    usual = {"patch": ("Battery",), "num": 6, "min_area": 1, "min_donor_area": 1}
    chosen = CopyPasteOptions(**usual | options)
    copy_paste(data, chosen)
    return load(data / f"{chosen.out}.json")


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def donor_ids(content: dict[str, Any], image: dict[str, Any]) -> set[int]:
    return {
        a["trashdata"]["donor_image_id"]
        for a in content["annotations"]
        if a["image_id"] == image["id"] and "donor_image_id" in a.get("trashdata", {})
    }


@pytest.mark.parametrize("method", ["copy_paste", "oversample"])
def test_background_and_donors_with_the_hash_of_their_files(data: Path, method: str) -> None:
    if method == "oversample":
        options = {"patch": ("Battery",), "num": 6, "background_objects": 9, "min_area": 1}
        oversample(data, OversampleOptions(**options))  # type: ignore[arg-type]
        content = load(data / "oversample.json")
    else:
        content = paste(data)
    names = {image["id"]: image["file_name"] for image in load(data / "train.json")["images"]}
    made = new_images(content)
    assert len(made) == 6
    for image in made:
        background, *donors = image["trashdata"]["made_of"]
        assert background["image_id"] == image["trashdata"]["background_image_id"]
        assert [entry["role"] for entry in donors] == ["donor"] * len(donors)
        assert donor_ids(content, image) <= {entry["image_id"] for entry in donors}
        for entry in (background, *donors):
            assert entry["json"] == "train.json"
            assert entry["file_name"] == names[entry["image_id"]]
            assert entry["sha256"] == sha256(data / entry["file_name"])


def test_donors_of_another_file_are_named_by_it(data: Path) -> None:
    content = paste(data, patch=("Paper",), donors="val.json", mode="self")
    names = {image["id"]: image["file_name"] for image in load(data / "val.json")["images"]}
    for image in content["images"]:
        background, *donors = image["trashdata"]["made_of"]
        assert background["json"] == "train.json"
        assert donors
        for entry in donors:
            assert (entry["json"], entry["file_name"]) == ("val.json", names[entry["image_id"]])
            assert entry["sha256"] == sha256(data / entry["file_name"])


def test_synthetic_sources_carry_their_own_sources_along(data: Path) -> None:
    first = {i["id"]: i["trashdata"]["made_of"] for i in new_images(paste(data, mode="self"))}
    # The new photos alone, and from them others.
    again = paste(data, json="copy_paste.json", out="again", filter_donors=False, mode="self")
    for image in again["images"]:
        made_of = image["trashdata"]["made_of"]
        direct = [entry for entry in made_of if entry["json"] == "copy_paste.json"]
        assert direct[0]["image_id"] == image["trashdata"]["background_image_id"]
        expected = {e["sha256"] for entry in direct for e in first[entry["image_id"]]}
        assert {e["sha256"] for e in made_of if e["json"] == "train.json"} == expected
        # What is on the background was its background or a donor; the rest are donors.
        of_background = first[direct[0]["image_id"]]
        assert [e for e in made_of if e["role"] == "background"][1:] == [of_background[0]]


def test_sources_of_an_older_file_are_found_by_their_ids(data: Path) -> None:
    paste(data)

    def as_before(content: dict[str, Any]) -> None:
        for image in content["images"]:
            image.get("trashdata", {}).pop("made_of", None)

    rewrite(data / "copy_paste.json", as_before)
    document = read_document(data / "copy_paste.json")
    image = document.images[-1]
    found = Provenance(document).made_of(image)
    background = document.image_by_id[image.trashdata["background_image_id"]]
    assert found[0] == MadeOf("background", "copy_paste.json", background.id, background.file_name)
    assert found[1:]
    assert {source.role for source in found[1:]} == {"donor"}
    again = paste(data, json="copy_paste.json", out="again", filter_donors=False)
    old = {i["id"] for i in new_images(load(data / "copy_paste.json"))}
    carried = [
        entry
        for image in new_images(again)
        for entry in image["trashdata"].get("made_of", [])
        if image["trashdata"]["background_image_id"] in old and "sha256" not in entry
    ]
    assert carried
    assert {entry["json"] for entry in carried} == {"copy_paste.json"}


def test_entries_of_another_form_are_passed_over() -> None:
    sound = {"role": "donor", "json": "a.json", "image_id": 3, "file_name": "a.jpg", "sha256": "00"}
    entries = [sound, 7, {"role": "donor"}, sound | {"role": "host"}, None]
    for made_of, count in ((entries, 1), ("text", 0), ({}, 0), (None, 0)):
        image = ImageRecord(1, "new.jpg", 4, 4, {"made_of": made_of})
        assert len(recorded_sources(image)) == count


def test_the_json_grows_by_little(data: Path) -> None:
    content = paste(data, mode="self")
    size = (data / "copy_paste.json").stat().st_size

    def as_before(content: dict[str, Any]) -> None:
        for image in content["images"]:
            del image["trashdata"]["made_of"]

    images = len(content["images"])
    rewrite(data / "copy_paste.json", list)
    whole = (data / "copy_paste.json").stat().st_size
    rewrite(data / "copy_paste.json", as_before)
    assert whole - (data / "copy_paste.json").stat().st_size < images * 1000 < size
