"""Light on drawn objects: relief, cylinders, highlights, print. Planes are (side, side) float32."""

from __future__ import annotations

import numpy as np

from trashdata.sample.drawing.noise import facets
from trashdata.sample.drawing.raster import Gray, blurred, clipped, enlarged, slopes
from trashdata.sample.drawing.sprite import Frame


def relief(frame: Frame, height: Gray, *, strength: float) -> Gray:
    """Light on a height plane (in frame units): slopes that face the light are above 1."""
    across, down = slopes(height)
    facing = -(across * frame.light[0] + down * frame.light[1]) * (frame.side / 2)
    return clipped(1 + np.float32(strength) * facing, 0.35, 1.6)


def crumple(frame: Frame, count: int, *, strength: float, rng: np.random.Generator) -> Gray:
    """Light on about `count` flat facets with sharp creases, as on crumpled paper."""
    across, down = facets(frame.shape, count, rng)
    facing = across * frame.light[0] + down * frame.light[1]
    light = clipped(1 + np.float32(strength) * facing, 0.45, 1.4)
    # A crease is a little round; without this the facets look like a mosaic.
    return blurred(light, frame.side / 120)


def cylinder(frame: Frame, u: Gray) -> Gray:
    """Light on an upright cylinder; u runs from -1 at its left edge to 1 at its right."""
    inside = clipped(u, -1, 1)
    facing = inside * frame.light[0] + np.sqrt(1 - inside**2) * np.float32(0.75)
    return clipped(0.42 + 0.66 * facing, 0.3, 1.2)


def glint(u: Gray, centre: float, width: float) -> Gray:
    """A soft bright line, 1 where u is `centre`, falling off within about `width`."""
    line: Gray = np.exp(-(((u - np.float32(centre)) / np.float32(width)) ** 2))
    return line


def print_lines(frame: Frame, rows: int, rng: np.random.Generator, *, reach: float = 0.8) -> Gray:
    """Lines of make-believe print over the whole frame, 1 on the ink; `reach` is the margin."""
    columns = 40
    marks = np.zeros((3 * rows, columns), np.float32)
    words = rng.random((rows, columns)) < 0.82
    ends = rng.integers(columns // 2, columns, rows)
    skipped = rng.random(rows) < 0.12
    words &= (np.arange(columns)[None, :] < ends[:, None]) & ~skipped[:, None]
    marks[1::3] = words
    inside = (np.abs(frame.x) < reach) & (np.abs(frame.y) < reach)
    return enlarged(marks, frame.shape, smooth=False) * inside
