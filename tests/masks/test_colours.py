"""The palette's ten first colours stay apart, for colour-blind people too."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from trashdata.palette import palette

# Machado, Oliveira, Fernandes 2009, "A Physiologically-based Model for Simulation of Color Vision
# Deficiency", IEEE TVCG 15(6): their matrices of full severity, for linear RGB.
VISION = {
    "trichromacy": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
# Of sRGB's primaries under its white, D65 (IEC 61966-2-1).
TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)


def linear(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    values = rgb / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def lab(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """CIELAB of linear RGB (N, 3)."""
    xyz = light @ TO_XYZ.T / TO_XYZ.sum(axis=1)
    cut = (6 / 29) ** 3
    f = np.where(xyz > cut, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], 1)


def seen(rgb: NDArray[np.uint8], vision: str) -> NDArray[np.float64]:
    """CIELAB of colours (N, 3) as people with this vision see them."""
    return lab(np.clip(linear(rgb) @ VISION[vision].T, 0, 1))


def nearest_pair(rgb: NDArray[np.uint8], vision: str) -> tuple[float, tuple[int, int]]:
    """The smallest distance of two colours (Delta E, CIE 1976), and which two they are."""
    colours = seen(rgb, vision)
    pairs = combinations(range(len(rgb)), 2)
    return min((float(np.linalg.norm(colours[a] - colours[b])), (a, b)) for a, b in pairs)


def test_lab_of_known_colours() -> None:
    known = np.array([[255, 255, 255], [255, 0, 0], [0, 0, 255]], dtype=np.uint8)
    expected = np.array([[100, 0, 0], [53.24, 80.09, 67.20], [32.30, 79.19, -107.86]])
    assert np.abs(seen(known, "trichromacy") - expected).max() < 0.05


def test_gray_is_gray_for_everybody() -> None:
    gray = np.repeat(np.arange(0, 256, 15, dtype=np.uint8)[:, None], 3, axis=1)
    for vision in VISION:
        assert np.abs(seen(gray, vision)[:, 1:]).max() < 0.1, vision


def test_red_and_green_are_confused_by_the_red_green_blind() -> None:
    confused = np.array([[200, 90, 60], [110, 125, 60]], dtype=np.uint8)
    apart = {vision: nearest_pair(confused, vision)[0] for vision in VISION}
    assert apart["deuteranopia"] < apart["trichromacy"] / 3


# The weakest pair is class 8, olive, and class 9, orange; for comparison, matplotlib's ten colours
# come to 4.6 and 7.2 under protanopia and deuteranopia.
LEAST = {"trichromacy": 22, "protanopia": 15, "deuteranopia": 15, "tritanopia": 16}


@pytest.mark.parametrize("vision", VISION)
def test_ten_classes_stay_apart(vision: str) -> None:
    distance, pair = nearest_pair(palette()[1:11], vision)
    assert distance > LEAST[vision], pair
