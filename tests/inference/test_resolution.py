"""From photos to what models see, and the windows that they are read in."""

from __future__ import annotations

import math

import numpy as np
import pytest

from trashdata.errors import UserError
from trashdata.inference.resolution import (
    Resolution,
    content_shape,
    fit_labels,
    fit_photo,
    prepare,
    window_starts,
    window_weight,
)

MEAN, STD = (0.5, 0.4, 0.3), (0.2, 0.25, 0.3)


def photo(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("shape", [(64, 64), (40, 64), (64, 30)])
def test_a_photo_of_the_right_size_is_normalised_and_padded_with_the_mean(
    shape: tuple[int, int],
) -> None:
    given = photo(*shape)
    kept = given.copy()
    seen = prepare(given, Resolution("resize", 64), MEAN, STD)
    assert (seen.shape, seen.dtype) == ((3, 64, 64), np.float32)
    height, width = shape
    expected = (given / 255.0 - MEAN) / STD
    assert np.allclose(seen[:, :height, :width], expected.transpose(2, 0, 1), atol=1e-5)
    assert not seen[:, height:].any()
    assert not seen[:, :, width:].any()
    assert np.array_equal(given, kept)


@pytest.mark.parametrize("shape", [(200, 300), (300, 200), (20, 10), (1, 500)])
def test_resizing_keeps_the_aspect_of_photo_and_labels_alike(shape: tuple[int, int]) -> None:
    resolution = Resolution("resize", 64)
    height, width = content_shape(shape, resolution)
    assert max(height, width) == 64
    assert abs(height / width - shape[0] / shape[1]) <= shape[0] / shape[1] * 0.6 or height == 1
    assert fit_photo(photo(*shape), resolution).shape == (height, width, 3)
    labels = fit_labels(np.full(shape, 7, dtype=np.uint8), resolution)
    assert labels.shape == (height, width)


def test_labels_and_photo_stay_on_top_of_each_other() -> None:
    labels = np.zeros((100, 150), dtype=np.uint8)
    labels[30:60, 40:120] = 1
    picture = np.repeat((labels * 255)[..., None], 3, axis=2)
    resolution = Resolution("resize", 96)
    small = fit_labels(labels, resolution)
    assert np.array_equal(fit_photo(picture, resolution)[..., 0] > 127, small == 1)


def test_windows_leave_the_photo_as_it_is() -> None:
    given = photo(50, 200)
    seen = prepare(given, Resolution("windows", 64), MEAN, STD)
    assert seen.shape == (3, 64, 200)
    assert content_shape((50, 200), Resolution("windows", 64)) == (50, 200)


@pytest.mark.parametrize("length", [64, 65, 100, 127, 128, 129, 1000])
@pytest.mark.parametrize("overlap", [0.0, 0.25, 0.5, 0.9])
def test_windows_cover_all_with_the_overlap_asked_for(length: int, overlap: float) -> None:
    starts = window_starts(length, 64, overlap)
    assert (starts[0], starts[-1]) == (0, length - 64)
    steps = np.diff(starts)
    assert (steps > 0).all()
    assert (steps <= math.ceil(max(1, 64 * (1 - overlap)))).all()


def test_a_window_counts_everywhere() -> None:
    weight = window_weight(32)
    assert weight.min() > 0
    assert np.array_equal(weight, weight[::-1].T)


@pytest.mark.parametrize(
    "wrong", [{"size": 100}, {"size": 0}, {"size": -32}, {"overlap": 1.0}, {"overlap": -0.1}]
)
def test_what_a_model_cannot_work_at_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(UserError):
        Resolution(**wrong)  # type: ignore[arg-type]
