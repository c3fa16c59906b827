"""Confusion matrices and scores, against scikit-learn and against loops."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import jaccard_score

from trashdata.inference.confusion import channel_names, confusion, scores


def maps(seed: int, classes: list[int], shape: tuple[int, int] = (60, 70)) -> NDArray[np.uint8]:
    rng = np.random.default_rng(seed)
    return rng.choice(classes, shape).astype(np.uint8)


def slow_confusion(
    truth: NDArray[np.uint8], prediction: NDArray[np.uint8], channels: int
) -> NDArray[np.int64]:
    matrix = np.zeros((channels, channels), dtype=np.int64)
    for true, found in zip(truth.ravel().tolist(), prediction.ravel().tolist(), strict=True):
        if true != 255:
            matrix[true, 0 if found == 255 else found] += 1
    return matrix


@pytest.mark.parametrize("seed", range(5))
def test_scores_are_those_of_scikit_learn(seed: int) -> None:
    # Class 2 is absent from both, 4 from the truth, 5 from the prediction; some are ignored.
    truth = maps(seed, [0, 0, 1, 3, 5, 6, 255])
    prediction = np.where(maps(seed + 50, [0, 1]) == 0, truth, maps(seed + 100, [0, 1, 3, 4, 6]))
    prediction[(prediction == 5) | (prediction == 255)] = 0
    matrix = confusion(truth, prediction, 7)
    assert np.array_equal(matrix, slow_confusion(truth, prediction, 7))
    counted = truth != 255
    expected = jaccard_score(
        truth[counted], prediction[counted], labels=[0, 1, 3, 4, 5, 6], average=None
    )
    found = scores(matrix, [str(k) for k in range(7)])
    assert found.iou["2"] is None
    present = [value for value in found.iou.values() if value is not None]
    assert np.allclose(present, expected, rtol=0, atol=1e-9)
    assert found.miou == pytest.approx(expected.mean(), abs=1e-9)
    assert found.miou_foreground == pytest.approx(expected[1:].mean(), abs=1e-9)
    accuracy = (truth[counted] == prediction[counted]).mean()
    assert found.pixel_accuracy == pytest.approx(accuracy, abs=1e-12)
    weighted = jaccard_score(truth[counted], prediction[counted], average="weighted")
    assert found.frequency_weighted_iou == pytest.approx(weighted, abs=1e-9)


def test_ignored_pixels_do_not_count_whatever_is_predicted_there() -> None:
    truth = maps(1, [0, 1, 2, 255])
    prediction = maps(2, [0, 1, 2])
    before = confusion(truth, prediction, 3)
    changed = np.where(truth == 255, maps(3, [0, 1, 2, 255]), prediction)
    assert np.array_equal(confusion(truth, changed, 3), before)
    assert before.sum() == (truth != 255).sum()


def test_a_pixel_predicted_as_ignore_is_background() -> None:
    truth, prediction = np.uint8([1, 0, 255]), np.uint8([255, 255, 255])
    assert confusion(truth, prediction, 2).tolist() == [[1, 0], [1, 0]]


def test_matrices_add_up() -> None:
    truth, prediction = maps(4, [0, 1, 2, 255]), maps(5, [0, 1, 2])
    parts = [confusion(truth[k::3], prediction[k::3], 3) for k in range(3)]
    assert np.array_equal(sum(parts), confusion(truth, prediction, 3))


@pytest.mark.parametrize(("truth", "prediction"), [([3], [0]), ([0], [3])])
def test_a_class_without_channel_is_refused(truth: list[int], prediction: list[int]) -> None:
    with pytest.raises(ValueError, match="not under 3"):
        confusion(np.uint8(truth), np.uint8(prediction), 3)


def test_shapes_must_fit() -> None:
    with pytest.raises(ValueError, match="don't fit"):
        confusion(np.zeros((2, 3), np.uint8), np.zeros((3, 2), np.uint8), 2)


def test_nothing_to_count() -> None:
    found = scores(np.zeros((2, 2), dtype=np.int64), ["background", "Paper"])
    assert found.iou == {"background": None, "Paper": None}
    figures = (found.miou, found.miou_foreground, found.pixel_accuracy)
    assert all(math.isnan(figure) for figure in figures)


def test_a_class_called_background_keeps_its_name() -> None:
    assert channel_names(["background", "Paper"]) == ["background_", "background", "Paper"]
