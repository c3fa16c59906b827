"""``trashdata filter``: class maps, small objects, empty photos, and what is refused."""

from __future__ import annotations

import csv
import json
import random
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from helpers.coco import load, load_coco, rewrite, tree
from helpers.paths import ROOT
from helpers.processes import RunCli

from trashdata.coco.read import read_document
from trashdata.console import Reporter
from trashdata.errors import UserError
from trashdata.filter import FilterOptions, filter_classes
from trashdata.filter.class_map import parse_class_map, read_class_map, shipped_maps
from trashdata.options.text import split_pairs

Content = dict[str, Any]
RECYCLING = {"General trash", "Paper", "Paper pack", "Metal", "Glass", "Plastic", "Styrofoam",
             "Plastic bag", "Battery", "Clothing"}  # fmt: skip


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Three photos: two papers and a glass; a battery; an ignored region."""
    rows = [(1, 1, 1, 50), (2, 1, 2, 20), (3, 1, 1, 5), (4, 2, 3, 8), (5, 3, 9, 3)]
    content = {
        "info": {"year": 7, "trashdata": {"ignore_category_ids": [9], "note": "kept"}},
        "images": [
            {"id": k, "file_name": f"{k}.jpg", "width": 20, "height": 10, "city": "x"}
            for k in (1, 2, 3)
        ],
        "annotations": [
            {"id": n, "image_id": k, "category_id": c, "area": area, "iscrowd": int(c == 9),
             "segmentation": [[0, 0, 5, 0, 5, 4.25]], "mark": n}
            for n, k, c, area in rows
        ],
        "categories": [
            {"id": 1, "name": "Paper", "supercategory": "Paper", "weight": 2},
            {"id": 2, "name": "Glass", "supercategory": "hard", "weight": 2},
            {"id": 3, "name": "Battery", "supercategory": "hard"},
            {"id": 9, "name": "ignore", "supercategory": "void"},
        ],
        "more": [1, 2],
    }  # fmt: skip
    (tmp_path / "set.json").write_text(json.dumps(content), encoding="utf-8")
    return tmp_path


def chosen(**options: Any) -> FilterOptions:
    """The options; ``rename`` by the old names."""
    renamed = tuple(f"{old}={new}" for old, new in options.pop("rename", {}).items())
    return FilterOptions(**{"json": "set.json", "out": "few", "rename": renamed, **options})


def filtered(folder: Path, **options: Any) -> Content:
    filter_classes(folder, chosen(**options), overwrite=True)
    read_document(folder / "few.json")
    return load(folder / "few.json")


def ids_by_name(content: Content) -> dict[str, int]:
    return {category["name"]: category["id"] for category in content["categories"]}


def marks(content: Content) -> list[int]:
    return [annotation["mark"] for annotation in content["annotations"]]


# --- what is written ------------------------------------------------------------------------


def test_taco_to_recycling_as_ten_lines_count_it(shared_data: Path, tmp_path: Path) -> None:
    shutil.copy(shared_data / "taco" / "annotations.json", tmp_path / "taco.json")
    filter_classes(tmp_path, chosen(json="taco.json", class_map="taco-to-recycling"))
    with (ROOT / "trashdata" / "maps" / "taco_to_recycling.csv").open(newline="") as file:
        mapping = {row["from"]: row["to"] for row in csv.DictReader(file)}
    source = load(tmp_path / "taco.json")
    names = {c["id"]: c["name"] for c in source["categories"]}
    expected = Counter(mapping[names[a["category_id"]]] for a in source["annotations"])
    coco = load_coco(tmp_path / "few.json")
    counts = {
        c["name"]: len(coco.getAnnIds(catIds=[c["id"]])) for c in coco.loadCats(coco.getCatIds())
    }
    assert counts == expected
    assert set(counts) == RECYCLING == set(mapping.values())
    assert len(mapping) == 60
    result = load(tmp_path / "few.json")
    for key in ("images", "scene_annotations", "scene_categories", "licenses"):
        assert result[key] == source[key]
    without = [{k: v for k, v in a.items() if k != "category_id"} for a in result["annotations"]]
    ordered = sorted(source["annotations"], key=lambda a: a["id"])
    for new, old in zip(without, ordered, strict=True):
        assert new["id"] == old["id"]
    shapes = Counter(json.dumps(a, sort_keys=True) for a in without)
    assert shapes == Counter(
        json.dumps({k: v for k, v in a.items() if k != "category_id"}, sort_keys=True)
        for a in ordered
    )


def test_drop_and_keep(data: Path) -> None:
    content = filtered(data, drop=("Battery",))
    assert marks(content) == [1, 2, 3, 5]
    assert ids_by_name(content) == {"Paper": 1, "Glass": 2, "ignore": 9}
    assert len(content["images"]) == 3
    kept = filtered(data, keep=("Paper", "Glass"))
    assert kept == content
    source = load(data / "set.json")
    assert content["annotations"] == [a for a in source["annotations"] if a["mark"] != 4]
    assert content["info"] == {
        "year": 7,
        "trashdata": {"ignore_category_ids": [9], "note": "kept", "made_by": "trashdata filter"},
    }
    assert content["more"] == [1, 2]


def test_untouched_records_go_out_as_they_came_in(data: Path) -> None:
    odd = b'{"id":1,  "mark": 1e0, "image_id": 1, "category_id": 1, "area": 50.00}'
    text = (data / "set.json").read_bytes()
    content = load(data / "set.json")
    first = json.dumps(content["annotations"][0]).encode()
    (data / "set.json").write_bytes(text.replace(first, odd))
    filter_classes(data, chosen(drop=("Battery",)))
    assert odd in (data / "few.json").read_bytes()


def test_rename_unites_classes_and_keeps_what_they_agree_on(data: Path) -> None:
    content = filtered(data, rename={"Glass": "Litter", "Battery": "Litter", "Paper": "Card"})
    # A supercategory that repeats the name follows it.
    assert content["categories"] == [
        {"id": 1, "name": "Card", "supercategory": "Card", "weight": 2},
        {"id": 2, "name": "Litter", "supercategory": "hard"},
        {"id": 9, "name": "ignore", "supercategory": "void"},
    ]
    assert [a["category_id"] for a in content["annotations"]] == [1, 2, 1, 2, 9]
    # Into a class that is there: its id, and all that it says.
    content = filtered(data, rename={"Paper": "Battery"})
    assert ids_by_name(content) == {"Glass": 2, "Battery": 3, "ignore": 9}
    assert content["categories"][1] == {"id": 3, "name": "Battery", "supercategory": "hard"}
    # Two names that change places.
    content = filtered(data, rename={"Paper": "Glass", "Glass": "Paper"})
    assert ids_by_name(content) == {"Glass": 1, "Paper": 2, "Battery": 3, "ignore": 9}


def test_map_with_rename_before_it(data: Path) -> None:
    (data / "map.csv").write_text("﻿from,to\nPaper,Card\n\nGlass,\nBattery,Metal\n", "utf-8")
    content = filtered(data, class_map=str(data / "map.csv"))
    assert ids_by_name(content) == {"Card": 1, "Metal": 3, "ignore": 9}
    assert marks(content) == [1, 3, 4, 5]
    content = filtered(data, class_map=str(data / "map.csv"), rename={"Glass": "Jar"})
    assert ids_by_name(content) == {"Card": 1, "Jar": 2, "Metal": 3, "ignore": 9}


def test_classes_that_the_map_does_not_name(data: Path) -> None:
    (data / "map.csv").write_text("from,to\nPaper,Card\n", encoding="utf-8")
    source = str(data / "map.csv")
    with pytest.raises(UserError, match="no row for Glass, Battery; add them, or pass --rest"):
        filtered(data, class_map=source)
    assert set(ids_by_name(filtered(data, class_map=source, rest="keep"))) == {
        "Card", "Glass", "Battery", "ignore"
    }  # fmt: skip
    assert marks(filtered(data, class_map=source, rest="drop")) == [1, 3, 5]
    assert marks(filtered(data, class_map=source, drop=("Glass", "Battery"))) == [1, 3, 5]
    assert marks(filtered(data, class_map=source, keep=("Paper",))) == [1, 3, 5]


def test_small_objects_and_empty_photos(data: Path) -> None:
    content = filtered(data, min_area=8)
    assert marks(content) == [1, 2, 4, 5]
    assert [i["id"] for i in content["images"]] == [1, 2, 3]
    content = filtered(data, min_area=10, drop_empty=True)
    assert marks(content) == [1, 2]
    assert content["images"] == load(data / "set.json")["images"][:1]
    # Where the area says nothing, the mask's counts.
    rewrite(data / "set.json", lambda c: c["annotations"][0].pop("area"))
    area = int(load_coco(data / "set.json").annToMask(load(data / "set.json")["annotations"][0]
                                                      | {"area": 1}).sum())  # fmt: skip
    assert 1 in marks(filtered(data, min_area=area))
    assert 1 not in marks(filtered(data, min_area=area + 1))


def test_row_order_of_the_file_changes_nothing(data: Path) -> None:
    filtered(data, rename={"Glass": "Battery"}, min_area=4)
    expected = (data / "few.json").read_bytes()

    def shuffle(content: Content) -> None:
        for key in ("images", "annotations", "categories"):
            random.Random(1).shuffle(content[key])

    rewrite(data / "set.json", shuffle)
    filtered(data, rename={"Glass": "Battery"}, min_area=4)
    assert (data / "few.json").read_bytes() == expected


def test_provenance_survives(data: Path) -> None:
    own = {"donor_image_id": 2, "donor_annotation_id": 4}
    rewrite(
        data / "set.json", lambda c: c["images"][0].update(trashdata={"background_image_id": 2})
    )
    rewrite(data / "set.json", lambda c: c["annotations"][0].update(trashdata=own))
    content = filtered(data, drop=("Glass",), drop_empty=True)
    assert content["images"][0]["trashdata"] == {"background_image_id": 2}
    assert content["annotations"][0]["trashdata"] == own
    # A donor that names the file itself is the result's own; another file's name stays.
    named = own | {"donor_json": "set.json"}
    rewrite(data / "set.json", lambda c: c["annotations"][0].update(trashdata=named))
    assert filtered(data, drop=("Glass",))["annotations"][0]["trashdata"] == own
    named = own | {"donor_json": "few.json"}
    rewrite(data / "set.json", lambda c: c["annotations"][0].update(trashdata=named))
    with pytest.raises(UserError, match="that donors came from"):
        filtered(data, drop=("Glass",))


def test_pseudo_labels_keep_what_they_say_of_themselves(data: Path) -> None:
    own = {"models": ["m"], "thresholds": [0.5]}
    rewrite(data / "set.json", lambda c: c["annotations"][1].update(trashdata=own, score=0.75))
    content = filtered(data, rename={"Glass": "Jar"})
    assert content["annotations"][1]["trashdata"] == own
    assert content["annotations"][1]["score"] == 0.75


# --- maps -----------------------------------------------------------------------------------


def test_shipped_maps_can_be_read() -> None:
    assert list(shipped_maps()) == ["taco-to-recycling"]
    for name in shipped_maps():
        assert read_class_map(name)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "line 1: expected the header from,to, found nothing"),
        ("old;new\n", "line 1: expected the header from,to, found old;new"),
        ("from,to\nPaper\n", "line 2: expected an old name and a new one, found Paper"),
        ("from,to\nA,B\n,B\n", "line 3: expected an old name and a new one"),
        ("from,to\nA,B\nA,C\n", "line 3: expected each old name once, found A again"),
    ],
)
def test_maps_that_say_nothing(text: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        parse_class_map(text, "m.csv")


# --- mistakes -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "expected something to do"),
        ({"drop": ("Papre",)}, "--drop 'Papre': expected a class of set.json.*mean 'Paper'"),
        ({"keep": ("ignore",)}, "--keep 'ignore': expected a class of set.json"),
        ({"rename": {"Glas": "x"}}, "--rename 'Glas'.*did you mean 'Glass'"),
        ({"rename": {"Glass": ""}}, "--rename Glass=: expected a new name"),
        ({"rename": {"Glass": "ignore"}}, "differ from that of the ignore category"),
        (
            {"rename": {"Glass": "x"}, "drop": ("Glass",)},
            "--rename 'Glass': expected one rule for a class",
        ),
        (
            {"keep": ("Glass",), "drop": ("Glass",)},
            "--keep 'Glass': expected one rule for a class",
        ),
        ({"drop": ("Paper", "Glass", "Battery")}, "expected a class that is left"),
        ({"class_map": "nowhere.csv"}, "expected a CSV file or the name of an included"),
        ({"class_map": "taco-to-recycling"}, "--map taco-to-recycling: 'Aluminium foil'"),
        ({"min_area": float("nan")}, "--min-area: expected at least 0, found nan"),
        ({"drop": ("Paper",), "out": "set"}, "another file than the inputs"),
        ({"min_area": float("inf")}, "--min-area: expected a finite number, found inf"),
        ({"drop": ("Paper",), "out": "mine"}, "trashdata did not make"),
    ],
)
def test_mistakes_are_told_in_one_sentence(
    data: Path, options: dict[str, Any], sentence: str
) -> None:
    (data / "mine.json").write_text("{}", encoding="utf-8")
    before = tree(data)
    with pytest.raises(UserError, match=sentence):
        filter_classes(data, chosen(**options), overwrite=True)
    assert tree(data) == before


def test_command_line(data: Path, run_cli: RunCli) -> None:
    call = ("filter", "--data", data, "--json", "set.json", "--out", "few", "--rename",
            "Glass=Old glass", "--drop", "Battery", "--drop-empty")  # fmt: skip
    done = run_cli(*call, "--dry-run", "--json-summary")
    assert done.returncode == 0, done.stderr
    assert not (data / "few.json").exists()
    summary = json.loads(done.stdout)
    assert summary["counts"]["annotations"] == 3
    assert summary["counts"]["photos_left_out"] == 2
    assert summary["map"][1] == {"from": "Glass", "to": "Old glass", "before": 1, "after": 1}
    done = run_cli(*call)
    assert done.returncode == 0
    assert "Old glass" in done.stdout
    assert "2 photos without objects are omitted" in done.stderr
    assert run_cli(*call).returncode == 2
    assert run_cli(*call, "--overwrite", "--quiet").returncode == 0
    done = run_cli(
        "filter", "--data", data, "--json", "set.json", "--out", "q", "--rename", "Glass"
    )
    assert done.returncode == 2
    assert "--rename 'Glass': expected two names with = between them" in done.stderr


def test_renames_on_the_command_line() -> None:
    assert split_pairs("--rename", ["a=b=c", "d=e", "d=e"], at_last=True) == {"a=b": "c", "d": "e"}
    assert split_pairs("--images-of", ["a.json=b=c"]) == {"a.json": "b=c"}
    with pytest.raises(UserError, match="--rename 'A=Y': expected one value for A, found X as"):
        split_pairs("--rename", ["A=X", "A=Y"])


def test_dry_run_is_what_is_written(data: Path) -> None:
    reporter = Reporter()
    options = chosen(rename={"Glass": "Jar"})
    planned = filter_classes(data, options, dry_run=True, reporter=reporter)
    done = filter_classes(data, options)
    assert (planned.counts, planned.figures) == (done.counts, done.figures)
    assert done.counts["annotations"] == len(load(data / "few.json")["annotations"])
