"""``trashdata merge``: synthetic photos and repeats keep track of their sources."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from helpers.coco import load, rewrite
from helpers.merge import Content, coco_counts, described, merged, write
from trashdata.copy_paste import CopyPasteOptions, copy_paste

from trashdata.coco.read import read_document
from trashdata.console import Reporter
from trashdata.errors import UserError
from trashdata.merge import MergeOptions, merge
from trashdata.provenance import Provenance


@pytest.fixture(scope="module")
def pasted(sample_set: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The sample set with a ``copy_paste.json`` of each mode."""
    folders = {}
    for mode in ("self", "add"):
        folder = tmp_path_factory.mktemp(mode) / "data"
        shutil.copytree(sample_set, folder)
        options = CopyPasteOptions(json="train.json", num=6, patch=("Battery",), mode=mode)
        copy_paste(folder, options)
        folders[mode] = folder
    return folders


def sources(folder: Path, name: str) -> dict[str, set[str]]:
    """For each synthetic photo the file names of all that went into it."""
    document = read_document(folder / name)
    provenance = Provenance(document)
    known = {image.id: image.file_name for image in document.images}
    return {
        known[k]: {known[source] for source in provenance.sources(k)}
        for k in sorted(provenance.synthetic)
    }


def donors(folder: Path, name: str) -> Counter[tuple[str, str, str]]:
    """Every pasted object's photo, its donor's photo, and the donor's own polygons."""
    content = load(folder / name)
    photo = {image["id"]: image["file_name"] for image in content["images"]}
    objects = {a["id"]: a for a in content["annotations"]}
    found: Counter[tuple[str, str, str]] = Counter()
    for annotation in content["annotations"]:
        own = annotation.get("trashdata", {})
        if "donor_annotation_id" in own:
            donor = objects[own["donor_annotation_id"]]
            assert donor["image_id"] == own["donor_image_id"]
            shape = json.dumps(donor["segmentation"])
            found[photo[annotation["image_id"]], photo[donor["image_id"]], shape] += 1
    return found


def test_self_and_add_give_the_same(pasted: dict[str, Path], tmp_path: Path) -> None:
    results = []
    for mode, folder in pasted.items():
        data = Path(shutil.copytree(folder, tmp_path / mode))
        merge(data, MergeOptions(("train.json", "copy_paste.json"), "both"))
        results.append((data / "both.json").read_bytes())
        counts = coco_counts(data / "both.json")
    assert results[0] == results[1]
    assert counts == coco_counts(pasted["add"] / "copy_paste.json")
    parts = pasted["self"] / "train.json", pasted["self"] / "copy_paste.json"
    assert counts == coco_counts(*parts)
    expected = load(pasted["add"] / "copy_paste.json")
    for key in ("images", "annotations", "categories"):
        assert load(tmp_path / "self" / "both.json")[key] == expected[key]


@pytest.mark.parametrize("files", [("train.json", "copy_paste.json"),
                                   ("copy_paste.json", "train.json")])  # fmt: skip
def test_sources_follow_their_photos(
    pasted: dict[str, Path], tmp_path: Path, files: Sequence[str]
) -> None:
    data = Path(shutil.copytree(pasted["self"], tmp_path / "data"))
    expected = sources(pasted["add"], "copy_paste.json")
    pasted_objects = donors(pasted["add"], "copy_paste.json")
    assert expected
    assert pasted_objects
    # Every id of the other file is one of the set's as well.
    write(data / "other.json", {k: [1, 2] for k in range(60)}, files="other/{}.jpg")
    content = merged(data, "other.json", *files)
    assert {i["id"] for i in content["images"]} > set(range(60))
    assert sources(data, "merged.json") == expected
    assert donors(data, "merged.json") == pasted_objects


def test_sources_that_are_in_no_file_hit_no_other_photo(
    pasted: dict[str, Path], tmp_path: Path
) -> None:
    data = Path(shutil.copytree(pasted["self"], tmp_path / "data"))
    write(data / "other.json", {k: [1] for k in range(60)}, files="other/{}.jpg")
    reporter = Reporter()
    content = merged(data, "other.json", "copy_paste.json", reporter=reporter)
    ids = {image["id"] for image in content["images"]}
    backgrounds = [i["trashdata"]["background_image_id"] for i in content["images"]
                   if "trashdata" in i]  # fmt: skip
    assert backgrounds
    assert not ids.intersection(backgrounds)
    assert any("are in none of the files" in warning for warning in reporter.warnings)
    # With no clash they stay as they were, and are found again later.
    content = merged(data, "copy_paste.json")
    assert content["annotations"] == load(data / "copy_paste.json")["annotations"]


def test_two_possible_sources_are_refused(pasted: dict[str, Path], tmp_path: Path) -> None:
    data = Path(shutil.copytree(pasted["self"], tmp_path / "data"))
    copy = Path(shutil.copytree(pasted["self"], data / "copy"))
    files = ("train.json", "copy_paste.json", str(copy / "train.json"))
    roots = (f"{files[2]}={copy}",)
    with pytest.raises(UserError, match="could be it; merge it with the file"):
        merge(data, MergeOptions(files, "q", roots))
    merge(data, MergeOptions(files[:2], "both"))
    merge(data, MergeOptions(("both.json", files[2]), "all", roots))
    assert sources(data, "all.json") == sources(pasted["add"], "copy_paste.json")


def test_donors_of_another_file_come_home(data: Path) -> None:
    options = CopyPasteOptions(json="val.json", num=3, patch=("Battery",), donors="train.json")
    copy_paste(data, options)
    files = {a["trashdata"].get("donor_json") for a in load(data / "copy_paste.json")["annotations"]
             if "trashdata" in a}  # fmt: skip
    assert files == {"train.json"}
    merged(data, "val.json", "train.json", "copy_paste.json")
    content = load(data / "merged.json")
    assert not [a for a in content["annotations"] if "donor_json" in a.get("trashdata", {})]
    assert donors(data, "merged.json")
    assert all(sources(data, "merged.json").values())
    # Without that file, the name stays, and the result may not take it.
    merged(data, "val.json", "copy_paste.json")
    shutil.move(data / "train.json", data / "moved.json")
    with pytest.raises(UserError, match="that donors came from"):
        merge(data, MergeOptions(("val.json", "copy_paste.json"), "train"))


def test_repeats_stand_beside_what_they_repeat(tmp_path: Path) -> None:
    for name, files in (("a", "a{}.jpg"), ("b", "b{}.jpg")):
        write(tmp_path / f"{name}.json", {1: [3], 2: [1], 3: [3], 4: [3]}, files=files)

        def repeat(content: Content) -> None:
            for k in (2, 3):
                content["images"][k]["file_name"] = content["images"][0]["file_name"]
                content["images"][k]["trashdata"] = {"repeat_of": 1}

        rewrite(tmp_path / f"{name}.json", repeat)
    content = merged(tmp_path, "a.json", "b.json", "b.json")
    assert len(content["images"]) == 8
    photo = {image["id"]: image["file_name"] for image in content["images"]}
    repeats = [i for i in content["images"] if "trashdata" in i]
    assert [photo[i["trashdata"]["repeat_of"]] for i in repeats] == [
        i["file_name"] for i in repeats
    ]
    assert sum(described(content).values()) == 8


def test_a_donor_that_is_gone_is_no_other_object(tmp_path: Path) -> None:
    write(tmp_path / "a.json", {1: [1, 2]})
    write(tmp_path / "b.json", {1: [1], 2: [2]}, files="b{}.jpg", first_annotation=5)
    gone = {"donor_image_id": 1, "donor_annotation_id": 1}
    rewrite(tmp_path / "b.json", lambda c: c["annotations"][1].update(trashdata=gone))
    content = merged(tmp_path, "a.json", "b.json")
    own = next(a["trashdata"] for a in content["annotations"] if "trashdata" in a)
    photo = {image["id"]: image["file_name"] for image in content["images"]}
    assert photo[own["donor_image_id"]] == "b1.jpg"
    assert own["donor_annotation_id"] not in {a["id"] for a in content["annotations"]}
