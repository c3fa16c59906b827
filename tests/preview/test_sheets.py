"""Contact sheets: which photos, what is drawn, what is refused."""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from helpers import processes
from helpers.coco import tree
from PIL import Image

from trashdata.errors import UserError
from trashdata.lettering import elide, plain_text, text_width
from trashdata.paths import output_path
from trashdata.preview import PreviewOptions, preview
from trashdata.preview.contact_sheet import (
    MAX_LABELS,
    TILE,
    LegendEntry,
    Shown,
    Subject,
    Tile,
    compose,
    draw_photo,
)

Set = dict[str, Any]


def small_set() -> Set:
    """Three photos of 60 x 40, 40 x 60 and 50 x 50; two classes; the last photo is empty."""
    sizes = {3: (60, 40), 7: (40, 60), 900: (50, 50)}
    images = [
        {"id": key, "file_name": f"b/{key:04}.png", "width": width, "height": height}
        for key, (width, height) in sizes.items()
    ]
    squares = [(1, 3, 1, 5, 20), (2, 3, 4, 30, 8), (5, 7, 1, 10, 25)]
    annotations = [
        {
            "id": key,
            "image_id": image,
            "category_id": category,
            "segmentation": [[x, 5, x + side, 5, x + side, 5 + side, x, 5 + side]],
            "area": side * side,
            "bbox": [x, 5, side, side],
            "iscrowd": 0,
        }
        for key, image, category, x, side in squares
    ]
    categories = [{"id": 1, "name": "Paper"}, {"id": 4, "name": "Battery"}]
    return {"images": images, "annotations": annotations, "categories": categories}


def as_it_is(content: Set) -> None:
    """Change nothing."""
    assert content


def write_set(folder: Path, content: Set) -> Path:
    """Write the JSON, and photos of even colour that differ from each other."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "train.json").write_text(json.dumps(content), encoding="utf-8")
    for image in content["images"]:
        path = folder / image["file_name"]
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.full((image["height"], image["width"], 3), image["id"] % 251, dtype=np.uint8)
        _, encoded = cv2.imencode(".png", pixels)
        path.write_bytes(encoded.tobytes())
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_set(tmp_path / "data", small_set())


@pytest.fixture
def changed(tmp_path: Path) -> Callable[[Callable[[Set], None]], bytes]:
    """The sheet's bytes after a change of the small set."""

    def sheet(change: Callable[[Set], None]) -> bytes:
        content = small_set()
        change(content)
        out = tmp_path / "changed.png"
        out.unlink(missing_ok=True)
        preview(write_set(tmp_path / "changed", content), PreviewOptions(out))
        return out.read_bytes()

    return sheet


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return processes.run("preview", *arguments, cwd=folder)


# --- the same input gives the same bytes ----------------------------------------------------


def test_bytes_are_the_same_each_time(data: Path, tmp_path: Path) -> None:
    before = tree(data)
    outcome = preview(data, PreviewOptions(tmp_path / "one.png"))
    preview(data, PreviewOptions(tmp_path / "two.png"))
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
    assert tree(data) == before
    assert outcome.counts == {"photos": 3, "objects": 3, "pasted": 0}
    assert not list(tmp_path.glob(".*"))


def test_order_in_the_json_decides_nothing(
    changed: Callable[[Callable[[Set], None]], bytes],
) -> None:
    def shuffle(content: Set) -> None:
        for records in content.values():
            random.Random(1).shuffle(records)

    assert changed(shuffle) == changed(as_it_is)


def test_fewer_photos_are_drawn_by_seed(data: Path, tmp_path: Path) -> None:
    def drawn(seed: int, num: int) -> list[str]:
        outcome = preview(
            data, PreviewOptions(tmp_path / "x.png", num=num, seed=seed), dry_run=True
        )
        return list(outcome.figures["photos"])

    assert {tuple(drawn(seed, 1)) for seed in range(20)} == {
        ("b/0003.png",),
        ("b/0007.png",),
        ("b/0900.png",),
    }
    assert all(set(drawn(seed, 1)) <= set(drawn(seed, 2)) for seed in range(20))


def test_patch_shows_photos_with_the_class(data: Path, tmp_path: Path) -> None:
    outcome = preview(data, PreviewOptions(tmp_path / "x.png", patch=("Battery",)))
    assert outcome.figures["photos"] == ["b/0003.png"]
    both = preview(
        data,
        PreviewOptions(
            tmp_path / "y.png",
            patch=(
                "Battery",
                "Paper",
            ),
        ),
    )
    assert both.figures["photos"] == ["b/0003.png", "b/0007.png"]


def test_dry_run_writes_nothing(data: Path, tmp_path: Path) -> None:
    before = tree(tmp_path)
    preview(data, PreviewOptions(tmp_path / "x.png"), dry_run=True)
    assert tree(tmp_path) == before


def test_repeats_of_a_photo_are_not_shown(
    changed: Callable[[Callable[[Set], None]], bytes], tmp_path: Path
) -> None:
    def repeat(content: Set) -> None:
        again = content["images"][0] | {"id": 1000, "trashdata": {"repeat_of": 3}}
        content["images"].append(again)

    changed(repeat)
    outcome = preview(tmp_path / "changed", PreviewOptions(tmp_path / "x.png"), dry_run=True)
    assert outcome.counts["photos"] == 3


# --- what is refused ------------------------------------------------------------------------


def refused(data: Path, out: Path, *, overwrite: bool = False, **options: Any) -> str:
    """The sentence; nothing in the data folder may change."""
    before = tree(data)
    with pytest.raises(UserError) as caught:
        preview(data, PreviewOptions(out, **options), overwrite=overwrite)
    assert tree(data) == before
    return str(caught.value)


def test_existing_sheet_is_refused_then_replaced(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "sheet.png"
    preview(data, PreviewOptions(out, num=1))
    first = out.read_bytes()
    assert "sheet.png: expected a new file" in refused(data, out)
    assert out.read_bytes() == first
    preview(data, PreviewOptions(out), overwrite=True)
    assert out.read_bytes() != first


def test_foreign_picture_is_never_replaced(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "holiday.png"
    Image.new("RGB", (4, 4)).save(out)
    before = out.read_bytes()
    assert "did not make" in refused(data, out, overwrite=True)
    out.write_bytes(b"no picture at all")
    assert "did not make" in refused(data, out, overwrite=True)
    Image.new("RGB", (4, 4)).save(out)
    assert out.read_bytes() == before


def test_input_as_output_is_refused(data: Path) -> None:
    assert "which is read" in refused(data, data / "b" / "0900.png", overwrite=True, num=1)


@pytest.mark.parametrize(
    ("out", "part"),
    [
        ("sheet.jpg", "found the ending '.jpg'"),
        ("sheet", "found no ending"),
        ("", "found no ending"),
        ("../sheet.png", "that leaves it"),
        ("a/../../sheet.png", "that leaves it"),
        ("nowhere/sheet.png", "found no folder nowhere"),
    ],
)
def test_bad_output_is_refused(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str, part: str
) -> None:
    work = tmp_path / "work"
    (work / "a").mkdir(parents=True)
    monkeypatch.chdir(work)
    assert part in refused(data, out)


def test_good_outputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").mkdir()
    monkeypatch.chdir(tmp_path)
    for out in ("x.png", "a/x.PNG", "a/../x.png", "..x.png", str(tmp_path / "x.png")):
        assert output_path(out) == Path(out)


def test_unknown_class_is_refused_with_the_nearest(data: Path, tmp_path: Path) -> None:
    sentence = refused(data, tmp_path / "x.png", patch=["Batery"])
    assert sentence.startswith("--patch 'Batery': expected a class of train.json")
    assert "did you mean 'Battery'?" in sentence


def test_no_photo_is_refused(tmp_path: Path) -> None:
    content = small_set()
    content["annotations"] = []
    data = write_set(tmp_path / "data", content)
    sentence = refused(data, tmp_path / "x.png", patch=["Battery"])
    assert "expected photos with Battery to show, found none" in sentence
    data = write_set(tmp_path / "empty", {"images": [], "annotations": [], "categories": []})
    assert "expected photos to show, found none" in refused(data, tmp_path / "x.png")


def test_bad_photo_is_refused_and_nothing_written(data: Path, tmp_path: Path) -> None:
    (data / "b" / "0007.png").unlink()
    assert "0007.png: expected a photo, found no file" in refused(data, tmp_path / "x.png")
    assert not (tmp_path / "x.png").exists()


@pytest.mark.parametrize("box", [None, [1, 2, 3], [0, 0, 61, 40], [0, 0, 10.5, 4], "all"])
def test_bad_valid_box_is_refused(tmp_path: Path, box: object) -> None:
    content = small_set()
    content["images"][0]["trashdata"] = {"valid_box": box}
    data = write_set(tmp_path / "data", content)
    sentence = refused(data, tmp_path / "x.png")
    assert "image 3: expected a trashdata.valid_box of four whole numbers" in sentence


@pytest.mark.parametrize("num", [0, 401])
def test_number_of_photos_is_bounded(data: Path, tmp_path: Path, num: int) -> None:
    assert "--num: expected 1 to 400" in refused(data, tmp_path / "x.png", num=num)


# --- the command ----------------------------------------------------------------------------


def test_command_prints_one_json_object(data: Path, tmp_path: Path) -> None:
    done = run("--data", str(data), "--out", "x.png", "--json-summary", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert summary["command"] == "preview"
    assert summary["outputs"] == ["x.png"]
    assert summary["inputs"][0]["name"] == "train.json"
    assert len(summary["inputs"]) == 4
    with Image.open(tmp_path / "x.png") as sheet:
        assert sheet.info == {"Software": "trashdata"}


def test_command_says_mistakes_in_one_sentence(data: Path, tmp_path: Path) -> None:
    arguments = ("--data", str(data), "--out", "x.png", "--patch", "Batery")
    done = run(*arguments, folder=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("Error: --patch 'Batery'")
    assert not (tmp_path / "x.png").exists()


# --- what is drawn --------------------------------------------------------------------------


def subject(*objects: Shown, valid_box: tuple[int, int, int, int] | None = None) -> Subject:
    """A gray photo of 96 x 96 with a square of 24 pixels for each of at most four objects."""
    instances = np.zeros((96, 96), dtype=np.uint16)
    for number in range(1, len(objects) + 1):
        row, column = divmod(number - 1, 2)
        instances[12 + 48 * row :, 12 + 48 * column :][:24, :24] = number
    return Subject(np.full((96, 96, 3), 128, dtype=np.uint8), instances, objects, valid_box)


def test_pasted_objects_look_different(
    changed: Callable[[Callable[[Set], None]], bytes],
) -> None:
    def paste(content: Set) -> None:
        content["annotations"][0]["trashdata"] = {"donor_image_id": 7, "donor_annotation_id": 5}

    assert changed(paste) != changed(as_it_is)
    plain = draw_photo(subject(Shown("Paper", 2)))
    pasted = draw_photo(subject(Shown("Paper", 2, pasted=True)))
    white = [(picture == 255).all(axis=2).sum() for picture in (plain, pasted)]
    assert white[0] == 0
    assert white[1] > 4 * 96 * 2


def test_masks_are_tinted_and_the_rest_is_left_alone() -> None:
    given = subject(Shown("Paper", 2))
    copies = given.pixels.copy(), given.instances.copy()
    picture = draw_photo(given)
    assert picture.shape == (TILE, TILE, 3)
    assert picture.dtype == np.uint8
    assert (picture[250:, 250:] == 128).all()
    tint = picture[120, 96].astype(int) - 128
    assert tint.tolist() == [round(0.35 * (c - 128)) for c in (204, 102, 119)]
    assert (given.pixels == copies[0]).all()
    assert (given.instances == copies[1]).all()


def test_ignore_and_padding_are_hatched_and_have_no_name() -> None:
    picture = draw_photo(subject(Shown("ignore", 255), valid_box=(0, 0, 96, 72)))
    assert (picture[..., 0] == picture[..., 2]).all(), "gray only"
    for hatched in (picture[48:144, 48:144], picture[288:]):
        assert len(np.unique(hatched)) > 2
    assert (picture[160:280] == 128).all()


def test_nothing_is_drawn_over_padding() -> None:
    boxed = draw_photo(subject(Shown("Paper", 2), valid_box=(48, 48, 48, 48)))
    assert (boxed == draw_photo(subject(valid_box=(48, 48, 48, 48)))).all()


def test_tall_wide_and_crowded_photos() -> None:
    for shape in ((1, 500), (500, 1), (3, 2), (900, 700)):
        instances = np.arange(shape[0] * shape[1], dtype=np.uint32).reshape(shape) % 40
        objects = [Shown(f"class {k}", k) for k in range(1, 40)]
        pixels = np.zeros((*shape, 3), dtype=np.uint8)
        picture = draw_photo(Subject(pixels, instances.astype(np.uint16), objects))
        assert max(picture.shape) == TILE
        assert min(picture.shape) >= 1
    assert MAX_LABELS < 40


def test_names_in_any_script(changed: Callable[[Callable[[Set], None]], bytes]) -> None:
    def rename(content: Set) -> None:
        content["images"][0]["file_name"] = "垃圾 бутылка/صورة\u200f 🗑.png"
        content["categories"][1]["name"] = "Pil\n乾電池"

    assert changed(rename)[:4] == b"\x89PNG"
    assert plain_text("naïve ½ 漢\n\ud800") == "naïve ½ ???"


@pytest.mark.parametrize("text", ["", "a", "batch_01_vt/0003.jpg", "x" * 5000])
@pytest.mark.parametrize("room", [-5, 0, 30, 100, 10_000])
def test_elided_text_fits(text: str, room: int) -> None:
    short = elide(text, 14, room)
    assert short == "" or text_width(short, 14) <= room
    assert text_width(text, 14) > room or short == text


def test_elided_text_keeps_both_ends() -> None:
    short = elide("batch_01_vt/a_very_long_name_0003.jpg", 14, 150)
    assert short.startswith("batch")
    assert short.endswith("0003.jpg")


def test_long_legends_break_into_lines() -> None:
    tile = Tile(np.zeros((TILE, 200, 3), dtype=np.uint8), "x" * 300, "1 object")
    few = [LegendEntry("Paper", 1, 3)]
    many = [LegendEntry(f"a class with a long name {'n' * k}", k, k) for k in range(1, 81)]
    low, high = (compose("train.json", "note", legend, [tile]) for legend in (few, many))
    assert low.shape[1] == high.shape[1]
    assert high.shape[0] > low.shape[0] + 20 * 20
    assert compose("x" * 500, "y" * 500, [], [tile] * 5).shape[1] > low.shape[1]
