"""Which photos a run draws: passes, classes, shares, the finale."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from trashdata.train.data.class_draws import draw_by_class, iou_chances, rare_class_chances
from trashdata.train.data.dataset import random_window
from trashdata.train.data.draws import Draw
from trashdata.train.data.mixture import Mixture
from trashdata.train.data.passes import Passes
from trashdata.train.data.repeat_factors import repeat_factors
from trashdata.train.reading.samples import Sample, synthetic_share

from trashdata.coco.document import ImageRecord

REAL, SYNTHETIC, PSEUDO = {}, {"synthetic": True}, {"pseudo": True}


def mixture(kinds: list[dict[str, Any]], **options: Any) -> Mixture:
    """Samples of two classes: the second one is on the first two photos only."""
    samples = [Sample(0, ImageRecord(k, f"{k}.jpg", 8, 8), **kind) for k, kind in enumerate(kinds)]
    objects = np.ones((len(kinds), 2), dtype=np.int64)
    objects[2:, 1] = 0
    pixels = np.hstack([np.full((len(kinds), 1), 50), objects * [10, 4]])
    return Mixture(samples, pixels, objects, **options)


def drawn(found: Mixture, epochs: int, length: int, total: int | None = None) -> list[Draw]:
    draws = found.draws(epochs * length if total is None else total)
    return [draw for epoch in range(epochs) for draw in draws.epoch(epoch, length)]


def counts(samples: Any, of: int) -> list[int]:
    return np.bincount(samples, minlength=of).tolist()


# --- passes ---------------------------------------------------------------------------------


def test_a_pass_shows_each_photo_once_in_another_order() -> None:
    passes = Passes(np.arange(10), np.ones(10), [42])
    first, second = passes.take(0, 10), passes.take(10, 20)
    assert sorted(first.tolist()) == sorted(second.tolist()) == list(range(10))
    assert first.tolist() != second.tolist()


@pytest.mark.parametrize("weight", [0.12, 0.5, 1.0, 1.3, 2.5])
def test_a_weight_says_how_often_a_photo_is_seen(weight: float) -> None:
    passes = Passes(np.arange(8), np.array([1.0] * 4 + [weight] * 4), [42])
    seen = counts(passes.take(0, round(100 * passes.length)), 8)
    assert all(99 <= count <= 101 for count in seen[:4])
    assert all(abs(count - 100 * weight) <= 1 for count in seen[4:])


def test_a_weight_that_rounds_to_no_photo_in_a_pass_shows_all_of_them_in_time() -> None:
    passes = Passes(np.arange(4), np.full(4, 0.12), [42])
    assert sorted(passes.take(0, 4).tolist()) == [0, 1, 2, 3]


@pytest.mark.parametrize("length", [1, 3, 7, 20])
def test_the_sequence_does_not_depend_on_where_it_is_cut(length: int) -> None:
    passes = Passes(np.arange(6), np.array([1.0, 1.0, 0.4, 0.4, 0.4, 2.2]), [1, 2])
    whole = passes.take(0, 60).tolist()
    cut = [passes.take(start, start + length).tolist() for start in range(0, 60, length)]
    assert [sample for part in cut for sample in part][:60] == whole


# --- by class -------------------------------------------------------------------------------


def test_rare_classes_are_drawn_more_often_and_the_background_never() -> None:
    chances = rare_class_chances(np.array([900, 80, 20, 0]))
    assert chances[0] == chances[3] == 0
    # exp((1 - f) / T) at T = 0.1: the shares differ by 0.06.
    assert chances[2] / chances[1] == pytest.approx(np.exp(0.6))
    assert chances.sum() == pytest.approx(1)


def test_classes_that_validation_missed_are_drawn_more_often() -> None:
    chances = iou_chances([0.99, 0.9, 0.1, 1.0, None], np.array([9, 9, 9, 9, 0]))
    assert chances[[0, 4]].tolist() == [0, 0]
    assert chances[2] / chances[1] == pytest.approx(9)
    # A class that is never missed is not forgotten.
    assert chances[3] / chances[1] == pytest.approx(0.5)


def test_photos_of_a_class_are_used_equally_often() -> None:
    holds = np.array([[1, 1, 0], [1, 0, 1], [1, 0, 1], [1, 0, 1]], dtype=np.bool_)
    rng = np.random.default_rng(3)
    photos, classes = draw_by_class(np.array([0, 0.25, 0.75]), holds, 4000, rng)
    assert all(holds[photos, classes])
    assert 2850 < (classes == 2).sum() < 3150
    seen = counts(photos[classes == 2], 4)[1:]
    assert max(seen) - min(seen) <= 1


def test_repeat_factors_by_photos_and_by_objects() -> None:
    # Class 1 on all of four photos, 4 of 12 objects; class 2 on one photo, 8 of 12 objects.
    objects = np.array([[1, 0], [1, 0], [1, 0], [1, 8]])
    first, second = np.sqrt(1 * 4 / 12), np.sqrt(8 / 12 / 4)
    factors, classes = repeat_factors(objects)
    assert factors.tolist() == pytest.approx([1, 1, 1, np.sqrt((first + second) / 2 / second)])
    assert classes.tolist() == [0, 0, 0, 2]
    assert repeat_factors(np.zeros((2, 3), dtype=np.int64))[0].tolist() == [1, 1]


def test_samplers_bring_photos_of_rare_classes_more_often() -> None:
    shown = {}
    for sampler in ("even", "repeat-factor", "rare"):
        draws = drawn(mixture([REAL] * 8, sampler=sampler), 5, 80)
        assert len(draws) == 400
        shown[sampler] = sum(draw.sample < 2 for draw in draws) / 400
    assert shown["even"] == pytest.approx(0.25)
    assert shown["even"] + 0.04 < shown["repeat-factor"] < shown["rare"]


def test_the_iou_sampler_takes_photos_in_turn_until_there_is_a_validation() -> None:
    draws = mixture([REAL] * 8, sampler="iou").draws(160)
    assert counts([draw.sample for draw in draws.epoch(0, 80)], 8) == [10] * 8
    missed = draws.epoch(1, 80, [0.9, 1.0, 0.0])
    assert sum(draw.around == 2 for draw in missed) > 60
    assert missed == draws.epoch(1, 80, [0.9, 1.0, 0.0])


def test_a_window_holds_the_class_that_its_photo_was_drawn_for() -> None:
    labels = np.zeros((100, 150), np.uint8)
    labels[97:, 3] = 2
    photo = np.zeros((100, 150, 3), np.uint8)
    rng = np.random.default_rng(4)
    windows = [random_window(photo, labels, 32, rng, around=2)[1] for _ in range(50)]
    assert all(window.shape == (32, 32) and (window == 2).any() for window in windows)
    elsewhere = [random_window(photo, labels, 32, rng)[1] for _ in range(50)]
    assert not all((window == 2).any() for window in elsewhere)
    assert random_window(photo, labels, 32, rng, around=7)[1].shape == (32, 32)


# --- shares ---------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [5, 8, 33])
def test_shares_hold_over_a_run_whatever_its_epochs(length: int) -> None:
    kinds = [REAL] * 6 + [SYNTHETIC] * 30
    draws = drawn(mixture(kinds, paste=0.25, synthetic_share=0.3), 20, length)
    total = 20 * length
    assert [draw.number for draw in draws] == list(range(total))
    pasted = [draw for draw in draws if draw.pasted]
    made = [draw for draw in draws if not draw.pasted and draw.sample >= 6]
    assert len(pasted) == pytest.approx(0.25 * total, abs=1)
    assert len(made) == pytest.approx(0.3 * total, abs=1)
    # Each photo with pastes is made once.
    assert sorted(draw.sample for draw in pasted) == list(range(len(pasted)))
    seen = counts([draw.sample for draw in draws if not draw.pasted], 36)
    assert max(seen[:6]) - min(seen[:6]) <= 1
    assert max(seen[6:]) - min(seen[6:]) <= 1


def test_shares_that_leave_nothing_for_real_photos() -> None:
    draws = drawn(mixture([SYNTHETIC] * 4, paste=0.5, synthetic_share=0.5), 3, 7)
    assert len(draws) == 21
    assert sum(draw.pasted for draw in draws) == 10
    assert all(draw.pasted for draw in drawn(mixture([REAL] * 4, paste=1.0), 2, 9))
    # 0.9 and 0.1 of nine tenths and so on are a little less than 1 together.
    odd = mixture([SYNTHETIC] * 3, paste=0.7).draws(10**12)
    assert sum(draw.pasted for draw in odd.epoch(10**9, 100)) == pytest.approx(70, abs=1)


def test_without_a_share_the_files_make_it() -> None:
    kinds = [REAL] * 10 + [SYNTHETIC] * 30
    plain = mixture(kinds)
    assert plain.pass_draws == 40
    assert counts([draw.sample for draw in drawn(plain, 1, 40)], 40) == [1] * 40
    by_class = mixture(kinds, sampler="rare")
    assert by_class.pass_draws == 10
    assert synthetic_share(by_class.samples, paste=0.2) == pytest.approx(0.6)
    made = sum(draw.sample >= 10 for draw in drawn(by_class, 4, 40))
    assert made == 120


def test_a_pass_is_as_long_as_there_are_real_photos() -> None:
    kinds = [REAL] * 10 + [SYNTHETIC] * 30
    for options in ({"by_steps": True}, {"paste": 0.5}, {"synthetic_share": 0.5}):
        assert mixture(kinds, **options).pass_draws == 10
    assert mixture([SYNTHETIC] * 3, by_steps=True).pass_draws == 3
    # A finale alone changes nothing of how often photos are seen before it.
    assert mixture(kinds, finale=0.5).pass_draws == 40
    lone = [Sample(0, ImageRecord(k, f"{k}.jpg", 8, 8), weight=0.12) for k in range(4)]
    nothing = np.zeros((4, 2), dtype=np.int64)
    assert Mixture(lone, nothing, nothing).pass_draws == 1


def test_the_finale_shows_real_photos_with_labels_by_people_alone() -> None:
    kinds = [REAL] * 5 + [PSEUDO] * 5 + [SYNTHETIC] * 10
    found = mixture(kinds, paste=0.5, synthetic_share=0.2, finale=0.25)
    draws = drawn(found, 10, 16)
    main, finale = draws[:120], draws[120:]
    assert all(draw.sample < 5 and not draw.pasted for draw in finale)
    assert counts([draw.sample for draw in finale], 5) == [8] * 5
    assert sum(draw.pasted for draw in main) == 60
    assert any(5 <= draw.sample < 10 for draw in main)
    # The border may be within an epoch, and between two of them.
    for length in (8, 20, 40):
        late = [draw for draw in drawn(found, 40 // length, length, total=40) if draw.number >= 30]
        assert len(late) == 10
        assert all(draw.sample < 5 and not draw.pasted for draw in late)
