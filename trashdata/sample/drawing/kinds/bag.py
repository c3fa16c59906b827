"""Plastic bag: limp, wrinkled, half see-through; with two handles or tied in a knot."""

from __future__ import annotations

import numpy as np

from trashdata.sample.drawing.colour import flat, painted, random_colour, shaded
from trashdata.sample.drawing.noise import value_noise, wrinkles
from trashdata.sample.drawing.raster import Gray, Picture, clipped, length
from trashdata.sample.drawing.shading import relief
from trashdata.sample.drawing.shapes import box, soft
from trashdata.sample.drawing.sprite import Frame, Sprite


def draw_bag(frame: Frame, rng: np.random.Generator) -> Sprite:
    """A shopping bag with holes through its handles, or a tied bag with two ears."""
    # The coordinates are bent twice, so that no edge stays straight.
    bent_x = frame.x + np.float32(0.07) * value_noise(frame.shape, (5, 5), rng)
    bent_y = frame.y + np.float32(0.07) * value_noise(frame.shape, (5, 5), rng)
    tied = rng.random() < 0.35
    outline = _tied(bent_x, bent_y, rng) if tied else _shopping(bent_x, bent_y, rng)
    cover = soft(frame, outline)
    colour, opacity = _film(frame, outline, (0.0, -0.5 if tied else -0.2), rng)
    if rng.random() < 0.35:
        mark = np.abs(length(bent_x, bent_y - np.float32(0.25)) - np.float32(0.22))
        mark = mark - np.float32(0.06)
        ink = random_colour(rng, saturation=(0.3, 0.9), value=(0.2, 0.8))
        colour = painted(colour, ink, soft(frame, mark) * np.float32(0.75))
    return Sprite(colour=colour, cover=cover, opacity=opacity)


def _ring(x: Gray, y: Gray, centre: tuple[float, float], radii: tuple[float, float]) -> Gray:
    """Signed distance to a ring of film around an ellipse."""
    reach = length((x - centre[0]) / radii[0], (y - centre[1]) / radii[1])
    return (np.abs(reach - 1) - np.float32(0.36)) * np.float32(min(radii))


def _shopping(x: Gray, y: Gray, rng: np.random.Generator) -> Gray:
    """Signed distance to a bag with two looped handles."""
    half = (rng.uniform(0.5, 0.68), rng.uniform(0.45, 0.55))
    body = box(x, y, centre=(0, 0.3), half=half, radius=0.22)
    apart, tall = half[0] * 0.55, rng.uniform(0.26, 0.36)
    radii = (rng.uniform(0.17, 0.22), tall)
    left = _ring(x, y, (-apart, -0.32), radii)
    right = _ring(x, y, (apart, -0.32 - rng.uniform(-0.1, 0.1)), radii)
    return np.minimum(body, np.minimum(left, right))


def _tied(x: Gray, y: Gray, rng: np.random.Generator) -> Gray:
    """Signed distance to a round bag with a knot and the two ears of the knot."""
    body = (length(x / 0.75, (y - 0.2) / 0.66) - 1) * np.float32(0.66)
    neck = box(x, y, centre=(0, -0.45), half=(0.13, 0.2), radius=0.08)
    spread = np.float32(rng.uniform(0.25, 0.45))
    ears = (length((np.abs(x) - spread) / 0.34, (y + 0.66) / 0.15) - 1) * np.float32(0.15)
    whole: Gray = np.minimum(body, np.minimum(neck, ears))
    return whole


def _film(
    frame: Frame, outline: Gray, knot: tuple[float, float], rng: np.random.Generator
) -> tuple[Picture, Gray]:
    """Colour and opacity of crinkled film: creases everywhere, pleats that run to the knot."""
    tint = random_colour(rng, saturation=(0.0, 0.25), value=(0.7, 1.0))
    angle = np.arctan2(frame.y - knot[1], frame.x - knot[0])
    wander = value_noise(frame.shape, (4, 4), rng)
    pleats = np.sin(angle * np.float32(rng.integers(9, 17)) + wander)
    creases = wrinkles(frame.shape, 4, rng) + np.float32(0.55) * wrinkles(frame.shape, 13, rng)
    near_knot = np.exp(-length(frame.x - knot[0], frame.y - knot[1]) / np.float32(0.35))
    height = np.float32(0.035) * creases + np.float32(0.02) * pleats * near_knot
    light = relief(frame, height, strength=0.6)
    swell = clipped(-outline / 0.25, 0, 1)
    shine = clipped((light - np.float32(1.2)) * 4, 0, 0.85)
    colour = shaded(flat(frame.shape, tint), light * (np.float32(0.75) + np.float32(0.3) * swell))
    colour = painted(colour, np.ones(3, np.float32), shine)
    # Film is denser where it is seen on edge: along creases and at the outline.
    dense = clipped(creases, 0, 1) * np.float32(0.2) + np.float32(0.15) * (1 - swell)
    opacity = np.float32(rng.uniform(0.45, 0.72)) + dense
    return colour, clipped(np.maximum(opacity, shine), 0, 1)
