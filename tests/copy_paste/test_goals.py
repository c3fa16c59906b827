"""Goals: reading them, and what is missing to them. Nothing is pasted here."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.coco import counted, pixels_of
from hypothesis import given
from hypothesis import strategies as st
from trashdata.copy_paste.goals.targets import (
    ObjectCounts,
    Target,
    balance_targets,
    join_targets,
    parse_targets,
)

from trashdata.coco.read import read_document
from trashdata.errors import UserError


def object_counts(*objects: int) -> ObjectCounts:
    return ObjectCounts(np.array(objects), 100 * np.array(objects))


# --- what is asked for ---


def document_with(names: list[str], folder: Path) -> Any:
    content = {
        "images": [{"id": 1, "file_name": "1.jpg", "width": 50, "height": 50}],
        "annotations": [],
        "categories": [{"id": 7 * k, "name": name} for k, name in enumerate(names)],
    }
    (folder / "names.json").write_text(json.dumps(content))
    return read_document(folder / "names.json")


def test_forms_of_a_target(tmp_path: Path) -> None:
    names = ["Battery", "100% cotton", "a=b", "Plastic bag", "電池"]
    document = document_with(names, tmp_path)
    texts = ["電池=0.5px%", "a=b=3", "100% cotton=5%", "Plastic bag= 12", "Battery=0"]
    found = parse_targets(texts, document)
    assert [(t.name, t.class_index, t.unit, t.amount) for t in found] == [
        ("Battery", 1, "objects", 0),
        ("100% cotton", 2, "share of objects", 0.05),
        ("a=b", 3, "objects", 3),
        ("Plastic bag", 4, "objects", 12),
        ("電池", 5, "share of pixels", 0.005),
    ]


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        (["Battery"], "found no '='"),
        (["=3"], "expected CLASS=300 objects"),
        (["Battery="], "expected CLASS=300 objects"),
        (["Battery=3.5"], "expected CLASS=300 objects"),
        (["Battery=-3"], "expected CLASS=300 objects"),
        (["Battery=3 %"], "expected CLASS=300 objects"),
        (["Battery=nan%"], "expected CLASS=300 objects"),
        (["Battery=100%"], "below 100 %"),
        (["Battery=99999999999"], "at most 1,000,000,000 objects"),
        (["Batery=3"], "did you mean 'Battery'"),
        (["Battery=3", "Battery=4%"], "one target a class, found 3 and 4%"),
        (["Battery=60%", "Paper=40%"], "below 100 % together, found 100 %"),
    ],
)
def test_a_target_that_can_not_be_read_is_refused(
    texts: list[str], sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=r"^--target") as caught:
        parse_targets(texts, document_with(["Battery", "Paper"], tmp_path))
    assert sentence in str(caught.value)


@given(
    st.lists(st.integers(0, 500), min_size=2, max_size=5).filter(lambda counts: sum(counts) > 0),
    st.floats(0.001, 0.9),
)
def test_what_is_missing_to_a_share_meets_it(counts: list[int], share: float) -> None:
    target = Target(1, "x", "share of objects", share, "")
    lacking = target.missing(object_counts(*counts))
    if lacking == 0:
        assert counts[0] >= share * sum(counts) - 0.5
        return
    more = math.ceil(lacking)
    assert target.missing(object_counts(counts[0] + more, *counts[1:])) == 0
    half_object_less = math.floor(lacking - 0.51 / (1 - share))
    if half_object_less >= 0:
        assert target.missing(object_counts(counts[0] + half_object_less, *counts[1:])) > 0


def test_what_is_missing_is_in_the_unit_of_the_target_and_never_negative() -> None:
    assert Target(1, "a", "objects", 5, "5").missing(object_counts(9, 4, 3)) == 0
    assert Target(3, "c", "share of pixels", 0.5, "50px%").missing(object_counts(9, 4, 3)) == 1000


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=6), st.floats(0, 1), st.floats(0, 1))
def test_balance_never_takes_away_and_grows_with_alpha(
    counts: list[int], one: float, two: float
) -> None:
    names = [str(k) for k in range(len(counts))]
    every = range(1, len(counts) + 1)
    low, high = (
        {t.class_index: t.amount for t in balance_targets(a, names, object_counts(*counts), every)}
        for a in sorted((one, two))
    )
    assert low.keys() == high.keys() == {k for k, count in enumerate(counts, 1) if count}
    for index in low:
        assert counts[index - 1] <= low[index] <= high[index] <= max(counts)


def test_balance_at_its_ends_and_named_targets_win() -> None:
    there = object_counts(10, 1000, 0, 100)
    names = ["a", "b", "c", "d"]
    ends = [[t.amount for t in balance_targets(a, names, there, range(1, 5))] for a in (0, 0.5, 1)]
    assert ends == [[10, 1000, 100], [100, 1000, 316], [1000, 1000, 1000]]
    balanced = balance_targets(1, names, there, {1, 4})
    assert [t.name for t in balanced] == ["a", "d"]
    named = Target(4, "d", "objects", 7, "7")
    assert join_targets([named], balanced) == (balanced[0], named)


def test_a_document_is_counted_as_its_areas_say(data: Path) -> None:
    document = read_document(data / "train.json")
    found = ObjectCounts.of(document)
    names = [category.name for category in document.class_categories]
    assert dict(zip(names, found.objects.tolist(), strict=True)) == counted(data / "train.json")
    assert dict(zip(names, found.pixels.tolist(), strict=True)) == pixels_of(data / "train.json")
