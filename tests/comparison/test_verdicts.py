"""Verdicts, what would tell, and how they are said."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from comparison.made import made

from trashdata.comparison import Claim, Difference, Row, judge
from trashdata.comparison.intervals import half_width
from trashdata.comparison.needs import needs
from trashdata.comparison.words import interval, verdict

NAMES = ("Paper", "Battery", "Glass")


def _rows(*differences: Difference, patch: Sequence[str] = (), looks: int = 1) -> dict[str, Row]:
    return {row.name: row for row in judge(differences, NAMES, patch=patch, looks=looks)}


def test_helps_hurts_no_evidence_too_few_photos() -> None:
    groups = [40, 40, 9, 40]
    rows = _rows(made([0.1, -0.1, 0.5, 0.002], groups=groups))
    said = {name: row.verdict for name, row in rows.items()}
    assert said == {
        "mean": "helps",
        "Paper": "hurts",
        "Battery": "too few photos",
        "Glass": "no evidence",
    }


def test_ten_groups_are_enough() -> None:
    rows = _rows(made([0.1] * 4, groups=[40, 10, 9, 0]))
    assert [row.verdict for row in rows.values()] == ["helps", "helps", *["too few photos"] * 2]


def test_patch_classes_are_a_family_of_their_own_and_come_first() -> None:
    rows = judge([made([0.02] * 4)], NAMES, patch=["Glass"])
    assert [(row.name, row.family) for row in rows] == [
        ("mean", "mean"),
        ("Glass", "patch"),
        ("Paper", "exploratory"),
        ("Battery", "exploratory"),
    ]
    assert [row.level for row in rows] == pytest.approx([0.05, 0.05, 0.025, 0.025])


def test_a_class_on_too_few_photos_is_in_no_family() -> None:
    rows = _rows(made([0.02] * 4, groups=[40, 40, 9, 9]))
    assert rows["Paper"].level == pytest.approx(0.05)


@pytest.mark.parametrize("mean", [-0.06, -0.03, -0.02, 0.0, 0.018, 0.025, 0.04, 0.06])
@pytest.mark.parametrize("controls", [1, 2])
def test_interval_and_verdict_agree(mean: float, controls: int) -> None:
    others = [made([mean + 0.004 * k] * 4) for k in range(controls)]
    for row in _rows(*others).values():
        expected = "helps" if row.low > 0 else "hurts" if row.high < 0 else "no evidence"
        assert row.verdict == expected
        assert row.low < row.mean < row.high


def test_a_second_look_is_made_at_half_the_level() -> None:
    first, second = (_rows(made([0.02] * 4), looks=looks)["mean"] for looks in (1, 2))
    assert (first.level, second.level) == (0.05, 0.025)
    assert second.low < first.low


# --- several controls ---


def test_each_control_has_to_be_beaten() -> None:
    beaten, not_beaten = made([0.1] * 4), made([0.001] * 4)
    assert _rows(beaten)["mean"].verdict == "helps"
    row = _rows(beaten, not_beaten)["mean"]
    assert row.verdict == "no evidence"
    assert row.mean == pytest.approx(0.001)


def test_a_second_control_that_is_beaten_costs_nothing() -> None:
    narrow = made([0.02] * 4)
    one, two = _rows(narrow)["mean"], _rows(narrow, made([0.3] * 4))["mean"]
    assert (one.low, one.p_value) == (two.low, two.p_value)


def test_one_control_that_beats_the_arm_is_enough_to_hurt_at_half_the_level() -> None:
    worse, better = made([-0.1] * 4), made([0.1] * 4)
    row = _rows(better, worse)["mean"]
    assert row.verdict == "hurts"
    assert row.high == pytest.approx(-0.1 + half_width(worse, 0.025)[0])


def test_a_claim_needs_a_control() -> None:
    with pytest.raises(ValueError, match="one control"):
        Claim([])


# --- what would tell ---


def test_the_seeds_needed_are_the_fewest_that_would_do() -> None:
    one = made([0.02], seed_sd=0.02, photo_sd=0.001)
    more = needs(Claim([one]), 0, 0.05).seeds
    assert more is not None

    def margin(seeds: int) -> float:
        planned = made([0.02], seed_sd=0.02, photo_sd=0.001, seeds=seeds)
        return float((half_width(planned, 0.05) + half_width(planned, 0.4))[0])

    assert margin(5 + more) < 0.02 <= margin(5 + more - 1)


def test_where_photos_alone_keep_zero_inside_only_photos_would_tell() -> None:
    one = made([0.02], seed_sd=0.005, photo_sd=0.02)
    assert half_width(made([0.02], seed_sd=0, photo_sd=0.02), 0.05)[0] > 0.02
    found = needs(Claim([one]), 0, 0.05)
    assert found.seeds is None
    assert found.photos is not None
    assert found.photos > 0


def test_where_seeds_alone_keep_zero_inside_only_seeds_would_tell() -> None:
    found = needs(Claim([made([0.02], seed_sd=0.03, photo_sd=0.002)]), 0, 0.05)
    assert found.photos is None
    assert found.seeds is not None


def test_nothing_tells_of_no_difference() -> None:
    found = needs(Claim([made([0.0])]), 0, 0.05)
    assert (found.seeds, found.photos) == (None, None)


def test_of_several_controls_the_hardest_decides() -> None:
    easy, hard = made([0.02], photo_sd=0.001), made([0.013], photo_sd=0.001)
    both = needs(Claim([easy, hard]), 0, 0.025).seeds
    assert both == needs(Claim([hard]), 0, 0.025).seeds


def test_a_later_look_needs_more() -> None:
    row = _rows(made([0.012] * 4, photo_sd=0.001))["mean"]
    one = Claim([made([0.012] * 4, photo_sd=0.001)])
    assert row.needs == needs(one, 0, 0.025) != needs(one, 0, 0.05)


# --- words ---


def test_rows_as_text() -> None:
    rows = _rows(made([0.1, 0.012, 0.3, 0.1], photo_sd=0.001, groups=[40, 40, 4, 0]))
    assert interval(rows["mean"]) == "+10.0 [+8.7, +11.3]"
    assert verdict(rows["mean"]) == "helps"
    said = "no evidence: 5 more seeds would tell; more validation photos would not"
    assert verdict(rows["Paper"]) == said
    assert interval(rows["Battery"]) == "+30.0"
    said = "too few photos: on 4 groups; about 300 more validation photos are needed"
    assert verdict(rows["Battery"]) == said
    assert (interval(rows["Glass"]), verdict(rows["Glass"])) == (
        "–",
        "too few photos: none in validation",
    )


def test_an_end_near_zero_is_not_rounded_onto_it() -> None:
    low = Row("a", "mean", "helps", 0.01, 0.0001, 0.02, 0.05, 0.04, 40, None)
    assert interval(low) == "+1.0 [+0.01, +2.0]"


# --- what is refused ---


def test_what_does_not_fit_is_refused() -> None:
    one = made([0.1] * 4)
    with pytest.raises(ValueError, match="not as many"):
        judge([one], NAMES[:2])
    with pytest.raises(ValueError, match="among them"):
        judge([one], NAMES, patch=["Bottle"])
    with pytest.raises(ValueError, match="look"):
        judge([one], NAMES, looks=0)
    with pytest.raises(ValueError, match="same groups"):
        judge([one, made([0.1] * 4, groups=41)], NAMES)


def test_all_is_finite_where_there_are_true_pixels() -> None:
    for row in _rows(made([0.0] * 4, seed_sd=0, photo_sd=0)).values():
        assert np.isfinite([row.mean, row.low, row.high, row.p_value]).all()
        assert row.verdict == "no evidence"
