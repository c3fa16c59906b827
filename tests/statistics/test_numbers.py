"""``trashdata stats``: the numbers, the tables, what is written and what is refused."""

from __future__ import annotations

import itertools
import json
import random
import shutil
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.coco import load, load_coco, tree
from helpers.processes import RunCli

from trashdata.coco.read import read_document
from trashdata.console import Reporter
from trashdata.errors import UserError
from trashdata.statistics import LEVELS, Statistics, StatsOptions, compare, count, statistics, stats
from trashdata.statistics.summary import summary_of
from trashdata.statistics.tables import class_rows, co_occurrence_rows, overview

Set = dict[str, Any]


def square(key: int, image: int, category: int, side: int, **more: Any) -> dict[str, Any]:
    """An annotation of a square of ``side`` pixels."""
    return {
        "id": key,
        "image_id": image,
        "category_id": category,
        "segmentation": [[0, 0, side, 0, side, side, 0, side]],
        "area": side * side,
        "bbox": [0, 0, side, side],
        "iscrowd": 0,
        **more,
    }


def small_set() -> Set:
    """Three photos, the last without objects; Paper and Battery together on the first."""
    sizes = {0: (20, 10), 7: (10, 20), 900: (20, 10)}
    images = [
        {"id": key, "file_name": f"{key}.jpg", "width": width, "height": height}
        for key, (width, height) in sizes.items()
    ]
    categories = [{"id": 0, "name": "Paper"}, {"id": 5, "name": "Battery"}]
    annotations = [square(1, 0, 0, 4), square(2, 0, 0, 2), square(3, 0, 5, 6), square(4, 7, 0, 8)]
    return {"images": images, "annotations": annotations, "categories": categories}


def write(path: Path, content: Set) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def count_set(path: Path, content: Set) -> Statistics:
    return statistics(read_document(write(path, content), masks=False))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    write(folder / "train_all.json", small_set())
    return folder


# --- the numbers ----------------------------------------------------------------------------


def test_small_set(tmp_path: Path) -> None:
    found = count_set(tmp_path / "set.json", small_set())
    assert found.class_names == ("Paper", "Battery")
    assert found.class_ids == (0, 5)
    assert found.objects.tolist() == [3, 1]
    assert found.photos.tolist() == [2, 1]
    assert found.pixels.tolist() == [16 + 4 + 64, 36]
    assert found.objects_per_photo.tolist() == [3, 1, 0]
    assert found.classes_per_photo.tolist() == [2, 1, 0]
    assert found.together.tolist() == [[2, 1], [1, 1]]
    assert found.sizes.tolist() == [[20, 10, 2], [10, 20, 1]]
    assert found.area_quantiles[:, LEVELS.index(0.5)].tolist() == [16 / 200, 36 / 200]
    assert (found.photo_count, found.object_count, found.empty_photos) == (3, 4, 1)
    assert found.total_pixels == 600


def slow_count(path: Path) -> dict[str, Any]:
    """The same by pycocotools and plain loops."""
    coco = load_coco(path)
    names = {category["id"]: category["name"] for category in coco.dataset["categories"]}
    photos_of: dict[str, set[int]] = defaultdict(set)
    areas: dict[str, list[float]] = defaultdict(list)
    pixels: Counter[str] = Counter()
    held: dict[int, list[str]] = {image["id"]: [] for image in coco.dataset["images"]}
    for annotation in coco.dataset["annotations"]:
        name, image = names[annotation["category_id"]], coco.imgs[annotation["image_id"]]
        photos_of[name].add(image["id"])
        areas[name].append(annotation["area"] / (image["width"] * image["height"]))
        pixels[name] += annotation["area"]
        held[image["id"]].append(name)
    return {
        "objects": {name: len(areas[name]) for name in names.values()},
        "photos": {name: len(photos_of[name]) for name in names.values()},
        "pixels": {name: pixels[name] for name in names.values()},
        "medians": {name: np.median(own) for name, own in areas.items() if own},
        "together": {
            (one, other): len(photos_of[one] & photos_of[other])
            for one, other in itertools.product(names.values(), repeat=2)
        },
        "objects_per_photo": [len(held[key]) for key in sorted(held)],
        "classes_per_photo": [len(set(held[key])) for key in sorted(held)],
    }


@pytest.mark.parametrize(
    "name",
    ["taco/annotations.json", "recycling-512/train_all.json", "coco-mini/instances_val2017.json"],
)
def test_real_sets_against_plain_loops(name: str, shared_data: Path) -> None:
    expected = slow_count(shared_data / name)
    found = statistics(read_document(shared_data / name, masks=False))
    names = found.class_names
    assert dict(zip(names, found.objects.tolist(), strict=True)) == expected["objects"]
    assert dict(zip(names, found.photos.tolist(), strict=True)) == expected["photos"]
    assert dict(zip(names, found.pixels.tolist(), strict=True)) == pytest.approx(expected["pixels"])
    medians = found.area_quantiles[:, LEVELS.index(0.5)].tolist()
    known = {name: m for name, m in zip(names, medians, strict=True) if not np.isnan(m)}
    assert known == pytest.approx(expected["medians"])
    assert found.objects_per_photo.tolist() == expected["objects_per_photo"]
    assert found.classes_per_photo.tolist() == expected["classes_per_photo"]
    for (i, one), (j, other) in itertools.product(enumerate(names), repeat=2):
        assert found.together[i, j] == expected["together"][one, other]


def test_together_is_the_same_in_chunks(sample_set: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = read_document(sample_set / "train_all.json", masks=False)
    whole = statistics(document).together
    monkeypatch.setattr(count, "_CHUNK", 3)
    assert len(document.images) > 3
    assert np.array_equal(statistics(document).together, whole)


def test_order_in_the_json_decides_nothing(tmp_path: Path) -> None:
    content = small_set()
    for records in content.values():
        random.Random(3).shuffle(records)
    assert content != small_set()
    shuffled, plain = (count_set(tmp_path / "set.json", own) for own in (content, small_set()))
    assert summary_of(shuffled) == summary_of(plain)


def test_ignore_category_is_no_class(tmp_path: Path) -> None:
    content = small_set()
    content["categories"].append({"id": 9, "name": "ignore", "supercategory": "void"})
    content["annotations"].append(square(5, 7, 9, 10, iscrowd=1))
    content["annotations"].append(square(6, 7, 0, 3, iscrowd=1))
    undeclared = count_set(tmp_path / "set.json", content)
    assert undeclared.class_names == ("Paper", "Battery", "ignore")
    assert (undeclared.object_count, undeclared.crowds, undeclared.ignored) == (6, 2, 0)
    content["info"] = {"trashdata": {"ignore_category_ids": [9]}}
    declared = count_set(tmp_path / "set.json", content)
    assert declared.class_names == ("Paper", "Battery")
    assert (declared.object_count, declared.crowds, declared.ignored) == (5, 1, 1)
    assert declared.pixels.tolist() == [84 + 9, 36]


@pytest.mark.parametrize("area", [None, 0, -3])
def test_area_that_says_nothing_is_the_masks(area: float | None, tmp_path: Path) -> None:
    content = small_set()
    content["annotations"][2]["area"] = area
    coco = load_coco(write(tmp_path / "set.json", content))
    assert int(coco.annToMask(coco.anns[3]).sum()) == 36
    assert count_set(tmp_path / "set.json", content).pixels.tolist() == [84, 36]


def test_no_area_and_no_mask_is_refused(data: Path, tmp_path: Path) -> None:
    content = small_set()
    del content["annotations"][2]["area"], content["annotations"][2]["segmentation"]
    write(data / "train_all.json", content)
    with pytest.raises(UserError, match=r"train_all\.json: annotation 3: expected polygons"):
        stats(data, StatsOptions(out=tmp_path / "stats.png"))
    assert not list(tmp_path.glob("*.png"))


def test_what_is_not_original_is_counted(tmp_path: Path) -> None:
    content = small_set()
    content["images"][0]["trashdata"] = {"background_image_id": 900}
    content["images"][1]["trashdata"] = {"repeat_of": 0}
    content["images"][2]["trashdata"] = {"models": ["a"], "confidence": 0.9}
    donor = {"donor_image_id": 900, "donor_annotation_id": 4}
    content["annotations"][0]["trashdata"] = donor
    content["annotations"][1]["trashdata"] = {"models": ["a"], "thresholds": [0.5]}
    origin = count_set(tmp_path / "set.json", content).origin
    assert origin == count.Origin(
        synthetic=2, repeats=1, pseudo_labelled=1, pasted=1, pseudo_labels=1
    )


# --- two files ------------------------------------------------------------------------------


def other_set() -> Set:
    """Battery under another id, no Paper, a class of its own."""
    content = small_set()
    content["categories"] = [{"id": 1, "name": "Glass"}, {"id": 2, "name": "Battery"}]
    content["annotations"] = [square(1, 0, 2, 4), square(2, 0, 1, 4), square(3, 7, 2, 4)]
    return content


def test_classes_are_matched_by_name(tmp_path: Path) -> None:
    both = compare(
        count_set(tmp_path / "one.json", small_set()),
        count_set(tmp_path / "two.json", other_set()),
    )
    assert both.labels == ("one.json", "two.json")
    assert both.names == ("Paper", "Battery", "Glass")
    first, second = both.values("objects")
    assert np.array_equal(first, [3, 1, np.nan], equal_nan=True)
    assert np.array_equal(second, [np.nan, 2, 1], equal_nan=True)
    assert [both.names[k] for k in both.order] == ["Paper", "Battery", "Glass"]
    assert (both.lacking(0), both.lacking(1)) == (["Glass"], ["Paper"])
    nan = np.nan
    before, after = both.together()
    expected = [[nan, 0.5, nan], [1, nan, nan], [nan, nan, nan]]
    assert np.array_equal(before, expected, equal_nan=True)
    expected = [[nan, nan, nan], [nan, nan, 0.5], [nan, 1, nan]]
    assert np.array_equal(after, expected, equal_nan=True)


def test_tables_of_two_files(tmp_path: Path) -> None:
    both = compare(
        count_set(tmp_path / "one.json", small_set()),
        count_set(tmp_path / "two.json", other_set()),
    )
    header, rows = class_rows(both)
    assert header == ("class", "objects", "objects %", "photos", "pixels %")
    assert rows[1] == ("Battery", "1 → 2", "25.0 → 66.7", "1 → 2", "30.0 → 66.7")
    assert rows[2][1] == "– → 1"
    assert co_occurrence_rows(both, [1]) == [("Battery", "Paper 100", "Glass 50")]
    facts = {name: cells for name, *cells in overview(both)}
    assert facts["- empty"] == ["1", "1"]
    assert "- synthetic" not in facts


def test_files_of_one_name_are_told_apart(data: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "train_all.json", other_set())
    outcome = stats(data, StatsOptions(compare=str(other)))
    assert list(outcome.inputs) == [str(data / "train_all.json"), str(other)]
    assert [own["objects"] for own in outcome.figures["statistics"]] == [4, 3]


# --- the command ----------------------------------------------------------------------------


def test_nothing_is_written_without_out(data: Path, run_cli: RunCli) -> None:
    before = tree(data.parent)
    done = run_cli("stats", "--data", data)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Battery" in done.stdout
    assert tree(data.parent) == before


def test_json_summary_is_all_of_stdout(data: Path, run_cli: RunCli) -> None:
    write(data / "other.json", other_set())
    done = run_cli("stats", "--data", data, "--compare", "other.json", "--json-summary")
    assert done.returncode == 0, done.stderr
    content = json.loads(done.stdout)
    assert content["command"] == "stats"
    assert [entry["name"] for entry in content["inputs"]] == ["train_all.json", "other.json"]
    assert content["counts"] == {"photos": 3, "objects": 4, "classes": 2}
    first, second = content["statistics"]
    assert first["objects_per_photo"] == {
        "least": 0, "median": 1.0, "mean": 1.333333, "most": 3, "counts": [1, 1, 0, 1],
    }  # fmt: skip
    battery = next(row for row in second["classes"] if row["class"] == "Battery")
    assert battery["together"] == {"Glass": 1}
    assert battery["area"]["p50"] == 16 / 200
    assert sum(second["area"]["objects"]) == 3
    assert "does not have: Paper" in done.stderr


def test_tables_fit_80_columns_and_name_every_class(shared_data: Path, run_cli: RunCli) -> None:
    json_file = "instances_val2017.json"
    done = run_cli("stats", "--data", shared_data / "coco-mini", "--json", json_file, "--verbose")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    first_cells = Counter(line.split("│")[1].strip() for line in lines if line.startswith("│"))
    names = [
        category["name"] for category in load(shared_data / "coco-mini" / json_file)["categories"]
    ]
    assert len(names) == 80
    # Once in the table of classes, once in that of co-occurrence.
    assert all(first_cells[name] == 2 for name in names)


def test_same_bytes_each_time_and_inputs_stay(data: Path, tmp_path: Path) -> None:
    before = tree(data)
    for name in ("one.png", "two.png"):
        outcome = stats(data, StatsOptions(out=tmp_path / name))
        assert outcome.outputs == [str(tmp_path / name)]
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
    assert tree(data) == before
    assert not list(tmp_path.glob(".*"))


def test_only_our_picture_is_overwritten(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "stats.png"
    stats(data, StatsOptions(out=out))
    ours = out.read_bytes()
    with pytest.raises(UserError, match="--overwrite"):
        stats(data, StatsOptions(out=out))
    write(data / "train_all.json", other_set())
    stats(data, StatsOptions(out=out), overwrite=True)
    assert out.read_bytes() != ours
    out.write_bytes(b"a person's own")
    with pytest.raises(UserError, match="trashdata did not make"):
        stats(data, StatsOptions(out=out), overwrite=True)
    assert out.read_bytes() == b"a person's own"


def test_a_photo_is_never_overwritten(data: Path) -> None:
    stats(data, StatsOptions(out=data / "0.png"))
    content = small_set()
    content["images"][0]["file_name"] = "0.png"
    write(data / "train_all.json", content)
    before = tree(data)
    with pytest.raises(UserError, match=r"0\.png, which is read"):
        stats(data, StatsOptions(out=data / "0.png"), overwrite=True)
    assert tree(data) == before


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--out", "stats.jpg"), "expected a name that ends in .png"),
        (("--out", "../stats.png"), "expected a path under the working folder"),
        (("--out", "none/stats.png"), "expected a folder that exists"),
        (("--json", "missing.json"), "missing.json: expected a COCO JSON file"),
        (("--compare", "missing.json"), "missing.json: expected a COCO JSON file"),
        (("--compare", "broken.json"), "broken.json: annotation 4: expected an image_id"),
    ],
)
def test_mistakes_are_one_sentence(
    arguments: tuple[str, ...], sentence: str, data: Path, run_cli: RunCli
) -> None:
    content = small_set()
    content["annotations"][3]["image_id"] = 8
    write(data / "broken.json", content)
    before = tree(data.parent)
    done = run_cli("stats", "--data", data, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("Error: ")
    assert sentence in line
    assert tree(data.parent) == before


def test_a_broken_second_file_leaves_no_picture(data: Path, tmp_path: Path) -> None:
    content = small_set()
    del content["annotations"][0]["area"]
    content["annotations"][0]["segmentation"] = []
    write(data / "other.json", content)
    with pytest.raises(UserError, match=r"other\.json: annotation 1"):
        stats(data, StatsOptions(compare="other.json", out=tmp_path / "stats.png"))
    assert not (tmp_path / "stats.png").exists()


def test_companions_of_the_rarest_only_unless_verbose(sample_set: Path, tmp_path: Path) -> None:
    shutil.copy(sample_set / "train_all.json", tmp_path / "set.json")
    content = load(tmp_path / "set.json")
    more = [{"id": 100 + k, "name": f"more {k}"} for k in range(12)]
    content["categories"] += more
    write(tmp_path / "set.json", content)

    class Tables(Reporter):
        def __init__(self) -> None:
            super().__init__()
            self.rows: list[int] = []

        def table(self, title: str, header: Any, rows: Any) -> None:
            assert title
            assert all(len(row) == len(header) for row in rows)
            self.rows.append(len(rows))

    few, every = Tables(), Tables()
    stats(tmp_path, StatsOptions("set.json"), reporter=few)
    every.verbose = True
    stats(tmp_path, StatsOptions("set.json"), reporter=every)
    assert few.rows[-1] == 10
    assert every.rows[-1] == len(content["categories"]) == every.rows[-2]
