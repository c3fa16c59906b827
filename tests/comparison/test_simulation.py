"""Verdicts on simulated sets: seldom wrong, and true differences are found."""

from __future__ import annotations

import pytest
from comparison.simulation import (
    A_DIFFERENCE,
    NO_DIFFERENCE,
    error_rates,
    power,
    with_true_difference,
)

# What is allowed of 5 %: three standard errors of 2,000 sets more.
ALLOWED = 0.065


def test_few_verdicts_are_wrong_where_nothing_differs() -> None:
    """A quick form of the slow test, with the standard error of its 200 sets."""
    rates = error_rates(NO_DIFFERENCE["five seeds"], 200)
    assert max(rates.errors.values()) <= 0.05 + 3 * (0.05 * 0.95 / 200) ** 0.5
    assert min(rates.covered.values()) >= 0.95 - 0.03


@pytest.mark.slow
def test_a_clear_difference_is_mostly_found() -> None:
    setting = with_true_difference(*A_DIFFERENCE["mean, 5 seeds"], deviations=4)
    assert power(setting, "mean", 30).found >= 0.9


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        *("five seeds", "three seeds", "the same, three folds"),
        *("two controls, one much worse", "looks at 5 and 8 seeds"),
    ],
)
def test_each_family_has_a_false_verdict_on_few_sets(name: str) -> None:
    rates = error_rates(NO_DIFFERENCE[name], 2000)
    assert max(rates.errors.values()) <= ALLOWED, rates
    assert min(rates.covered.values()) >= 1 - ALLOWED, rates


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mean, 5 seeds", "patch class, 8 seeds"])
def test_a_difference_of_two_standard_deviations_is_found(name: str) -> None:
    """Of the paired differences between seeds; a patch class is one of three, by Holm."""
    stub, row = A_DIFFERENCE[name]
    found = power(with_true_difference(stub, row), row, 1000)
    assert found.found >= 0.8, found
    assert found.covered >= 1 - ALLOWED, found
