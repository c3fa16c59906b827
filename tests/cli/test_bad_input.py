"""Every mistake of the user's gives one sentence, exit code 2, and nothing written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from helpers.coco import load, tree
from helpers.processes import RunCli

from trashdata.coco.document import ImageRecord
from trashdata.photos import encode_jpeg, read_rgb

Change = Callable[[dict[str, Any]], None]


def annotation(number: int, **fields: Any) -> Change:
    def change(content: dict[str, Any]) -> None:
        content["annotations"][number].update(fields)

    return change


def image(number: int, **fields: Any) -> Change:
    def change(content: dict[str, Any]) -> None:
        content["images"][number].update(fields)

    return change


def twice(key: str) -> Change:
    def change(content: dict[str, Any]) -> None:
        content[key].append(dict(content[key][0]))

    return change


def without(key: str) -> Change:
    def change(content: dict[str, Any]) -> None:
        del content[key]

    return change


NAN = float("nan")
BAD_JSON: dict[str, tuple[Change, str]] = {
    "class that isn't there": (annotation(5, category_id=99), "annotation 6: .* category_id 99"),
    "image that isn't there": (annotation(5, image_id=99), "annotation 6: .* image_id 99"),
    "image id twice": (twice("images"), "image 0: .* more than once"),
    "annotation id twice": (twice("annotations"), "annotation .*: .* more than once"),
    "category id twice": (twice("categories"), "category 1: .* more than once"),
    "no images": (without("images"), "not images"),
    "no categories": (without("categories"), "not categories"),
    "four numbers": (annotation(5, segmentation=[[1, 2, 3, 4]]), "annotation 6: .* 4 numbers"),
    "odd polygon": (annotation(5, segmentation=[[1, 2, 3, 4, 5, 6, 7]]), "7 numbers"),
    "empty segmentation": (annotation(5, segmentation=[]), "annotation 6: .* empty"),
    "huge polygon": (annotation(5, segmentation=[[1, 2, 9e9, 4, 5, 6]]), "annotation 6: .*9e\\+09"),
    "NaN": (annotation(5, segmentation=[[1, 2, NAN, 4, 5, 6]]), "annotation 6: .* NaN"),
    "text as polygon": (annotation(5, segmentation="1 2 3"), "annotation 6: .* str"),
    "RLE of another size": (
        annotation(5, segmentation={"size": [9, 9], "counts": [81]}),
        r"annotation 6: .* size \[9, 9\]",
    ),
    "RLE that doesn't add up": (
        annotation(5, segmentation={"size": [96, 96], "counts": [50, 20]}),
        "annotation 6: .* a sum of 70",
    ),
    "RLE that is garbage": (
        annotation(5, segmentation={"size": [96, 96], "counts": "~~~ ~"}),
        "annotation 6: .* can't be read",
    ),
    "id as text": (annotation(5, id="6"), "annotation 6 .* str instead of int in id"),
    "id with a point": (annotation(5, id=6.0), "annotation 6.0 .* float instead of int in id"),
    "no width": (lambda c: c["images"][5].pop("width"), "image 7 .* no width"),
    "width 0": (image(5, width=0), "image .* 0 x 96"),
    "gigantic": (image(5, width=10**6, height=10**6), "image .* 1000000 x 1000000"),
    "name that climbs": (image(5, file_name="../x.jpg"), r"image .* '\.\./x.jpg'"),
    "absolute name": (image(5, file_name="/etc/passwd"), "image .* '/etc/passwd'"),
    "Windows name": (image(5, file_name="C:\\x.jpg"), "image .* relative"),
    "valid_box outside": (image(5, trashdata={"valid_box": [0, 0, 500, 500]}), "valid_box"),
    "photo of another size": (image(2, width=97), "97 x 96 .* found 96 x 96"),
}
BAD_TEXT = {
    "cut off": (lambda text: text[:5000], "line"),
    "empty": (lambda _: "", "line 1, column 1"),
    "a list": (lambda _: "[]", "a list"),
    "no text": (lambda _: "\udc80", "UTF-8"),
}
ARGUMENTS: dict[str, tuple[tuple[str, ...], str]] = {
    "unknown class": (("--patch", "Batery"), "did you mean 'Battery'\\?$"),
    "unknown background": (("--background", "papers"), "did you mean 'Paper'"),
    "no photo": (("--num", "0"), "--num"),
    "scales the wrong way round": (("--lsj-min", "3"), "--lsj-max: .* at least --lsj-min 3"),
    "out is an input": (("--out", "train"), "train.json, which is read"),
    "out climbs": (("--out", "../x"), "plain name"),
    "out is hidden": (("--out", ".x"), "plain name"),
    "nothing large enough": (("--patch", "Battery", "--min-area", "9000"), "smaller than --min"),
    "donor images alone": (("--donor-images", "."), "to come with --donors"),
    "no such JSON": (("--json", "trian.json"), "no such file among .*train.json"),
    "no such option": (("--pach", "Paper"), "No such option: --pach"),
    "no such config": (("--config", "no.toml"), "no.toml: .* found no file"),
    "nothing but the class that no donor photo may hold": (
        ("--patch", "Battery", "--remove-patch", "Battery"),
        "on a photo with a class of --remove-patch",
    ),
}


def refused(run_cli: RunCli, data: Path, *arguments: str) -> str:
    before = tree(data)
    done = run_cli("copy-paste", "--data", data, "--num", "30", "--workers", "1", *arguments)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert tree(data) == before
    assert not (data / "copy_paste").exists()
    last = done.stderr.rstrip("\n").splitlines()[-1]
    assert last.startswith("Error: ")
    return last


def matches(sentence: str, pattern: str) -> None:
    import re

    assert re.search(pattern, sentence), sentence


@pytest.mark.parametrize("name", BAD_JSON)
def test_broken_records(name: str, data: Path, run_cli: RunCli) -> None:
    change, pattern = BAD_JSON[name]
    content = load(data / "train.json")
    change(content)
    (data / "train.json").write_text(json.dumps(content))
    sentence = refused(run_cli, data, "--patch", "Paper")
    matches(sentence, pattern)
    assert "train.json" in sentence or "batch_" in sentence


@pytest.mark.parametrize("name", BAD_TEXT)
def test_broken_files(name: str, data: Path, run_cli: RunCli) -> None:
    change, pattern = BAD_TEXT[name]
    path = data / "train.json"
    path.write_bytes(change(path.read_text()).encode("utf-8", "surrogateescape"))
    matches(refused(run_cli, data, "--patch", "Paper"), f"train.json: .*{pattern}")


@pytest.mark.parametrize("name", ARGUMENTS)
def test_wrong_options(name: str, data: Path, run_cli: RunCli) -> None:
    arguments, pattern = ARGUMENTS[name]
    matches(refused(run_cli, data, *arguments), pattern)


@pytest.mark.parametrize(
    ("spoil", "pattern"),
    [
        (lambda path: path.unlink(), "found no file"),
        (lambda path: path.write_bytes(path.read_bytes()[:1500]), "ends in its middle"),
        (lambda path: path.write_bytes(b""), "an empty file"),
        (lambda path: path.write_text("not a photo"), "decoded"),
    ],
)
def test_broken_photos(
    spoil: Callable[[Path], object], pattern: str, data: Path, run_cli: RunCli
) -> None:
    name = load(data / "train.json")["images"][0]["file_name"]
    spoil(data / name)
    sentence = refused(run_cli, data, "--patch", "Paper")
    matches(sentence, pattern)
    assert name in sentence


def test_byte_order_mark_is_worked_around(data: Path, run_cli: RunCli) -> None:
    path = data / "train.json"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    done = run_cli("copy-paste", "--data", data, "--num", "3", "--patch", "Paper")
    assert done.returncode == 0, done.stderr
    assert "byte-order mark" in done.stderr


def test_foreign_files_are_never_replaced(data: Path, run_cli: RunCli) -> None:
    foreign = data / "copy_paste.json"
    foreign.write_text("{}")
    arguments = ("--num", "3", "--patch", "Paper")
    for extra in ((), ("--overwrite",)):
        done = run_cli("copy-paste", "--data", data, *arguments, *extra)
        assert done.returncode == 2
        assert "copy_paste.json" in done.stderr
        assert foreign.read_text() == "{}"
    foreign.unlink()
    (data / "copy_paste").mkdir()
    (data / "copy_paste" / "notes.txt").write_text("mine")
    done = run_cli("copy-paste", "--data", data, *arguments, "--overwrite")
    assert done.returncode == 2
    assert "notes.txt" in done.stderr
    assert tree(data / "copy_paste").keys() == {"notes.txt"}


def test_config_file_gives_defaults_and_flags_win(data: Path, run_cli: RunCli) -> None:
    config = data.parent / "trashdata.toml"
    config.write_text('[copy-paste]\nnum = 4\npatch = ["Paper"]\nmin-area = 20\n')
    done = run_cli("copy-paste", "--data", data, "--json-summary", "--num", "5")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert summary["counts"]["photos"] == 5
    assert [r["class"] for r in summary["classes"] if r["pasted"]] == ["Paper"]
    assert {"command", "version", "inputs", "outputs", "counts", "warnings"} <= summary.keys()
    config.write_text("[copy-paste]\npach = 4\n")
    done = run_cli("copy-paste", "--data", data)
    assert done.returncode == 2
    assert "did you mean 'patch'?" in done.stderr


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("[copy-paste]\nnum = 3.7\n", "num: expected a whole number, found 3.7"),
        ("[copy-paste]\nnum = true\n", "num: expected a whole number, found True"),
        ("[copy-paste]\nnum = [3]\n", "num: expected a whole number"),
        ("[copy-paste]\nlsj = 2\n", "lsj: expected a flag, true or false"),
        ('[copy-paste]\npatch = "Metal"\n', "patch: expected a list, each a text in quotes"),
        ("[copypaste]\nnum = 3\n", "did you mean 'copy-paste'"),
        ("num = 3\n", "num: expected a table"),
        ("[copy-paste]\noverwrite = true\n", "overwrite: expected an option"),
        ("[copy-paste\n", "trashdata.toml: expected a TOML file"),
    ],
)
def test_broken_config(text: str, pattern: str, data: Path, run_cli: RunCli) -> None:
    (data.parent / "trashdata.toml").write_text(text)
    matches(refused(run_cli, data), pattern)


def test_overwrite_never_deletes_what_is_read(data: Path, run_cli: RunCli) -> None:
    arguments = ("copy-paste", "--data", data, "--patch", "Paper", "--num", "6")
    assert run_cli(*arguments).returncode == 0
    assert run_cli(*arguments, "--json", "copy_paste.json", "--out", "more").returncode == 0
    before = tree(data)
    done = run_cli(*arguments, "--json", "more.json", "--overwrite")
    assert done.returncode == 2
    assert "one that it reads" in done.stderr
    assert tree(data) == before


def test_overwrite_keeps_what_was_changed_since(data: Path, run_cli: RunCli) -> None:
    arguments = ("copy-paste", "--data", data, "--patch", "Paper", "--num", "6")
    assert run_cli(*arguments).returncode == 0
    (data / "copy_paste.json").write_text("corrected by hand")
    before = tree(data)
    done = run_cli(*arguments, "--seed", "1", "--overwrite")
    assert done.returncode == 2
    assert "changed since" in done.stderr
    assert tree(data) == before


def test_too_many_classes_for_a_mask(data: Path, run_cli: RunCli) -> None:
    content = load(data / "train.json")
    content["categories"] += [{"id": 100 + k, "name": f"class {k}"} for k in range(245)]
    (data / "train.json").write_text(json.dumps(content))
    matches(refused(run_cli, data, "--patch", "Paper"), "at most 254 classes")


def test_an_rle_without_foreground_is_worked_with(data: Path, run_cli: RunCli) -> None:
    content = load(data / "train.json")
    for record in content["annotations"][::7]:
        record["segmentation"] = {"size": [96, 96], "counts": [96 * 96]}
    (data / "train.json").write_text(json.dumps(content))
    done = run_cli("copy-paste", "--data", data, "--patch", "Paper", "--num", "20")
    assert done.returncode == 0, done.stderr


def test_a_pipe_in_place_of_a_photo(data: Path, run_cli: RunCli) -> None:
    import os

    name = load(data / "train.json")["images"][0]["file_name"]
    (data / name).unlink()
    os.mkfifo(data / name)
    done = run_cli("copy-paste", "--data", data, "--patch", "Paper", "--num", "30")
    assert done.returncode == 2
    assert "something else than a file" in done.stderr


def test_a_few_bytes_before_a_jpegs_end_do_no_harm(tmp_path: Path) -> None:
    # Some cameras write them; libjpeg remarks on them as it does on damage.
    pixels = np.random.default_rng(0).integers(0, 255, (64, 64, 3)).astype(np.uint8)
    content = encode_jpeg(pixels, 90)
    (tmp_path / "a.jpg").write_bytes(content[:-2] + b"\x11\x22" + content[-2:])
    (tmp_path / "b.jpg").write_bytes(content)
    one, other = (
        read_rgb(tmp_path, ImageRecord(id=1, file_name=name, width=64, height=64))
        for name in ("a.jpg", "b.jpg")
    )
    assert (one == other).all()
    assert (one[..., ::-1] == cv2.imread(str(tmp_path / "b.jpg"))).all()
