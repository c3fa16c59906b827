"""Differences with known parts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trashdata.comparison import Difference


def made(
    means: Sequence[float],
    *,
    seed_sd: float = 0.01,
    photo_sd: float = 0.01,
    seeds: int = 5,
    groups: Sequence[int] | int = 40,
) -> Difference:
    """A difference whose D_s have just this mean and standard deviation."""
    around = np.linspace(-1, 1, seeds)
    around *= seed_sd / around.std(ddof=1)
    mean = np.array(means, dtype=np.float64)
    number = np.broadcast_to(np.array(groups), mean.shape).astype(np.int64)
    mean = np.where(number == 0, np.nan, mean)
    return Difference(
        mean + around[:, None],
        np.where(number == 0, np.nan, seed_sd**2 / seeds),
        np.where(number == 0, np.nan, photo_sd**2),
        number,
        np.maximum(number - 1.0, 1.0),
        200,
    )
