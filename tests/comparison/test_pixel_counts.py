"""Counts that are enough for the IoU."""

from __future__ import annotations

import numpy as np
import pytest

from trashdata.comparison import counts, iou, stack_folds
from trashdata.comparison.pixel_counts import with_mean
from trashdata.inference.confusion import confusion, scores


def test_iou_from_sums_is_that_of_the_summed_confusion_matrix() -> None:
    rng = np.random.default_rng(0)
    maps = rng.integers(0, 4, (2, 6, 8, 8), dtype=np.uint8)
    matrices = np.array([confusion(true, said, 4) for true, said in zip(*maps, strict=True)])
    named = scores(matrices.sum(axis=0), ["background", "a", "b", "c"])
    assert iou(counts(matrices).sum(axis=0)) == pytest.approx(list(named.iou.values()))
    assert with_mean(iou(counts(matrices).sum(axis=0)))[0] == pytest.approx(named.miou)


def test_a_false_positive_of_an_absent_class_is_no_part_of_the_mean() -> None:
    matrix = np.array([[8, 0, 2], [0, 5, 5], [0, 0, 0]])  # no true pixel of the last
    assert with_mean(iou(counts(matrix))).tolist()[:3] == pytest.approx([0.65, 0.8, 0.5])
    assert np.isnan(iou(counts(matrix))[2])


def test_no_class_at_all_has_no_mean() -> None:
    assert np.isnan(with_mean(iou(np.zeros((2, 3), dtype=np.int64)))).all()


def test_folds_are_put_in_a_row() -> None:
    folds = [np.full((5, size, 2, 3), size, dtype=np.int64) for size in (3, 1)]
    stacked, number = stack_folds(folds)
    assert stacked.shape == (5, 4, 2, 3)
    assert stacked[0, :, 0, 0].tolist() == [3, 3, 3, 1]
    assert number.tolist() == [0, 0, 0, 1]


def test_a_matrix_that_is_not_square_is_refused() -> None:
    with pytest.raises(ValueError, match="square"):
        counts(np.zeros((2, 3), dtype=np.int64))
