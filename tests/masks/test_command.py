"""``trashdata masks``: label PNGs, their names, runs that are killed, and what is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.processes import RunCli
from PIL import Image
from pycocotools.coco import COCO

from trashdata.coco.read import read_document
from trashdata.errors import UserError
from trashdata.mask_codec.png import encode_label_png, read_label_png
from trashdata.masks import MasksOptions, masks
from trashdata.masks.labelmap import label_map
from trashdata.palette import palette


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def rewritten(path: Path, **changes: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_bytes()), **changes}))


def test_a_mask_for_every_image_painted_as_the_slow_way_paints(data: Path) -> None:
    outcome = masks(data)
    coco = COCO(data / "train_all.json")
    assert outcome.counts["masks"] == len(coco.imgs)
    for image in coco.imgs.values():
        labels = np.zeros((96, 96), dtype=np.uint8)
        rows = coco.imgToAnns[image["id"]]
        for row in sorted(rows, key=lambda row: (-row["area"], row["id"])):
            labels[coco.annToMask(row).astype(bool)] = row["category_id"]
        path = (data / "masks" / image["file_name"]).with_suffix(".png")
        assert np.array_equal(read_label_png(path), labels)


def test_files_are_8_bit_palette_pngs_with_all_colours(data: Path) -> None:
    masks(data, MasksOptions(json="val.json"))
    for path in (data / "masks").rglob("*.png"):
        content = path.read_bytes()
        assert (content[24], content[25]) == (8, 3)  # bit depth; colour type palette
        with Image.open(path) as image:
            assert image.getpalette("RGB") == palette().ravel().tolist()


def test_class_file_lists_classes_by_rising_id(data: Path) -> None:
    masks(data)
    content = json.loads((data / "masks" / "classes.json").read_bytes())
    assert (content["background"], content["ignore"]) == (0, 255)
    assert [(row["index"], row["id"]) for row in content["classes"]] == [
        (k, k) for k in range(1, 11)
    ]
    assert content["classes"][8]["name"] == "Battery"


def test_real_coco_ids_with_gaps_crowds_and_sizes(shared_data: Path, tmp_path: Path) -> None:
    shutil.copy(shared_data / "coco-mini" / "instances_val2017.json", tmp_path / "some.json")
    masks(tmp_path, MasksOptions(json="some.json"), workers=2)
    document = read_document(tmp_path / "some.json")
    coco = COCO(tmp_path / "some.json")
    rank = {category: k for k, category in enumerate(sorted(coco.cats), start=1)}
    for image in document.images:
        labels = np.zeros((image.height, image.width), dtype=np.uint8)
        rows = coco.imgToAnns[image.id]
        for row in sorted(rows, key=lambda row: (-row["area"], row["id"])):
            labels[coco.annToMask(row).astype(bool)] = rank[row["category_id"]]
        found = read_label_png((tmp_path / "masks" / image.file_name).with_suffix(".png"))
        assert np.array_equal(found, labels)
        assert np.array_equal(label_map(document, image), labels)


def test_workers_change_no_byte(data: Path) -> None:
    masks(data, workers=1)
    one = files(data / "masks")
    shutil.rmtree(data / "masks")
    masks(data, workers=2)
    assert files(data / "masks") == one


def test_started_again_all_is_done_and_other_input_is_refused(data: Path) -> None:
    masks(data)
    before = files(data / "masks")
    masks(data)
    with pytest.raises(UserError, match="a finished run with other options or inputs"):
        masks(data, MasksOptions(json="val.json"))
    with pytest.raises(UserError, match="a finished run with other options or inputs"):
        masks(data, MasksOptions(json="val.json"), dry_run=True)
    assert files(data / "masks") == before
    masks(data, MasksOptions(json="val.json"), overwrite=True)
    assert len(files(data / "masks")) == 4 + 2


def test_overwrite_spares_what_another_command_or_person_wrote(data: Path) -> None:
    masks(data, MasksOptions(json="val.json"))
    (data / "masks" / "mine.png").touch()
    masks(data, MasksOptions(json="train.json"), overwrite=True)
    assert (data / "masks" / "mine.png").exists()
    (data / "photos").mkdir()
    shutil.copy(data / "manifest.json", data / "photos")
    with pytest.raises(UserError, match="found what 'trashdata sample' wrote"):
        masks(data, MasksOptions(out="photos"), overwrite=True)
    with pytest.raises(UserError, match=r"found 0000\.jpg and 7 more in it"):
        masks(data, MasksOptions(out="batch_03"), overwrite=True)


def test_a_manifest_that_names_files_outside_is_refused(data: Path) -> None:
    masks(data)
    path = data / "masks" / "manifest.json"
    manifest = json.loads(path.read_bytes())
    manifest["files"][0]["path"] = "../outside"
    path.write_text(json.dumps(manifest))
    (data.parent / "outside").touch()
    with pytest.raises(UserError, match=r"a file outside, \.\./outside"):
        masks(data, MasksOptions(json="val.json"), overwrite=True)
    assert (data.parent / "outside").exists()


def test_two_photos_that_would_share_a_mask_are_refused(data: Path) -> None:
    images = json.loads((data / "val.json").read_bytes())["images"]
    images[1]["file_name"] = images[0]["file_name"].replace(".jpg", ".PNG")
    rewritten(data / "val.json", images=images)
    with pytest.raises(UserError, match=r"expected a unique mask name"):
        masks(data, MasksOptions(json="val.json"))
    assert not (data / "masks").exists()


def test_more_classes_than_8_bits_hold_are_refused(data: Path) -> None:
    categories = [{"id": k, "name": str(k)} for k in range(1, 256)]
    rewritten(data / "val.json", categories=categories)
    with pytest.raises(UserError, match="at most 254 classes"):
        masks(data, MasksOptions(json="val.json"))


def test_dry_run_writes_nothing(data: Path) -> None:
    before = files(data)
    assert masks(data, dry_run=True).counts["masks"] == 19
    assert files(data) == before


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "1", "I;16"])
def test_pngs_of_other_modes_are_no_label_maps(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "a.png"
    Image.new(mode, (4, 3)).save(path)
    with pytest.raises(UserError, match="expected an 8-bit palette or gray PNG, found one of"):
        read_label_png(path)


def test_broken_pngs_are_named(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    content = encode_label_png(rng.integers(0, 255, (40, 40), dtype=np.uint8))
    path = tmp_path / "a.png"
    for end in (0, 7, 20, 40, 700, 1000, len(content) // 2, len(content) - 30):
        path.write_bytes(content[:end])
        with pytest.raises(UserError, match=r"a\.png: expected a PNG"):
            read_label_png(path)
    path.write_bytes(content)
    Image.new("L", (4, 3)).save(path, "JPEG")
    with pytest.raises(UserError, match="expected a PNG, found something else"):
        read_label_png(path)


def test_command_line(run_cli: RunCli, data: Path) -> None:
    done = run_cli("masks", "--data", data, "--json", "val.json", "--workers", 1)
    assert done.returncode == 0, done.stderr
    assert "4 masks in" in done.stdout
    assert "Battery" in done.stdout
    refused = run_cli("masks", "--data", data, "--json", "nope.json")
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
