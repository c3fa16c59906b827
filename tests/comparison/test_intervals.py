"""Intervals and p-values, and Holm's test."""

from __future__ import annotations

import numpy as np
import pytest
from comparison.made import made
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t as student
from scipy.stats import ttest_1samp

from trashdata.comparison import interval
from trashdata.comparison.holm import holm
from trashdata.comparison.intervals import half_width, upper_tail


def test_without_noise_of_photos_it_is_the_t_test_over_seeds() -> None:
    one = made([0.013], photo_sd=0)
    test = ttest_1samp(one.by_seed[:, 0], 0)
    expected = test.confidence_interval(0.95)
    assert interval(one)[0] == pytest.approx([expected.low, expected.high])
    assert 2 * upper_tail(one)[0] == pytest.approx(test.pvalue, rel=1e-6)


def test_without_noise_of_seeds_it_is_the_t_interval_over_groups() -> None:
    half = half_width(made([0.0], seed_sd=0, photo_sd=0.02, groups=16), 0.1)[0]
    assert half == pytest.approx(student.ppf(0.95, 15) * 0.02)


def test_both_parts_add_in_squares() -> None:
    both = half_width(made([0.0]), 0.05)[0]
    parts = half_width(made([0.0], photo_sd=0), 0.05), half_width(made([0.0], seed_sd=0), 0.05)
    assert both == pytest.approx(np.hypot(*parts)[0])


@given(
    mean=st.floats(-0.1, 0.1),
    seed_sd=st.floats(0.001, 0.1),
    photo_sd=st.floats(0, 0.1),
    seeds=st.integers(2, 12),
)
def test_p_is_the_level_at_which_the_interval_touches_zero(
    mean: float, seed_sd: float, photo_sd: float, seeds: int
) -> None:
    one = made([mean], seed_sd=seed_sd, photo_sd=photo_sd, seeds=seeds)
    tail = float(upper_tail(one)[0])
    tail = min(tail, 1 - tail)
    if 1e-9 < tail < 0.499:
        assert half_width(one, 2 * tail)[0] == pytest.approx(abs(one.mean[0]), rel=1e-6)


def test_turned_around_the_tails_change_places() -> None:
    assert upper_tail(made([-0.013])) == pytest.approx(1 - upper_tail(made([0.013])))


def test_no_spread_at_all() -> None:
    sure = upper_tail(made([0.01, 0.0, -0.01], seed_sd=0, photo_sd=0))
    assert sure == pytest.approx([0, 0.5, 1], abs=1e-12)


def test_a_class_without_true_pixels_has_no_interval() -> None:
    one = made([0.1, 0.1], groups=[10, 0])
    assert np.isnan(interval(one)).tolist() == [[False, False], [True, True]]
    assert np.isnan(upper_tail(one)).tolist() == [False, True]


def test_holm_on_an_example() -> None:
    rejected, levels = holm(np.array([0.01, 0.04, 0.03, 0.005]), 0.05)
    assert rejected.tolist() == [True, False, False, True]
    assert levels == pytest.approx([0.05 / 3, 0.025, 0.025, 0.0125])


def test_holm_of_nothing() -> None:
    rejected, levels = holm(np.array([]), 0.05)
    assert (len(rejected), len(levels)) == (0, 0)


@given(st.lists(st.floats(0, 0.1), min_size=1, max_size=12))
def test_holm_agrees_with_its_levels_and_its_definition(values: list[float]) -> None:
    p_values = np.array(values)
    rejected, levels = holm(p_values, 0.05)
    assert (rejected == (p_values <= levels)).all()
    still = list(range(len(values)))
    while still:
        best = min(still, key=lambda index: p_values[index])
        if p_values[best] > 0.05 / len(still):
            break
        still.remove(best)
    assert sorted(np.flatnonzero(~rejected).tolist()) == sorted(still)
