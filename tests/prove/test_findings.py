"""Findings as plain data, and there and back."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from comparison.stub_trainer import CLASSES, Stub, draw_set
from prove.made_findings import NAN, finding, row, usual_rows

from trashdata.comparison import difference, judge
from trashdata.prove.findings import (
    Finding,
    as_plain,
    from_plain,
    grouped,
    in_order,
    noise_of,
)
from trashdata.prove.titles import tally, title


def same(one: list[Finding], other: list[Finding]) -> bool:
    # By their text, as NaN is not equal to itself.
    return repr(one) == repr(other)


def test_there_and_back_through_json() -> None:
    made = [finding(noise={"mean": 0.004, "Glass": NAN}), finding(arm="배터리", against=("a", "b"))]
    text = json.dumps(as_plain(made), allow_nan=False)
    assert same(from_plain(json.loads(text)), made)


def test_what_was_judged_comes_back() -> None:
    effects = np.zeros((2, CLASSES))
    effects[1, 3] = 1.5
    drawn = draw_set(Stub(groups=25), effects, np.random.default_rng(1))
    control, arm = drawn.counts
    names = [f"class {k}" for k in range(CLASSES)]
    rows = judge([difference(arm, control, drawn.groups, draws=200)], names, patch=names[3:4])
    made = [finding(rows)]
    assert same(from_plain(json.loads(json.dumps(as_plain(made)))), made)
    assert {one.name: one.verdict for one in rows}["class 3"] == "helps"


def test_nan_is_null_and_tuples_are_lists() -> None:
    (plain,) = as_plain([finding(noise={"mean": NAN})])
    assert plain["noise"] == {"mean": None}
    assert plain["rows"][5]["mean"] is None
    assert plain["against"] == ["plain"]
    assert plain["rows"][2]["needs"] == {"seeds": 9, "photos": 60}


def test_nothing_is_changed() -> None:
    made = finding()
    before = repr(made)
    as_plain([made])[0]["noise"]["mean"] = 7
    assert repr(made) == before


def test_noise_may_be_any_mapping() -> None:
    (plain,) = as_plain([finding(noise=MappingProxyType({"mean": 0.5}))])
    assert plain["noise"] == {"mean": 0.5}


def test_keys_that_are_not_known_are_ignored() -> None:
    (plain,) = as_plain([finding()])
    plain["new"] = 1
    plain["rows"][0]["new"] = 1
    assert same(from_plain([plain]), [finding()])


DAMAGE: dict[str, Callable[[Any], object]] = {
    "Expected `array`": lambda _: {},
    "missing required field `arm`": lambda _: [{}],
    "Invalid enum value 'sells'": lambda plain: plain[0]["rows"][0].update(verdict="sells"),
    "Invalid enum value 'others'": lambda plain: plain[0]["rows"][0].update(family="others"),
    "Expected `float | null`, got `str`": lambda plain: plain[0]["rows"][0].update(mean="1"),
    "the number inf": lambda plain: plain[0]["noise"].update(mean=float("inf")),
}


@pytest.mark.parametrize("part", DAMAGE)
def test_damage_is_named(part: str) -> None:
    plain = as_plain([finding()])
    changed = DAMAGE[part](plain)
    with pytest.raises(ValueError, match=part.replace("|", r"\|")):
        from_plain(plain if changed is None else changed)


def test_rows_are_in_the_order_of_families() -> None:
    rows = usual_rows()
    mixed = [rows[3], rows[1], rows[2], rows[0]]
    assert [one.name for one in in_order(mixed)] == ["mean", "Battery", "Glass", "Clothing"]


def test_classes_of_several_findings_are_declared_if_one_declared_them() -> None:
    declared = dataclasses.replace(usual_rows()[3], family="patch")
    other = finding([declared, row("mean", 0.1, 0.2)])
    keys = grouped([finding(usual_rows()[:4]), other])
    assert list(keys) == [
        (True, "mean"),
        (False, "Battery"),
        (False, "Glass"),
        (False, "Clothing"),
        (False, "mean"),  # a class
    ]
    assert keys[False, "Glass"] == "patch"


def test_noise_that_is_not_known() -> None:
    made = finding(noise={"Battery": 0.02}, mean_noise=NAN)
    known = {one.name: noise_of(made, one) for one in made.rows}
    assert known["Battery"] == 0.02
    assert np.isnan([known["mean"], known["Glass"]]).all()


def test_a_class_called_mean_has_its_own_noise() -> None:
    rows = [row("mean", 0.1, 0.2, family="mean"), row("mean", 0.1, 0.2)]
    made = finding(rows, noise={"mean": 0.3}, mean_noise=0.1)
    assert [noise_of(made, one) for one in made.rows] == [0.1, 0.3]
    assert same(from_plain(as_plain([made])), [made])


def test_titles() -> None:
    made = finding(against=("plain", "repeat", "old"), steps=1200, seeds=1, photos=1, look=3)
    assert title(made) == (
        "copy-paste against the better of plain, repeat and old: 1,200 steps, 1 seed, 1 photo,"
        " look 3"
    )
    # The mean helps as well, but it is no class.
    assert tally(made) == "helps 1, hurts 1 of 5"
