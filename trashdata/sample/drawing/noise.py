"""Procedural noise: smooth bumps, fractals, wrinkles, cells and facets."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trashdata.sample.drawing.raster import Gray, clipped, enlarged, nearest_seed


def value_noise(shape: tuple[int, int], cells: tuple[int, int], rng: np.random.Generator) -> Gray:
    """Smooth noise (H, W), mean 0 and spread about 1.

    `cells` (rows, columns) says how many bumps fit along each axis; it is cut to the shape.
    """
    rows, columns = (min(max(2, c), n) for c, n in zip(cells, shape, strict=True))
    return enlarged(rng.standard_normal((rows, columns), dtype=np.float32), shape)


def fractal_noise(
    shape: tuple[int, int], cells: tuple[int, int], rng: np.random.Generator, *, octaves: int = 4
) -> Gray:
    """Sum of value noises (H, W), each twice as fine and half as strong; spread about 1."""
    total = np.zeros(shape, np.float32)
    for octave in range(octaves):
        finer = (cells[0] << octave, cells[1] << octave)
        total += value_noise(shape, finer, rng) * np.float32(0.5**octave)
    return total


def wrinkles(shape: tuple[int, int], cells: int, rng: np.random.Generator) -> Gray:
    """Sharp creases (H, W), from about -1 in the valleys to 1 on the creases."""
    broad = value_noise(shape, (cells, cells), rng)
    fine = value_noise(shape, (2 * cells, 2 * cells), rng)
    return 1 - np.abs(broad) - np.float32(0.5) * np.abs(fine)


def cell_map(
    shape: tuple[int, int], count: int, rng: np.random.Generator
) -> tuple[Gray, NDArray[np.int32]]:
    """Split the plane into about `count` cells around scattered seeds.

    Returns the distance to the cell's seed in pixels and its number (1 and up), both (H, W).
    """
    seeds = np.zeros(shape, np.bool_)
    # A jittered grid: seeds at random would leave cells of very unequal size.
    pitch = max(1.0, (shape[0] * shape[1] / max(1, count)) ** 0.5)
    rows, columns = (max(1, round(n / pitch)) for n in shape)
    jitter = rng.random((2, rows, columns))
    y = (np.arange(rows)[:, None] + jitter[0]) * shape[0] / rows
    x = (np.arange(columns)[None, :] + jitter[1]) * shape[1] / columns
    seeds[y.astype(np.intp), x.astype(np.intp)] = True
    return nearest_seed(seeds)


def beads(shape: tuple[int, int], count: int, rng: np.random.Generator) -> Gray:
    """Rounded grains (H, W), 1 on top of each and falling to 0 between them."""
    distance, _ = cell_map(shape, count, rng)
    radius = (shape[0] * shape[1] / max(1, count)) ** 0.5 * 0.6
    return clipped(1 - (distance / np.float32(radius)) ** 2, 0, 1)


def facets(shape: tuple[int, int], count: int, rng: np.random.Generator) -> tuple[Gray, Gray]:
    """Random slopes along x and y (H, W), constant on each of about `count` flat facets."""
    _, number = cell_map(shape, count, rng)
    tilt = rng.standard_normal((2, int(number.max()) + 1), dtype=np.float32)
    return tilt[0][number], tilt[1][number]
