"""Options and folders of the commands: what each has to refuse, and in what words."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from .base import HEIGHT, JSON, WIDTH, encoded
from .photos import bomb

SET = ("--data", "data", "--json", JSON)
COPY = ("copy-paste", *SET, "--num", "4", "--workers", "1")
MASKS = ("masks", *SET, "--workers", "1")
FROM = ("from-masks", "data/labels", "--data", "data", "--out", "traced", "--workers", "1")
KFOLD = ("kfold", *SET, "--workers", "1")
VALIDATE = ("validate", *SET, "--workers", "1")


@dataclass(frozen=True)
class Mistake:
    """A command line on the sound set, spoilt by ``spoil``, and the sentence that it gives."""

    name: str
    arguments: tuple[str, ...]
    says: str
    spoil: Callable[[Path], object] = lambda _: None


def _linked_outside(name: str) -> Callable[[Path], None]:
    """A link in the data folder that leads out of the working folder's data."""

    def spoil(folder: Path) -> None:
        outside = folder / "outside"
        outside.mkdir()
        (folder / "data" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "data" / name).symlink_to(outside)

    return spoil


def _inner_link(folder: Path) -> None:
    """A run's own folder, finished, with a link in it where a subfolder was."""
    from .running import trashdata

    assert trashdata(folder, *MASKS).code == 0
    _linked_outside("other")(folder)
    for path in (folder / "data" / "masks" / "batch_1").iterdir():
        path.rename(folder / "outside" / path.name)
    (folder / "data" / "masks" / "batch_1").rmdir()
    (folder / "data" / "masks" / "batch_1").symlink_to(folder / "outside")


def _labels(change: Callable[[Path], object]) -> Callable[[Path], None]:
    """Label masks of the sound set in data/labels, with one thing done to them."""

    def spoil(folder: Path) -> None:
        labels = folder / "data" / "labels"
        for number in (1, 2, 3):
            path = labels / f"batch_{1 + number % 2}" / f"{number:04}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            _mask(path, WIDTH, HEIGHT)
        rows = [{"index": 1, "id": 1, "name": "Paper", "color": [1, 2, 3]}]
        (labels / "classes.json").write_text(json.dumps({"classes": rows}))
        change(labels)

    return spoil


def _mask(path: Path, width: int, height: int, index: int = 1) -> None:
    bitmap = np.zeros((height, width), dtype=np.uint8)
    bitmap[5:20, 5:20] = index
    Image.fromarray(bitmap).save(path)


def _write(name: str, content: bytes) -> Callable[[Path], None]:
    return _labels(lambda labels: (labels / name).write_bytes(content))


def _text(name: str, content: object) -> Callable[[Path], None]:
    return _write(name, json.dumps(content).encode())


def _other_input(folder: Path) -> None:
    """The same set written in another way, so that a finished run is one of another input."""
    path = folder / "data" / JSON
    path.write_text(json.dumps(json.loads(path.read_bytes()), indent=1))


def _link_to_parent(folder: Path) -> None:
    (folder / "out").symlink_to(os.path.realpath(folder.parent))


ONE = "batch_2/0001.png"
_JPEG = cv2.imencode(".jpg", np.zeros((HEIGHT, WIDTH), np.uint8))[1].tobytes()
_DEEP = cv2.imencode(".png", np.zeros((HEIGHT, WIDTH), np.uint16))[1].tobytes()

CASES = [
    # Folders and files that every command takes.
    Mistake("data folder nowhere", ("masks", "--data", "nowhere"), "--data nowhere: .* nothing"),
    Mistake("data folder a file", ("stats", "--data", f"data/{JSON}"), "found a file"),
    Mistake("image root nowhere", (*COPY, "--images", "nowhere"), "--images nowhere: .* nothing"),
    Mistake("no such JSON", ("masks", "--data", "data", "--json", "trian.json"), "no such file"),
    Mistake("JSON a folder", ("stats", "--data", "data", "--json", "batch_1"), "Is a directory"),
    Mistake("no such option", (*MASKS, "--no-such"), "No such option: --no-such"),
    Mistake("no such command", ("mask", *SET), "No such command 'mask'"),
    Mistake("no config", (*MASKS, "--config", "no.toml"), "no.toml: .* found no file"),
    Mistake(
        "config no TOML",
        (*MASKS, "--config", "c.toml"),
        "c.toml",
        lambda folder: (folder / "c.toml").write_text("masks = ["),
    ),
    Mistake(
        "config with an unknown key",
        (*MASKS, "--config", "c.toml"),
        "did you mean 'out'",
        lambda folder: (folder / "c.toml").write_text("[masks]\nouts = 'x'\n"),
    ),
    Mistake("workers 0", ("masks", *SET, "--workers", "0"), "--workers"),
    Mistake("seed below 0", (*COPY, "--seed", "-1"), "--seed"),
    # Outputs.
    Mistake("out climbs", (*MASKS, "--out", "../x"), "a plain name"),
    Mistake("out absolute", (*MASKS, "--out", "/tmp/x"), "a plain name"),
    Mistake("out hidden", (*MASKS, "--out", ".x"), "a plain name"),
    Mistake("out empty", (*MASKS, "--out", ""), "a plain name"),
    Mistake("out with a line break", (*MASKS, "--out", "a\nb"), "a plain name"),
    Mistake("folder called as the JSON", (*MASKS, "--out", JSON), "the name of a folder"),
    Mistake("out a folder of photos", (*MASKS, "--out", "batch_1"), "new, empty or an earlier"),
    Mistake("out is the input", (*COPY, "--patch", "Battery", "--out", "train"), "which is read"),
    Mistake(
        "out a file",
        (*MASKS, "--out", "mine"),
        "mine: .* found a file",
        lambda folder: (folder / "data" / "mine").write_text("mine"),
    ),
    Mistake("out a link to elsewhere", MASKS, "found a link to", _linked_outside("masks")),
    Mistake(
        "subfolder of out a link to elsewhere",
        (*MASKS, "--overwrite"),
        "found a link to",
        lambda folder: (_inner_link(folder), _other_input(folder)),
    ),
    Mistake(
        "new photos through a link",
        (*COPY, "--patch", "Battery"),
        "found a link to|an earlier run's",
        _linked_outside("copy_paste/images"),
    ),
    Mistake("preview no PNG", ("preview", *SET, "--out", "sheet.jpg"), "ends in .png"),
    Mistake("preview climbs", ("preview", *SET, "--out", "../sheet.png"), "that leaves it"),
    Mistake(
        "preview through a link",
        ("preview", *SET, "--out", "out/sheet.png"),
        "that leaves it",
        _link_to_parent,
    ),
    Mistake(
        "preview over a photo",
        ("preview", *SET, "--out", "data/batch_1/0002.png"),
        "a file of that name",
        lambda f: (f / "data/batch_1/0002.png").write_bytes(b"mine"),
    ),
    Mistake("fix over the input", (*VALIDATE, "--fix", JSON), "train.json, which is read"),
    Mistake(
        "fix over a file",
        (*VALIDATE, "--fix", "other", "--overwrite"),
        "that trashdata did not make",
        lambda folder: (folder / "data" / "other.json").write_text("{}"),
    ),
    Mistake("fix climbs", (*VALIDATE, "--fix", "../x.json"), "a plain name"),
    # Numbers and names.
    Mistake("unknown class", (*COPY, "--patch", "Batery"), "did you mean 'Battery'"),
    Mistake("no photo to make", ("copy-paste", *SET, "--num", "0"), "--num"),
    Mistake("scales the wrong way round", (*COPY, "--lsj-min", "3"), "at least --lsj-min 3"),
    Mistake("scale no number", (*COPY, "--lsj-min", "nan"), "--lsj-m"),
    Mistake("one fold", (*KFOLD, "--folds", "1"), "--folds"),
    Mistake("more folds than photos", (*KFOLD, "--folds", "7"), "folds"),
    Mistake("holdout over 1", (*KFOLD, "--holdout", "1.5"), "--holdout"),
    Mistake("weights no numbers", (*KFOLD, "--weights", "a,b"), "--weights"),
    Mistake("unknown label", (*KFOLD, "--labels", "colour"), "--labels"),
    Mistake("unknown group", (*KFOLD, "--group-by", "batsh"), "--group-by"),
    Mistake("check of a missing file", (*KFOLD, "--check", JSON, "no.json"), "no such file"),
    Mistake("no tile", ("preview", *SET, "--out", "s.png", "--num", "0"), "--num"),
    Mistake("sample over the set", ("sample", "--data", "data"), "new, empty or an earlier run"),
    Mistake("sample of no photos", ("sample", "--data", "new", "--images", "0"), "--images"),
    # Masks.
    Mistake("masks nowhere", ("from-masks", "none", "--data", "data", "--out", "x"), "nothing"),
    Mistake("no masks", ("from-masks", "data", "--data", "data", "--out", "x"), "label PNGs"),
    Mistake(
        "no class file",
        FROM,
        "classes.json: .* found no file",
        _labels(lambda labels: (labels / "classes.json").unlink()),
    ),
    Mistake("class file no JSON", FROM, "a class file such as", _write("classes.json", b"{")),
    Mistake(
        "class file of another kind",
        FROM,
        "a class file such as",
        _text("classes.json", {"1": "Paper"}),
    ),
    Mistake(
        "class file with an index twice",
        FROM,
        "each once",
        _text(
            "classes.json",
            {
                "classes": [
                    {"index": 1, "id": k, "name": str(k), "color": [0, 0, 0]} for k in (1, 2)
                ]
            },
        ),
    ),
    Mistake(
        "index that no class has",
        FROM,
        "found index 7",
        _labels(lambda labels: _mask(labels / ONE, WIDTH, HEIGHT, 7)),
    ),
    Mistake(
        "mask of another size",
        FROM,
        f"{ONE}: expected 72 x 48 pixels, as its photo has",
        _labels(lambda labels: _mask(labels / ONE, 60, 40)),
    ),
    Mistake("mask of colours", FROM, "found one of RGB colours", _write(ONE, encoded(1, ".png"))),
    Mistake("mask of 16 bits", FROM, "16 bits a pixel", _write(ONE, _DEEP)),
    Mistake("mask a JPEG", FROM, "expected a PNG, found something else", _write(ONE, _JPEG)),
    Mistake("mask empty", FROM, "expected a PNG", _write(ONE, b"")),
    Mistake("mask of 100,000 x 100,000", FROM, "expected a PNG", _write(ONE, bomb(colour=0))),
    Mistake(
        "two masks of a photo",
        FROM,
        "one mask for a photo|one photo",
        _labels(lambda labels: _mask(labels / "batch_2" / "0001.PNG", WIDTH, HEIGHT)),
    ),
]
