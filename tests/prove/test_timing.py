"""How many steps a budget is enough for."""

from __future__ import annotations

from pathlib import Path

import pytest

from trashdata.errors import UserError
from trashdata.prove.looks import number_of_look, question_of, read_looks, with_look, write_looks
from trashdata.prove.options import parse_budget, parse_steps
from trashdata.prove.timing import Batch, Pace, in_words, seconds_in_all, steps_within


def test_a_budget_is_shared_by_the_runs_of_each_lane() -> None:
    # 5 runs on 2 lanes are 3 after each other; each has 200 s, 20 of them around the steps.
    assert steps_within("600s", Pace(step=0.5, rest=20.0), [Batch(5)], 2) == 360
    assert steps_within("10m", Pace(step=0.5, rest=20.0), [Batch(5)], 2) == 360


def test_steps_have_two_digits() -> None:
    assert steps_within("1h", Pace(step=1.0, rest=0.0), [Batch(1)], 1) == 3600
    assert steps_within("3659s", Pace(step=1.0, rest=0.0), [Batch(1)], 1) == 3600
    assert steps_within("78s", Pace(step=1.0, rest=0.0), [Batch(1)], 1) == 78


def test_a_small_budget_is_refused_and_the_advice_is_enough() -> None:
    pace = Pace(step=1.0, rest=30.0)
    with pytest.raises(UserError, match=r"pass --budget 7m") as caught:
        steps_within("60s", pace, [Batch(3)], 1)
    assert "3 runs of at least 20 steps" in str(caught.value)
    assert steps_within("7m", pace, [Batch(3)], 1) >= 100


def test_all_batches_count() -> None:
    pace = Pace(step=1.0, rest=10.0)
    assert seconds_in_all(pace, 400, [Batch(4, 0.25), Batch(4)], 2) == 2 * 110 + 2 * 410


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("1.5h", 5400), (" 20m ", 1200)])
def test_times(text: str, seconds: float) -> None:
    assert parse_budget(text) == seconds


@pytest.mark.parametrize("text", ["", "5", "m", "-3m", "0h", "1d", "nan m", "1e3s"])
def test_no_times(text: str) -> None:
    with pytest.raises(UserError, match="--budget"):
        parse_budget(text)


def test_steps() -> None:
    assert parse_steps("400, 1600") == (400, 1600)
    with pytest.raises(UserError, match="--steps 'many'"):
        parse_steps("many")


def test_words() -> None:
    assert in_words(3600 * 1.99) == "1 h 59 min"


def test_looks_are_counted_by_question_and_seeds(tmp_path: Path) -> None:
    one, other = question_of(arm="a"), question_of(arm="b")
    looks = with_look([], one, [1, 2, 3])
    assert number_of_look(looks, one, [1, 2, 3]) == 1
    assert number_of_look(looks, one, [1, 2, 3, 4]) == 2
    assert number_of_look(looks, other, [1, 2, 3, 4]) == 1
    looks = with_look(looks, one, [1, 2, 3, 4])
    assert with_look(looks, one, [1, 2, 3]) == looks
    # Seeds that are taken away again are the first look, not a third.
    assert number_of_look(looks, one, [1, 2, 3]) == 1
    write_looks(tmp_path, looks)
    assert read_looks(tmp_path) == looks


def test_damaged_looks_are_refused(tmp_path: Path) -> None:
    (tmp_path / "looks.json").write_text("[")
    with pytest.raises(UserError, match=r"looks\.json"):
        read_looks(tmp_path)
