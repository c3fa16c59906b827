"""``trashdata from-masks``: exact annotations, names of photos, ignore, and what is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.coco import load
from helpers.processes import RunCli
from numpy.typing import NDArray
from PIL import Image
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from trashdata.choices import SegmentationForm
from trashdata.coco.read import read_document
from trashdata.console import Reporter
from trashdata.errors import UserError
from trashdata.from_masks import FromMasksOptions, from_masks
from trashdata.mask_codec.png import encode_label_png, read_label_png
from trashdata.masks import MasksOptions, masks

FORMS: list[SegmentationForm] = ["polygon", "rle"]
CLASSES = {"classes": [{"index": 1, "id": 7, "name": "Tin", "color": [1, 2, 3]}]}


def write_mask(path: Path, labels: list[list[int]] | NDArray[np.uint8]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode_label_png(np.array(labels, dtype=np.uint8)))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with one mask, ``masks/a.png``, and its class file."""
    folder = tmp_path / "data"
    write_mask(folder / "masks" / "a.png", [[1, 0, 1], [0, 0, 1]])
    (folder / "masks" / "classes.json").write_text(json.dumps(CLASSES))
    return folder


def masks_in(folder: Path) -> dict[str, bytes]:
    names = [*folder.rglob("*.png"), folder / "classes.json"]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in names}


def assert_round_trip(data: Path, json_name: str, form: SegmentationForm) -> None:
    """Masks, from-masks and masks again: the very same files."""
    masks(data, MasksOptions(json=json_name, out="first"), workers=2)
    from_masks(data, FromMasksOptions(data / "first", "traced", segmentation=form), workers=2)
    masks(data, MasksOptions(json="traced.json", out="second"), workers=2)
    first = masks_in(data / "first")
    assert len(first) > 4
    assert masks_in(data / "second") == first


@pytest.mark.parametrize("form", FORMS)
def test_round_trip_of_the_sample(sample_set: Path, tmp_path: Path, form: SegmentationForm) -> None:
    shutil.copytree(sample_set, tmp_path / "data")
    assert_round_trip(tmp_path / "data", "train_all.json", form)
    images = load(tmp_path / "data" / "traced.json")["images"]
    names = sorted(image["file_name"] for image in load(sample_set / "train_all.json")["images"])
    assert [image["file_name"] for image in images] == names
    assert [image["id"] for image in images] == list(range(1, len(names) + 1))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "name", ["recycling-512/train_all.json", "coco-mini/instances_val2017.json"]
)
def test_round_trip_of_real_input(
    shared_data: Path, tmp_path: Path, form: SegmentationForm, name: str
) -> None:
    shutil.copy(shared_data / name, tmp_path / "some.json")
    assert_round_trip(tmp_path, "some.json", form)


@pytest.mark.parametrize("form", FORMS)
def test_every_annotation_is_its_region(
    sample_set: Path, tmp_path: Path, form: SegmentationForm
) -> None:
    data = Path(shutil.copytree(sample_set, tmp_path / "data"))
    masks(data)
    from_masks(data, FromMasksOptions(data / "masks", "traced", segmentation=form))
    coco = COCO(data / "traced.json")
    assert sorted(coco.anns) == list(range(1, len(coco.anns) + 1))
    for image in coco.imgs.values():
        labels = read_label_png((data / "masks" / image["file_name"]).with_suffix(".png"))
        seen = np.zeros_like(labels)
        for row in coco.imgToAnns[image["id"]]:
            rle = coco.annToRLE(row)
            region = coco_mask.decode(rle).astype(bool)
            assert set(labels[region].tolist()) == {row["category_id"]}
            assert not seen[region].any()
            assert row["area"] == int(region.sum())
            assert isinstance(row["area"], int)
            assert row["bbox"] == coco_mask.toBbox(rle).tolist()
            assert all(isinstance(value, int) for value in row["bbox"])
            assert row["iscrowd"] == 0
            seen[region] = row["category_id"]
        assert np.array_equal(seen, labels)


def test_regions_are_8_connected(data: Path) -> None:
    write_mask(data / "masks" / "a.png", [[1, 0, 0, 1], [0, 1, 0, 0], [0, 0, 0, 1]])
    from_masks(data, FromMasksOptions(data / "masks", "x"))
    content = load(data / "x.json")
    assert sorted(row["area"] for row in content["annotations"]) == [1, 1, 2]
    assert content["categories"] == [{"id": 7, "name": "Tin", "supercategory": "Tin"}]
    assert content["info"]["trashdata"] == {
        "made_by": "trashdata from-masks",
        "ignore_category_ids": [],
    }


@pytest.mark.parametrize("form", FORMS)
def test_255_becomes_one_crowd_of_the_ignore_category(data: Path, form: SegmentationForm) -> None:
    labels = [[255, 1, 0], [0, 0, 255]]
    write_mask(data / "masks" / "sub" / "b.png", labels)
    from_masks(data, FromMasksOptions(data / "masks", "x", segmentation=form))
    content = load(data / "x.json")
    assert content["info"]["trashdata"]["ignore_category_ids"] == [8]
    assert content["categories"][1] == {"id": 8, "name": "ignore", "supercategory": "void"}
    (ignored,) = [row for row in content["annotations"] if row["category_id"] == 8]
    assert (ignored["iscrowd"], ignored["area"], ignored["bbox"]) == (1, 2, [0, 0, 3, 2])
    assert ignored["image_id"] == 2
    bitmap = coco_mask.decode(ignored["segmentation"])
    assert bitmap.tolist() == [[1, 0, 0], [0, 0, 1]]
    masks(data, MasksOptions(json="x.json", out="again"))
    assert masks_in(data / "again")["sub/b.png"] == encode_label_png(np.array(labels, np.uint8))
    assert read_document(data / "x.json").ignore_ids == {8}


def test_only_255_and_nothing_at_all(data: Path) -> None:
    write_mask(data / "masks" / "a.png", [[255]])
    write_mask(data / "masks" / "b.png", [[0]])
    from_masks(data, FromMasksOptions(data / "masks", "x"))
    content = load(data / "x.json")
    assert [row["bbox"] for row in content["annotations"]] == [[0, 0, 1, 1]]
    assert len(content["images"]) == 2


def test_photos_endings_are_found_in_any_case(data: Path) -> None:
    for name in ("b/c d.png", "b/é.v2.png", "e.png"):
        write_mask(data / "masks" / name, [[1]])
    (data / "b").mkdir()
    for name in ("a.JPEG", "b/c d.WebP", "b/é.v2.tif", "b/é.txt"):
        (data / name).touch()
    reporter = Reporter()
    from_masks(data, FromMasksOptions(data / "masks", "x"), reporter=reporter)
    names = [image["file_name"] for image in load(data / "x.json")["images"]]
    assert names == ["a.JPEG", "b/c d.WebP", "b/é.v2.tif", "e.jpg"]
    assert len(reporter.warnings) == 1
    assert reporter.warnings[0].startswith("1 of 4 masks have no photo under")
    assert "e.png" in reporter.warnings[0]


def test_a_mask_is_not_its_own_photo(data: Path) -> None:
    classes = data / "masks" / "classes.json"
    from_masks(data, FromMasksOptions(data / "masks", "x", classes=classes), images=data / "masks")
    assert load(data / "x.json")["images"][0]["file_name"] == "a.jpg"
    (data / "link").symlink_to(data / "masks")
    (data / "masks" / "a.jpg").touch()
    from_masks(data, FromMasksOptions(data / "link", "y", classes=classes), images=data / "masks")
    assert load(data / "y.json")["images"][0]["file_name"] == "a.jpg"


def test_two_photos_for_a_mask_are_refused_by_name(data: Path) -> None:
    (data / "a.jpg").touch()
    (data / "a.png").touch()
    with pytest.raises(UserError, match=r"a\.png: .*found a\.jpg and a\.png"):
        from_masks(data, FromMasksOptions(data / "masks", "x"))


def test_hidden_files_and_other_files_are_passed_over(data: Path) -> None:
    (data / "masks" / ".hidden").mkdir()
    for name in (".hidden/b.png", ".c.png", "manifest.json", "notes.txt"):
        (data / "masks" / name).write_text("no mask")
    assert from_masks(data, FromMasksOptions(data / "masks", "x")).counts["images"] == 1


def test_gray_and_small_palette_pngs_are_masks_too(data: Path) -> None:
    labels = np.array([[0, 1], [1, 0]], dtype=np.uint8)
    Image.fromarray(labels).save(data / "masks" / "gray.png")
    small = Image.fromarray(labels)
    small.putpalette([0, 0, 0, 255, 255, 255])
    small.save(data / "masks" / "small.png", bits=1)
    from_masks(data, FromMasksOptions(data / "masks", "x"))
    rows = load(data / "x.json")["annotations"]
    assert [row["area"] for row in rows if row["image_id"] > 1] == [2, 2]


def test_workers_change_no_byte(sample_set: Path, tmp_path: Path, monkeypatch: Any) -> None:
    data = Path(shutil.copytree(sample_set, tmp_path / "data"))
    masks(data)
    monkeypatch.setattr("trashdata.from_masks.run.SHARD_SIZE", 4)
    from_masks(data, FromMasksOptions(data / "masks", "one"), workers=1)
    from_masks(data, FromMasksOptions(data / "masks", "two"), workers=2)
    assert (data / "one.json").read_bytes() == (data / "two.json").read_bytes()
    assert str(tmp_path).encode() not in (data / "one.json").read_bytes()


def test_class_file_whose_indices_do_not_follow_the_ids_is_warned_of(data: Path) -> None:
    rows = [
        {"index": 1, "id": 9, "name": "b", "color": [0, 0, 0]},
        {"index": 2, "id": 4, "name": "a", "color": [0, 0, 0]},
    ]
    (data / "masks" / "classes.json").write_text(json.dumps({"classes": rows}))
    reporter = Reporter()
    from_masks(data, FromMasksOptions(data / "masks", "x"), reporter=reporter)
    content = load(data / "x.json")
    assert [category["id"] for category in content["categories"]] == [4, 9]
    assert {row["category_id"] for row in content["annotations"]} == {9}
    assert any("do not follow the ids" in warning for warning in reporter.warnings)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"background": 3}, "expected background 0 and ignore 255"),
        ({"classes": CLASSES["classes"] * 2}, "expected indices 1 to 254, each once"),
        (
            {"classes": [CLASSES["classes"][0], {**CLASSES["classes"][0], "index": 2}]},
            "expected a different id for each class, found '7' twice",
        ),
    ],
)
def test_faults_of_the_class_file(data: Path, change: dict[str, Any], sentence: str) -> None:
    (data / "masks" / "classes.json").write_text(json.dumps({**CLASSES, **change}))
    with pytest.raises(UserError, match=sentence):
        from_masks(data, FromMasksOptions(data / "masks", "x"))
    assert not (data / "x.json").exists()


def test_a_class_called_ignore_beside_255(data: Path) -> None:
    rows = [{**CLASSES["classes"][0], "name": "ignore"}]
    (data / "masks" / "classes.json").write_text(json.dumps({"classes": rows}))
    from_masks(data, FromMasksOptions(data / "masks", "x"))
    write_mask(data / "masks" / "b.png", [[255]])
    with pytest.raises(UserError, match="expected no class called ignore"):
        from_masks(data, FromMasksOptions(data / "masks", "y"))


def test_no_class_file(data: Path) -> None:
    (data / "masks" / "classes.json").unlink()
    with pytest.raises(UserError, match=r"classes\.json: expected a class file such as"):
        from_masks(data, FromMasksOptions(data / "masks", "x"))


def test_an_index_without_class_is_named_with_its_mask(data: Path) -> None:
    write_mask(data / "masks" / "sub" / "b.png", [[1, 77]])
    before = sorted(path.name for path in data.rglob("*"))
    with pytest.raises(UserError, match=r"masks/sub/b\.png: .*\(1\), found index 77"):
        from_masks(data, FromMasksOptions(data / "masks", "x"))
    assert sorted(path.name for path in data.rglob("*")) == before


def test_outputs_that_exist_or_are_read_are_refused(data: Path) -> None:
    from_masks(data, FromMasksOptions(data / "masks", "x.json"))
    first = (data / "x.json").read_bytes()
    with pytest.raises(UserError, match="replace it with --overwrite"):
        from_masks(data, FromMasksOptions(data / "masks", "x"))
    from_masks(data, FromMasksOptions(data / "masks", "x", segmentation="rle"), overwrite=True)
    assert (data / "x.json").read_bytes() != first
    (data / "mine.json").write_text("{}")
    with pytest.raises(UserError, match="did not make"):
        from_masks(data, FromMasksOptions(data / "masks", "mine"), overwrite=True)
    shutil.copy(data / "masks" / "classes.json", data / "classes.json")
    with pytest.raises(UserError, match="which is read"):
        from_masks(
            data,
            FromMasksOptions(data / "masks", "classes", classes=data / "classes.json"),
            overwrite=True,
        )
    for out in ("", "../x", "masks/x", "/x", ".x"):
        with pytest.raises(UserError, match="expected a plain name"):
            from_masks(data, FromMasksOptions(data / "masks", out))


def test_folders_that_hold_no_mask(data: Path) -> None:
    (data / "empty").mkdir()
    for folder, found in (("empty", "no file"), ("nope", "nothing"), ("masks/a.png", "a file")):
        with pytest.raises(UserError, match=f"MASKS_DIR .*found {found}"):
            from_masks(data, FromMasksOptions(data / folder, "x"))


def test_dry_run_writes_nothing(data: Path) -> None:
    before = sorted(data.rglob("*"))
    from_masks(data, FromMasksOptions(data / "masks", "x"), dry_run=True)
    assert sorted(data.rglob("*")) == before


def test_command_line(run_cli: RunCli, data: Path) -> None:
    arguments = ["from-masks", data / "masks", "--data", data, "--out", "x.json", "--workers", 1]
    done = run_cli(*arguments)
    assert done.returncode == 0, done.stderr
    assert "2 annotations of 1 images" in done.stdout.replace("\n", " ")
    again = run_cli(*arguments, "--overwrite", "--json-summary", "--segmentation", "rle")
    assert json.loads(again.stdout)["counts"] == {"images": 1, "classes": 1, "annotations": 2}
    (data / "masks" / "b.png").write_bytes(b"no PNG")
    refused = run_cli(*arguments, "--overwrite", "--quiet")
    assert refused.returncode == 2
    assert "b.png: expected a PNG" in refused.stderr
    assert "Traceback" not in refused.stderr
