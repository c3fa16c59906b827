"""``trashdata pseudo`` with labels that exist already: a competition's CSV, and label PNGs."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from helpers.coco import load, tree
from helpers.masks import mask_of, painted
from numpy.typing import NDArray
from trashdata.pseudo_label import PseudoOptions, pseudo
from trashdata.pseudo_label.options import LABEL_SOURCES

from trashdata.coco.read import read_document
from trashdata.errors import UserError
from trashdata.mask_codec.png import encode_label_png
from trashdata.masks.labelmap import label_map

SIDE = 32


def truths(data: Path, name: str = "val.json") -> dict[str, NDArray[np.uint8]]:
    document = read_document(data / name)
    return {image.file_name: label_map(document, image) for image in document.images}


def csv_rows(data: Path) -> dict[str, str]:
    rows = {}
    for name, labels in truths(data).items():
        size = (SIDE, SIDE)
        small = cv2.resize(labels, size, interpolation=cv2.INTER_NEAREST_EXACT)
        rows[name] = " ".join(map(str, small.ravel()))
    return rows


def test_every_source_of_labels_is_an_option_and_a_module_that_reads() -> None:
    for name in LABEL_SOURCES:
        assert getattr(PseudoOptions(), name) is None
        module = import_module(f"trashdata.pseudo_label.labels.sources.{name}")
        assert callable(module.read)


def write_csv(path: Path, rows: dict[str, str]) -> Path:
    lines = [f"{name},{ids}\n" for name, ids in rows.items()]
    path.write_text("image_id,PredictionString\n" + "".join(lines), encoding="utf-8")
    return path


def run(data: Path, **options: Any) -> Any:
    chosen = {"json": "val.json", "size_in": SIDE, "min_area": 0, "masks": True} | options
    return pseudo(data, PseudoOptions(**chosen))


def test_a_csv_comes_to_the_photos_own_size(data: Path, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "submission.csv", csv_rows(data))
    outcome = run(data, from_csv=str(path))
    maps = painted(data / "pseudo.json")
    for name, labels in truths(data).items():
        size = (labels.shape[1], labels.shape[0])
        small = cv2.resize(labels, (SIDE, SIDE), interpolation=cv2.INTER_NEAREST_EXACT)
        expected = cv2.resize(small, size, interpolation=cv2.INTER_NEAREST_EXACT)
        assert np.array_equal(maps[name], expected)
        assert np.array_equal(mask_of(data / "pseudo" / "masks", name), expected)
    assert outcome.counts["annotations"] > 0
    annotation = load(data / "pseudo.json")["annotations"][0]
    assert annotation["trashdata"]["models"][0].startswith("submission.csv@")
    assert "score" not in annotation


def test_quoted_names_a_mark_and_windows_line_ends_are_read(data: Path, tmp_path: Path) -> None:
    rows = csv_rows(data)
    plain = write_csv(tmp_path / "submission.csv", rows)
    run(data, from_csv=str(plain))
    lines = [f'"{name}","{ids}"\r\n' for name, ids in rows.items()]
    text = "\ufeffimage_id,PredictionString\r\n" + "".join(lines) + "\r\n"
    (tmp_path / "other").mkdir()
    odd = tmp_path / "other" / "submission.csv"
    odd.write_bytes(text.encode())
    run(data, from_csv=str(odd), out="again")
    masks = data / "pseudo" / "masks", data / "again" / "masks"
    assert tree(masks[0]) == tree(masks[1])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda ids: ids[:-2], r"line 3 \(.*\): expected 1,024 class ids.*found 1,023"),
        (lambda ids: ids + " 0", "found 1,025"),
        (lambda ids: "11" + ids[1:], "expected class ids from 0 to 10, found 11;"),
        (lambda ids: "-1" + ids[1:], "found -1;"),
        (lambda ids: "1.0" + ids[1:], "found 1.0;"),
        (lambda ids: "\x1b[2J" + ids[1:], r"found \\x1b\[2J;"),
        (lambda _: "", "found 0;"),
    ],
)
def test_a_bad_row_is_named(data: Path, tmp_path: Path, change: Any, sentence: str) -> None:
    rows = csv_rows(data)
    second = list(rows)[1]
    rows[second] = change(rows[second])
    before = tree(data)
    with pytest.raises(UserError, match=sentence) as caught:
        run(data, from_csv=str(write_csv(tmp_path / "bad.csv", rows)))
    assert str(caught.value).startswith("bad.csv")
    assert tree(data) == before


def test_rows_and_photos_must_match(data: Path, tmp_path: Path) -> None:
    rows = csv_rows(data)
    first = next(iter(rows))
    lacking = {name: ids for name, ids in rows.items() if name != first}
    path = tmp_path / "bad.csv"
    with pytest.raises(UserError, match=f"found none for {first}"):
        run(data, from_csv=str(write_csv(path, lacking)))
    with pytest.raises(UserError, match=r"found image_id 'strange\.jpg'"):
        run(data, from_csv=str(write_csv(path, {"strange.jpg": "0", **rows})))
    text = write_csv(path, rows).read_text()
    path.write_text(text + text.splitlines()[1] + "\n")
    with pytest.raises(UserError, match="found a second one"):
        run(data, from_csv=str(path))
    path.write_text("image_id;PredictionString\n")
    with pytest.raises(UserError, match="expected the header"):
        run(data, from_csv=str(path))
    with pytest.raises(UserError, match="No such file"):
        run(data, from_csv=str(tmp_path / "none.csv"))


def write_masks(data: Path, folder: Path) -> dict[str, NDArray[np.uint8]]:
    """The truth of val.json with a hole of unknown pixels in each."""
    maps = truths(data)
    for name, labels in maps.items():
        labels[10:30, 20:50] = 255
        path = folder / Path(name).with_suffix(".png")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode_label_png(labels))
    return maps


def test_masks_come_back_as_they_were(data: Path, tmp_path: Path) -> None:
    maps = write_masks(data, tmp_path / "given")
    run(data, from_masks=str(tmp_path / "given"), segmentation="rle")
    for name, labels in painted(data / "pseudo.json").items():
        assert np.array_equal(labels, maps[name])
    given = tree(tmp_path / "given")
    written = tree(data / "pseudo" / "masks")
    written.pop("classes.json")
    assert written == given
    # Small regions can be given up here as well.
    run(data, from_masks=str(tmp_path / "given"), min_area=50, out="coarse", unsure="background")
    for name, labels in painted(data / "coarse.json").items():
        changed = labels != np.where(maps[name] == 255, 0, maps[name])
        assert (labels[changed] == 0).all()
        assert 255 not in labels


def test_bad_masks_are_named(data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "given"
    write_masks(data, folder)
    before = tree(data)
    paths = sorted(folder.rglob("*.png"))
    whole = paths[1].read_bytes()
    paths[1].write_bytes(encode_label_png(np.full((96, 96), 11, dtype=np.uint8)))
    with pytest.raises(UserError, match=f"{paths[1].name}.*found index 11"):
        run(data, from_masks=str(folder))
    paths[1].write_bytes(encode_label_png(np.zeros((96, 95), dtype=np.uint8)))
    with pytest.raises(UserError, match="found 95 x 96"):
        run(data, from_masks=str(folder))
    paths[1].write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError, match=paths[1].name):
        run(data, from_masks=str(folder))
    paths[1].unlink()
    with pytest.raises(UserError, match=f"{paths[1].name}.*found no file"):
        run(data, from_masks=str(folder))
    paths[1].write_bytes(whole)
    classes = {"classes": [{"index": 1, "id": 1, "name": "Cat", "color": [0, 0, 0]}]}
    (folder / "classes.json").write_text(json.dumps(classes))
    with pytest.raises(UserError, match="where 1 is 'General trash', found 'Cat'"):
        run(data, from_masks=str(folder))
    with pytest.raises(UserError, match=r"--from-masks.*found nothing"):
        run(data, from_masks=str(tmp_path / "nowhere"))
    assert tree(data) == before


@pytest.mark.parametrize(
    "options",
    [
        {"from_csv": "a.csv", "from_masks": "masks"},
        {"from_csv": "a.csv", "threshold": 0.5},
        {"from_masks": "masks", "model": ("exp",)},
        {"from_masks": "masks", "report": True},
        {"threshold": 0.5, "portion": 0.5},
        {"min_image_score": 0.5, "keep_images": 0.5},
        {"report": True, "merge_with": "train.json"},
        {"portion": 0.0},
        {"threshold": 1.5},
        {"min_area": -1},
    ],
)
def test_options_that_contradict(options: dict[str, Any]) -> None:
    with pytest.raises(UserError, match=r"^--[a-z-]+( and --[a-z-]+)?: expected .*--help'\.$"):
        PseudoOptions(**options)
