"""The pure parts of pseudo-labelling: thresholds, agreement, regions, predictions on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from trashdata.pseudo_label.labels.regions import sure_regions
from trashdata.pseudo_label.predicting.agreement import (
    kept_photos,
    map_agreement,
    surest_first,
    unanimous,
)
from trashdata.pseudo_label.predicting.confidence import (
    STEPS,
    confidence_histogram,
    to_steps,
    top_class,
)
from trashdata.pseudo_label.predicting.ensemble import combine
from trashdata.pseudo_label.predicting.stored_prediction import (
    StoredPrediction,
    read_prediction,
    write_prediction,
)
from trashdata.pseudo_label.predicting.thresholds import (
    NEVER,
    balanced_thresholds,
    choose_labels,
    equal_thresholds,
    kept_pixels,
)

from trashdata.mask_codec.trace import trace

Probabilities = NDArray[np.float32]


def random_photo(rng: np.random.Generator, channels: int, side: int = 40) -> Probabilities:
    """Softmax of blurred noise, some of it nearly certain; the last class is never likely."""
    logits = rng.normal(0, rng.uniform(0.5, 6), (channels, side, side))
    logits[0] += 1.5
    logits[-1] -= 40
    powers = np.exp(logits - logits.max(axis=0))
    return (powers / powers.sum(axis=0)).astype(np.float32)


@pytest.mark.parametrize("portion", [0.05, 0.2, 0.5, 0.8, 1.0])
def test_balanced_thresholds_equal_those_of_sorted_confidences(portion: float) -> None:
    rng = np.random.default_rng(7)
    channels = 5
    photos = [random_photo(rng, channels) for _ in range(12)]
    histogram = np.zeros((channels, STEPS + 1), dtype=np.int64)
    for photo in photos:
        histogram += confidence_histogram(*top_class(to_steps(photo)), channels)
    found = balanced_thresholds(histogram, portion)

    flat = np.concatenate([photo.reshape(channels, -1) for photo in photos], axis=1)
    predicted, confidence = flat.argmax(axis=0), flat.max(axis=0)
    for index in range(channels - 1):
        own = np.sort(confidence[predicted == index])[::-1]
        reference = own[max(1, int(np.ceil(len(own) * portion))) - 1]
        assert abs(found[index] / STEPS - reference) <= 1 / STEPS
        # And it keeps at least the share that was asked for.
        assert (own >= found[index] / STEPS).mean() >= portion - 1e-9
    assert found[-1] == NEVER


def test_kept_pixels_counts_what_reaches_the_threshold() -> None:
    histogram = np.zeros((3, STEPS + 1), dtype=np.int64)
    histogram[0, [4000, 9000, STEPS]] = 5, 3, 1
    histogram[1, 8999] = 4
    thresholds = np.array([9000, 9000, NEVER])
    assert kept_pixels(histogram, thresholds).tolist() == [4, 0, 0]


def test_equal_thresholds_give_the_most_probable_class() -> None:
    steps = to_steps(random_photo(np.random.default_rng(1), 6))
    labels, confidence = top_class(steps)
    chosen = choose_labels(steps, equal_thresholds(0.6, 6))
    assert 0 < (chosen == 255).sum() < chosen.size
    assert np.array_equal(chosen, np.where(confidence >= 6000, labels, 255))


def test_choice_maximises_probability_over_threshold() -> None:
    rng = np.random.default_rng(2)
    steps = to_steps(random_photo(rng, 4))
    thresholds = np.array([9000, 4500, 6000, NEVER])
    chosen = choose_labels(steps, thresholds)
    ratios = steps / thresholds[:, None, None]
    expected = np.where(ratios.max(axis=0) >= 1, ratios.argmax(axis=0), 255)
    assert np.array_equal(chosen, expected)
    assert (chosen != np.where(chosen == 255, 255, top_class(steps)[0])).any()


def test_threshold_zero_keeps_every_pixel() -> None:
    steps = to_steps(random_photo(np.random.default_rng(3), 4))
    assert (choose_labels(steps, equal_thresholds(0.0, 4)) != 255).all()


def test_histogram_leaves_out_pixels_without_any_class() -> None:
    steps = to_steps(random_photo(np.random.default_rng(3), 3, side=8))
    steps[:, :, 4:] = 0
    assert confidence_histogram(*top_class(steps), 3).sum() == 32


def test_combining_equals_a_mean_over_everything() -> None:
    rng = np.random.default_rng(4)
    views = [(model, random_photo(rng, 4)) for model in (0, 0, 1, 1, 2, 2)]
    weights = (0.5, 0.3, 0.2)
    # In two strips of unequal height.
    strips = [[(m, p[:, rows]) for m, p in views] for rows in (slice(0, 25), slice(25, None))]
    ensemble = combine(strips, weights)
    whole = combine(
        strips, weights, refine=lambda probabilities: np.flip(probabilities, axis=1).copy()
    )
    assert np.array_equal(whole.steps, ensemble.steps[:, ::-1])
    own = [np.mean([p for m, p in views if m == model], axis=0) for model in range(3)]
    mean = sum(w * p for w, p in zip(weights, own, strict=True))
    expected_steps = np.where(mean < 0.25, 0, mean * STEPS)
    assert np.abs(ensemble.steps - expected_steps).max() <= 1.01
    maps = np.array([p.argmax(axis=0) for _, p in views])
    assert np.array_equal(ensemble.agreed, (maps == maps[0]).all(axis=0))
    expected = np.mean([_mean_iou(p.argmax(axis=0), np.argmax(mean, axis=0)) for p in own])
    assert ensemble.agreement == pytest.approx(expected)


def _mean_iou(one: NDArray[np.int64], other: NDArray[np.int64]) -> float:
    classes = np.union1d(one, other)
    both = [((one == c) & (other == c)).sum() / ((one == c) | (other == c)).sum() for c in classes]
    return float(np.mean(both))


def test_a_single_view_has_no_agreement_and_one_models_views_have_one() -> None:
    rng = np.random.default_rng(5)
    photo = random_photo(rng, 3)
    alone = combine([[(0, photo)]], (1.0,))
    assert alone.agreement is None
    assert alone.agreed.all()
    assert np.array_equal(alone.steps, to_steps(photo))
    twice = combine([[(0, photo), (0, photo)]], (1.0,))
    assert twice.agreement == 1.0


def test_agreement_and_ranking() -> None:
    same = np.zeros((4, 4), dtype=np.uint8)
    other = same.copy()
    other[0] = 1
    assert map_agreement([same, same], same, 2) == 1.0
    assert map_agreement([other], same, 2) == pytest.approx(0.75 / 2)
    assert unanimous([same, other]).sum() == 12
    scores = [0.3, 0.9, 0.9, 0.1]
    assert surest_first(scores, 1)[2:] == [0, 3]
    firsts = {surest_first(scores, seed)[0] for seed in range(20)}
    assert firsts == {1, 2}
    assert sum(kept_photos([1.0] * 7, fraction=0.5, seed=3)) == 4
    assert kept_photos(scores) == [True] * 4


def test_predictions_come_back_from_disk(tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    steps = to_steps(random_photo(rng, 5, side=13))
    agreed = rng.random((13, 13)) > 0.5
    path = tmp_path / "one"
    write_prediction(path, StoredPrediction.of(steps, agreed))
    again = read_prediction(path)
    assert np.array_equal(again.confidences(), steps)
    assert np.array_equal(again.agreement(), agreed)


def test_small_regions_are_unsure_and_scores_are_means() -> None:
    labels = np.zeros((12, 12), dtype=np.uint8)
    labels[1:4, 1:4] = 1  # nine pixels, and a tenth by the corner
    labels[4, 4] = 1
    labels[8, 8] = 1
    labels[6:9, 0:3] = 2
    labels[11, 5:] = 255
    before = labels.copy()
    steps = np.zeros((3, 12, 12), dtype=np.uint16)
    steps[1] = 8000
    steps[1, 4, 4] = 9000
    steps[2] = np.arange(144).reshape(12, 12)
    left, regions = sure_regions(labels, 9, steps)
    assert np.array_equal(labels, before)
    assert left[8, 8] == 255
    assert (left != labels).sum() == 1
    assert [(r.class_index, r.region.area, r.score) for r in regions] == [
        (1, 10, 0.81),
        (2, 9, round(float(steps[2, 6:9, 0:3].mean()) / STEPS, 4)),
    ]
    expected = trace((left == 1).view(np.uint8))
    assert [p.tolist() for p in regions[0].region.polygons] == [p.tolist() for p in expected]
    assert sure_regions(labels, 0)[1][1].score is None
