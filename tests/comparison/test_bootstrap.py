"""The variance that comes from the choice of photos."""

from __future__ import annotations

import numpy as np
import pytest

from trashdata.comparison import bootstrap
from trashdata.comparison.bootstrap import draw_weights, merged_strata, photo_variance
from trashdata.comparison.pixel_counts import Counts, iou, with_mean


def _arms(seeds: int = 3, groups: int = 30, classes: int = 4) -> tuple[Counts, Counts]:
    rng = np.random.default_rng(0)
    true = rng.integers(100, 5000, (groups, classes)) * (rng.random((groups, classes)) < 0.7)

    def arm(found: float) -> Counts:
        shares = found + 0.2 * rng.random((seeds, groups, classes))
        hits = (true * shares).astype(np.int64)
        full = np.broadcast_to(true, hits.shape)
        return np.stack([hits, hits + rng.integers(0, 900, hits.shape), full], axis=-1)

    return arm(0.4), arm(0.5)


def _slow(arm: Counts, control: Counts, strata: np.ndarray, draws: int, seed: int) -> np.ndarray:
    """The same, a draw, a seed and a group at a time."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        sums = np.zeros((2, len(arm), *arm.shape[2:]))
        for fold in np.unique(strata):
            members = np.flatnonzero(strata == fold)
            for index in rng.integers(len(members), size=len(members) - 1):
                part = np.stack([arm, control])[:, :, members[index]]
                sums += part * len(members) / (len(members) - 1)
        scores = with_mean((iou(sums[0]) - iou(sums[1])).mean(axis=0))
        found.append(scores)
    return np.var(found, axis=0, ddof=1)


def test_it_is_the_slow_bootstrap() -> None:
    arm, control = _arms()
    one = np.zeros(30, dtype=np.int64)
    found = photo_variance(arm, control, one, draws=40, seed=3)
    assert found == pytest.approx(_slow(arm, control, one, 40, 3), rel=1e-9)


def test_folds_are_drawn_apart() -> None:
    arm, control = _arms()
    strata = np.repeat([0, 1, 2], 10)
    fast = photo_variance(arm, control, strata, draws=20000, seed=0)
    slow = _slow(arm, control, strata, 2000, 1)
    assert fast == pytest.approx(slow, rel=0.15)


def test_blocks_of_draws_change_no_byte_but_rounding(monkeypatch: pytest.MonkeyPatch) -> None:
    """The random numbers of a stratum come in one stream, whatever the memory."""
    arm, control = _arms()
    one = np.zeros(30, dtype=np.int64)
    whole = photo_variance(arm, control, one, draws=100, seed=3)
    monkeypatch.setattr(bootstrap, "_NUMBERS_AT_ONCE", 1)
    assert photo_variance(arm, control, one, draws=100, seed=3) == pytest.approx(whole, rel=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("size", [3, 10])
def test_the_variance_of_a_mean_is_unbiased_also_for_few_groups(size: int) -> None:
    """IoU is the mean of the hits where all is predicted: (Σ hits) / (Σ true)."""
    rng = np.random.default_rng(1)
    ratios = []
    for seed in range(200):
        hits = rng.integers(0, 1000, (1, size, 1))
        full = np.full_like(hits, 1000)
        arm = np.stack([hits, hits, full], axis=-1)
        nothing = np.stack([0 * hits, 0 * hits, full], axis=-1)
        strata = np.zeros(size, dtype=np.int64)
        variance = photo_variance(arm, nothing, strata, draws=300, seed=seed)[1]
        ratios.append(variance / (1000**2 / 12 / size / 1000**2))
    assert np.mean(ratios) == pytest.approx(1, abs=0.1)


def test_weights_are_draws_of_one_group_less() -> None:
    weights = draw_weights(5, 1000, np.random.default_rng(0))
    assert (weights.sum(axis=1) == 4).all()
    assert weights.mean(axis=0) == pytest.approx(np.full(5, 0.8), abs=0.1)
    assert draw_weights(1, 2, np.random.default_rng(0)).tolist() == [[1], [1]]


def test_a_fold_of_one_group_is_drawn_with_another() -> None:
    assert merged_strata(np.array([0, 1, 1, 2])).tolist() == [2, 1, 1, 2]
    assert merged_strata(np.array([5])).tolist() == [5]


def test_a_class_without_true_pixels_has_no_variance() -> None:
    arm, control = _arms()
    for one in (arm, control):
        one[:, :, 1, 2] = one[:, :, 1, 0] = 0
    found = photo_variance(arm, control, np.zeros(30, dtype=np.int64), draws=10, seed=0)
    assert np.isnan(found).tolist() == [False, False, True, False, False]
