"""Paired differences, and what they refuse."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
from comparison.stub_trainer import CLASSES, Stub, draw_set
from conftest import ROOT

from trashdata.comparison import Difference, difference
from trashdata.comparison.differences import Difference as Same
from trashdata.comparison.unequal_groups import degrees_of_freedom, widen


def _set(seeds: int = 3) -> tuple[np.ndarray, np.ndarray]:
    drawn = draw_set(Stub(seeds=seeds), np.zeros((2, CLASSES)), np.random.default_rng(0))
    return drawn.counts, drawn.groups


def test_differences_by_seed_are_of_summed_counts() -> None:
    counts, groups = _set()
    found = difference(*counts, groups, draws=20)
    sums = counts.sum(axis=2)
    iou = sums[..., 0] / (sums[..., 1] + sums[..., 2] - sums[..., 0])
    expected = iou[0] - iou[1]
    assert found.by_seed[:, 1:] == pytest.approx(expected)
    assert found.by_seed[:, 0] == pytest.approx(expected.mean(axis=1))
    assert found.seed_variance[1:] == pytest.approx(expected.var(axis=0, ddof=1) / 3)
    assert (found.seeds, found.photos) == (3, len(groups))


def test_swapping_the_arms_turns_the_sign_and_nothing_else() -> None:
    counts, groups = _set()
    one, other = difference(*counts, groups, draws=50), difference(*counts[::-1], groups, draws=50)
    assert np.array_equal(one.by_seed, -other.by_seed)
    assert one.photo_variance == pytest.approx(other.photo_variance)


def test_the_same_inputs_give_the_same_bytes_and_are_not_changed() -> None:
    counts, groups = _set()
    before = counts.copy()
    one, other = difference(*counts, groups, draws=50), difference(*counts, groups, draws=50)
    assert one.photo_variance.tobytes() == other.photo_variance.tobytes()
    assert np.array_equal(counts, before)


def test_equal_arms_differ_by_nothing() -> None:
    counts, groups = _set()
    found = difference(counts[0], counts[0], groups, draws=50)
    assert not found.mean.any()
    assert not found.seed_variance.any()
    assert not found.photo_variance.any()


def test_degrees_of_freedom_count_groups_with_the_class_in_their_folds() -> None:
    groups = np.zeros((1, 9, 3, 3), dtype=np.int64)
    groups[0, :6, 0, 2] = 100  # alike, on six groups of two folds
    groups[0, :6, 1, 2] = [700, 100, 100, 100, 0, 0]
    strata = np.repeat([0, 1, 2], 3)
    effective = 1 / (0.49 + 3 * 0.01)
    expected = [6 - 2, 6 - 2, (4 - 2) * effective / 4, 1]
    expected[2] = max(expected[2], 1)
    assert degrees_of_freedom(groups, strata) == pytest.approx(expected)


def test_unequal_groups_widen_and_equal_ones_do_not() -> None:
    groups = np.zeros((1, 5, 2, 3), dtype=np.int64)
    groups[0, :, 0, 2] = 100  # all equal
    groups[0, :, 1, 2] = [900, 25, 25, 25, 25]
    wide = widen(np.array([1.0, 1.0, 1.0]), groups, np.zeros(5, dtype=np.int64))
    factor = 0.8 / (1 - 0.81 - 4 * 0.025**2)
    assert wide == pytest.approx([(1 + factor) / 2, 1, factor])


def test_a_class_on_one_group_is_not_widened() -> None:
    groups = np.zeros((1, 5, 1, 3), dtype=np.int64)
    groups[0, 0, 0, 2] = 7
    assert widen(np.zeros(2), groups, np.zeros(5, dtype=np.int64)).tolist() == [0, 0]


Spoil = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], tuple[object, ...]]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda a, b, g, f: (a[:1], b[:1], g, f), "one seed"),
        (lambda a, b, g, f: (a[:, 1:], b, g, f), "alike"),
        (lambda a, b, g, f: (a, b, g[1:], f), "groups"),
        (lambda a, b, g, f: (a, b, g, f + np.arange(len(g)) % 2), "two folds"),
        (lambda a, b, g, f: (a, b, g + 1, f), "without gaps"),
        (lambda a, b, g, f: (a, b + np.array([0, 1, 1]), g, f), "same true pixels"),
        (lambda a, b, g, f: (0 * a, 0 * b, g, f), "true pixel of any class"),
    ],
)
def test_what_does_not_fit_is_refused(spoil: Spoil, said: str) -> None:
    counts, groups = _set()
    spoiled = spoil(*counts, groups, np.zeros_like(groups))
    with pytest.raises(ValueError, match=said):
        difference(*spoiled, draws=2)  # type: ignore[arg-type]


def test_the_package_loads_no_torch_and_no_spoke() -> None:
    code = "import sys, trashdata.comparison as c\n"
    # Regions are found by OpenCV.
    code += "names = set(c.__all__) - {'RegionScorer', 'average_precision'}\n"
    code += "[getattr(c, name) for name in names]\n"
    code += "print([n for n in sys.modules if n.startswith(('torch', 'cv2', 'trashdata.train', "
    code += "'trashdata.copy_paste', 'trashdata.splitting', 'trashdata.pseudo_label'))])"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
    assert Difference is Same
