"""``validate``: what it prints, what it repairs, and its findings on real files."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from corpus.base import Content, changed, content, make_set, square
from corpus.running import state, trashdata
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from shapely.geometry import LinearRing

from trashdata.coco.faults import FAULTS
from trashdata.validate import ValidateOptions, validate
from trashdata.validate.crossing import crossing

BOW_TIE = [[3, 8, 24, 29, 24, 8, 3, 29]]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    make_set(tmp_path / "data")
    return tmp_path / "data"


def spoil(data: Path, change: Any) -> None:
    changed(change)(data)


def found(data: Path, **options: Any) -> dict[str, int]:
    """Errors and warnings, by kind."""
    rows = validate(data, ValidateOptions("train.json", **options)).figures["faults"]
    return {row["kind"]: row["count"] for row in rows if row["severity"] != "note"}


def fixed(data: Path, **options: Any) -> Content:
    validate(data, ValidateOptions("train.json", fix="fixed", **options))
    repaired: Content = json.loads((data / "fixed.json").read_bytes())
    return repaired


# --- what it says ---------------------------------------------------------------------------


def test_a_clean_sample_set_is_silent(sample_set: Path) -> None:
    for name in ("train_all.json", "train.json", "val.json", "test.json"):
        outcome = validate(sample_set, ValidateOptions(name))
        assert outcome.figures["faults"] == []


def many_boxes(made: Content) -> None:
    for annotation in made["annotations"][:7]:
        annotation["bbox"] = [1, 2, 3]
    made["annotations"][8]["area"] = 0


def test_long_lists_are_abridged_but_counted(data: Path) -> None:
    spoil(data, many_boxes)
    arguments = ("validate", "--data", "data", "--json", "train.json", "--workers", "1")
    short = trashdata(data.parent, *arguments)
    assert short.code == 1
    assert "train.json: 7 errors" in short.stdout
    assert "train.json: 1 warning " in short.stdout
    assert [f"annotation {k} " in short.stdout for k in range(1, 8)] == [True] * 5 + [False] * 2
    assert "2 more; see --verbose" in short.stdout
    long = trashdata(data.parent, *arguments, "--verbose")
    assert all(f"annotation {k} " in long.stdout for k in range(1, 8))
    summary = json.loads(trashdata(data.parent, *arguments, "--json-summary").stdout)
    assert summary["counts"]["errors"] == 7
    (row, _) = summary["faults"]
    assert [place["where"] for place in row["places"]] == [f"annotation {k}" for k in range(1, 8)]


def test_warnings_alone_are_no_failure(data: Path) -> None:
    spoil(data, lambda made: made["annotations"][4].update(area=0))
    arguments = ("validate", "--data", "data", "--json", "train.json", "--quiet")
    assert trashdata(data.parent, *arguments).code == 0


def test_without_photos_none_is_opened(data: Path) -> None:
    (data / "batch_2" / "0003.jpg").unlink()
    assert found(data) == {"photo-missing": 1}
    assert found(data, photos=False) == {}


def test_names_are_printed_as_text(data: Path) -> None:
    spoil(data, lambda made: made["images"][0].update(file_name="\x1b]0;x\x07[red]"))
    result = trashdata(data.parent, "validate", "--data", "data", "--json", "train.json")
    assert "\x1b" not in result.stdout + result.stderr
    assert "\\x1b]0;x\\x07[red]" in result.stdout


def test_workers_and_order_change_nothing(data: Path) -> None:
    def disorder(made: Content) -> None:
        many_boxes(made)
        made["annotations"][9]["segmentation"] = BOW_TIE
        random.Random(1).shuffle(made["images"])

    spoil(data, disorder)
    one = validate(data, ValidateOptions("train.json"), workers=1)
    two = validate(data, ValidateOptions("train.json"), workers=2)
    assert one.figures == two.figures


# --- what it repairs ------------------------------------------------------------------------


def test_what_was_not_touched_stays_as_it_was_written(data: Path) -> None:
    path = data / "train.json"
    made = content()
    made["annotations"][4]["area"] = 0
    made["more"] = {"kept": 1.50}
    path.write_text(json.dumps(made, indent=3))
    before = state(data)
    repaired = fixed(data)
    assert repaired["annotations"][4]["area"] == 441
    repaired["annotations"][4]["area"] = 0
    assert repaired.pop("info")["trashdata"] == {"made_by": "trashdata validate"}
    made.pop("info")
    assert repaired == made
    assert {name: state(data)[name] for name in before} == before


def test_a_polygon_goes_and_box_and_area_follow(data: Path) -> None:
    polygons = [square(3, 8, 21), [60, 40, 70, 40]]
    spoil(data, lambda made: made["annotations"][4].update(
        segmentation=polygons, area=500, bbox=[3, 8, 67, 32]))  # fmt: skip
    annotation = fixed(data)["annotations"][4]
    assert annotation["segmentation"] == [square(3, 8, 21)]
    assert (annotation["area"], annotation["bbox"]) == (441, [3, 8, 21, 21])


def test_an_image_that_is_dropped_takes_its_annotations_along(data: Path) -> None:
    spoil(data, lambda made: made["images"][2].pop("file_name"))
    repaired = fixed(data)
    assert [image["id"] for image in repaired["images"]] == [1, 2, 4, 5, 6]
    assert {annotation["image_id"] for annotation in repaired["annotations"]} == {1, 2, 4, 5, 6}


def test_names_twice_are_merged(data: Path) -> None:
    def twice(made: Content) -> None:
        made["images"].append({**made["images"][0], "id": 9})
        made["categories"].append({"id": 7, "name": "Paper"})
        made["annotations"][0].update(image_id=9, category_id=7)

    spoil(data, twice)
    repaired = fixed(data)
    assert repaired["annotations"][0]["image_id"] == 1
    assert repaired["annotations"][0]["category_id"] == 1
    assert len(repaired["images"]) == 6
    assert len(repaired["categories"]) == 2


def test_huge_ids_are_renumbered_with_all_that_refers_to_them(data: Path) -> None:
    def huge(made: Content) -> None:
        made["images"][0]["id"] = 2**60
        made["images"][1]["trashdata"] = {"background_image_id": 2**60}
        for annotation in made["annotations"][:2]:
            annotation["image_id"] = 2**60
        made["annotations"][5]["trashdata"] = {"donor_image_id": 2**60, "donor_annotation_id": 1}

    spoil(data, huge)
    repaired = fixed(data)
    new = repaired["images"][0]["id"]
    assert new == 7
    assert [a["image_id"] for a in repaired["annotations"][:2]] == [new, new]
    assert repaired["images"][1]["trashdata"]["background_image_id"] == new
    assert repaired["annotations"][5]["trashdata"]["donor_image_id"] == new


def test_sizes_are_taken_from_the_photos(data: Path) -> None:
    spoil(data, lambda made: (made["images"][2].pop("width"), made["images"][3].update(height=0)))
    repaired = fixed(data)
    assert [(image["width"], image["height"]) for image in repaired["images"][2:4]] == [
        (72, 48),
        (72, 48),
    ]


def test_backslashes_become_slashes_only_where_the_photo_proves_it(data: Path) -> None:
    spoil(data, lambda made: made["images"][2].update(file_name="batch_2\\0003.jpg"))
    assert fixed(data, photos=False)["images"][2]["file_name"] == "batch_2\\0003.jpg"
    (data / "fixed.json").unlink()
    assert fixed(data)["images"][2]["file_name"] == "batch_2/0003.jpg"


def test_a_crossing_outline_is_traced(data: Path) -> None:
    spoil(data, lambda made: made["annotations"][4].update(
        segmentation=BOW_TIE, area=221, bbox=[3, 8, 21, 21]))  # fmt: skip
    assert found(data) == {"polygon-crossing": 1}
    spoil(data, lambda made: made.update(annotations=fixed(data)["annotations"]))
    assert found(data) == {}


def test_its_own_copy_may_be_replaced(data: Path) -> None:
    fixed(data)
    arguments = ("validate", "--data", "data", "--json", "train.json", "--fix", "fixed")
    assert trashdata(data.parent, *arguments).code == 2
    assert trashdata(data.parent, *arguments, "--overwrite").code == 0


def test_every_row_of_the_table_says_what_to_do() -> None:
    for kind, row in FAULTS.items():
        assert row.expected, kind
        assert row.advice, kind
        assert row.repair, kind
        assert (row.handling == "refuse") <= (row.severity == "error"), kind


# --- crossing -------------------------------------------------------------------------------


@given(
    arrays.arrays(
        np.int64,
        st.integers(3, 12).map(lambda corners: 2 * corners),
        elements=st.integers(0, 9),
    )
)
@settings(max_examples=300, deadline=None)
def test_crossing_is_never_seen_where_shapely_sees_none(corners: Any) -> None:
    polygon = corners.astype(np.float64)
    if crossing(polygon) is not None:
        assert not LinearRing(polygon.reshape(-1, 2)).is_simple


@given(st.integers(0, 10**6))
@settings(max_examples=100, deadline=None)
def test_crossing_agrees_with_shapely_on_outlines_that_touch_nowhere(seed: int) -> None:
    rng = np.random.default_rng(seed)
    polygon = rng.normal(scale=100, size=2 * int(rng.integers(4, 60)))
    assert (crossing(polygon) is None) == LinearRing(polygon.reshape(-1, 2)).is_simple


def test_crossing_of_many_corners_ends() -> None:
    rng = np.random.default_rng(0)
    assert crossing(rng.normal(size=200_000)) is None  # given up, see its notes
    turn = np.linspace(0, 2 * np.pi, 100_000, endpoint=False)
    circle = np.stack([np.cos(turn), np.sin(turn)], axis=1) * 1000
    assert crossing(circle.ravel()) is None


# --- real files -----------------------------------------------------------------------------


def kinds_of(
    folder: Path, name: str, *, images: Path | None = None, **options: Any
) -> dict[str, int]:
    outcome = validate(folder, ValidateOptions(name, **options), images=images, workers=2)
    return {
        row["kind"]: row["count"] for row in outcome.figures["faults"] if row["severity"] != "note"
    }


def test_taco(shared_data: Path) -> None:
    """Two ids do stand twice there, six boxes begin at -1, 57 outlines cross themselves."""
    assert kinds_of(shared_data / "taco", "annotations.json", photos=False) == {
        "annotation-id-twice": 2,
        "polygon-crossing": 57,
        "bbox-outside": 6,
    }


def test_coco_mini(shared_data: Path) -> None:
    """COCO's areas of crowds are not those of their masks, and one crowd is a single region."""
    folder = shared_data / "coco-mini"
    assert kinds_of(folder, "instances_val2017.json", images=folder / "val2017") == {
        "polygon-crossing": 1,
        "area-mask": 4,
        "crowd-single": 1,
    }


def test_recycling(shared_data: Path) -> None:
    assert kinds_of(shared_data / "recycling-512", "train_all.json") == {}
