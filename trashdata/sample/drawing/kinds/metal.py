"""Metal: drink cans from the side, can tops with a pull tab, ribbed tins."""

from __future__ import annotations

import numpy as np

from trashdata.sample.drawing.colour import flat, painted, random_colour, shaded
from trashdata.sample.drawing.noise import value_noise
from trashdata.sample.drawing.raster import Colour, Gray, Picture, clipped
from trashdata.sample.drawing.shading import crumple, cylinder, glint, relief
from trashdata.sample.drawing.shapes import (
    band,
    box,
    disc,
    ellipse,
    profile,
    roughened,
    shard,
    soft,
    within_profile,
)
from trashdata.sample.drawing.shapes import polygon as filled
from trashdata.sample.drawing.sprite import Frame, Sprite, opaque


def draw_metal(frame: Frame, rng: np.random.Generator) -> Sprite:
    """A can from the side, a can's top, or a tin."""
    variant = rng.random()
    if variant < 0.45:
        return _can(frame, rng)
    if variant < 0.75:
        return _top(frame, rng)
    return _tin(frame, rng)


def _can(frame: Frame, rng: np.random.Generator) -> Sprite:
    """A printed drink can: bare necked ends, a painted middle, sharp streaks of light."""
    wide = rng.uniform(0.4, 0.5)
    stations = [(-0.8, wide * 0.8), (-0.66, wide), (0.72, wide), (0.84, wide * 0.82)]
    width = profile(frame, stations)
    u = frame.x / width
    picture = flat(frame.shape, _bare(rng))
    painted_part = band(frame, frame.y, -0.66, 0.72)
    picture = painted(picture, _artwork(frame, u, rng), painted_part)
    light = _streaks(frame, u, rng)
    if rng.random() < 0.5:
        light = light * crumple(frame, 9, strength=0.16, rng=rng)
    picture = shaded(picture, light)
    cover = within_profile(frame, width, -0.8, 0.84)
    return _with_lid(frame, picture, cover, wide * 0.8, rng)


def _with_lid(
    frame: Frame, picture: Picture, cover: Gray, radius: float, rng: np.random.Generator
) -> Sprite:
    """The lid above the neck, seen as a flat ellipse with a rim."""
    bare = _bare(rng)
    rim = soft(frame, ellipse(frame, (0, -0.8), (radius, 0.12)))
    inside = soft(frame, ellipse(frame, (0, -0.8), (radius * 0.86, 0.085)))
    picture = painted(picture, bare * np.float32(1.15), rim)
    picture = painted(picture, bare * np.float32(0.7), inside)
    if rng.random() < 0.7:
        opening = soft(frame, ellipse(frame, (radius * 0.3, -0.8), (radius * 0.35, 0.045)))
        picture = painted(picture, bare * np.float32(0.12), opening)
    return opaque(picture, np.maximum(cover, rim))


def _tin(frame: Frame, rng: np.random.Generator) -> Sprite:
    """A food tin, wide and low, bare or with a paper band, with ribs around it and open on top."""
    wide, high = rng.uniform(0.6, 0.75), rng.uniform(0.5, 0.75)
    u = frame.x / np.float32(wide)
    picture = flat(frame.shape, _bare(rng))
    if rng.random() < 0.4:
        picture = painted(picture, _artwork(frame, u, rng), band(frame, frame.y, -0.35, 0.35))
    ribs = relief(frame, np.sin(frame.y * np.float32(42)) * np.float32(0.02), strength=0.5)
    foot = np.sqrt(clipped(1 - u**2, 0, 1)) * np.float32(0.16)
    body = soft(frame, np.maximum(np.abs(frame.x) - wide, np.abs(frame.y) - high))
    base = soft(frame, np.maximum(frame.y - high - foot, -frame.y)) * (np.abs(u) < 1)
    picture = shaded(picture, _streaks(frame, u, rng) * ribs)
    rim = soft(frame, ellipse(frame, (0, -high), (wide, 0.2)))
    mouth = soft(frame, ellipse(frame, (0, -high), (wide * 0.9, 0.16)))
    picture = painted(picture, _bare(rng) * np.float32(1.1), rim)
    hollow = flat(frame.shape, _bare(rng)) * (0.45 - 0.35 * u * frame.light[0])[..., None]
    picture = painted(picture, hollow, mouth)
    return opaque(picture, np.maximum(np.maximum(body, base), rim))


def _top(frame: Frame, rng: np.random.Generator) -> Sprite:
    """A can's end from above: brushed rings, a pull tab, and often the opening as a real hole."""
    radius = np.hypot(frame.x, frame.y)
    angle = np.arctan2(frame.y, frame.x)
    lean = rng.uniform(0, np.pi)
    fan = 0.8 + 0.22 * np.cos(2 * (angle - lean)) + 0.1 * np.cos(6 * (angle - lean))
    rings = value_noise((1, 200), (1, 90), rng)[0]
    brushed = 1 + 0.05 * rings[np.minimum(radius * 140, 199).astype(np.intp)]
    grooves = 1 - 0.45 * glint(radius, 0.78, 0.03) + 0.3 * glint(radius, 0.84, 0.03)
    picture = shaded(flat(frame.shape, _bare(rng)), fan * brushed * grooves)
    cover = soft(frame, disc(frame, 0, 0, 0.9))
    tab = box(frame.x, frame.y, centre=(0, 0.12), half=(0.17, 0.33), radius=0.16)
    eye = ellipse(frame, (0, 0.26), (0.1, 0.12))
    picture = painted(picture, _bare(rng) * np.float32(0.5), soft(frame, tab - 0.03))
    picture = painted(picture, _bare(rng) * np.float32(1.15), soft(frame, np.maximum(tab, -eye)))
    opening = soft(frame, ellipse(frame, (0, -0.42), (0.27, 0.22)))
    if rng.random() < 0.7:
        return opaque(picture, cover * (1 - opening))
    jagged = filled(
        frame,
        roughened(shard(rng, corners=6, radius=0.3, uneven=0.4), amount=0.01, rng=rng)
        + np.array([0.0, -0.45]),
    )
    return opaque(painted(picture, np.full(3, 0.07, np.float32), jagged), cover)


def _bare(rng: np.random.Generator) -> Colour:
    """Bare metal: grey, with a cast of whatever stands around it."""
    return random_colour(rng, saturation=(0.0, 0.12), value=(0.5, 0.75))


def _artwork(frame: Frame, u: Gray, rng: np.random.Generator) -> Picture:
    """A brand's paint on a can: a field, a slanting ribbon, a badge."""
    field = random_colour(rng, saturation=(0.05, 0.4), value=(0.3, 0.6))
    ribbon = random_colour(rng, saturation=(0.0, 0.4), value=(0.4, 0.8))
    slant = frame.y + u * np.float32(rng.uniform(-0.4, 0.4))
    middle, thick = rng.uniform(-0.3, 0.3), rng.uniform(0.06, 0.2)
    picture = painted(
        flat(frame.shape, field), ribbon, band(frame, slant, middle - thick, middle + thick)
    )
    badge = ellipse(frame, (rng.uniform(-0.1, 0.1), middle), (0.2, rng.uniform(0.12, 0.25)))
    return painted(picture, field * np.float32(0.7), soft(frame, badge))


def _streaks(frame: Frame, u: Gray, rng: np.random.Generator) -> Gray:
    """Light on a metal cylinder: hard bright and dark streaks along it, and brushing around it."""
    light = cylinder(frame, u)
    for _ in range(4):
        strength = rng.choice([-0.35, 0.3, 0.5])
        light = light + np.float32(strength) * glint(u, rng.uniform(-0.9, 0.9), 0.09)
    brushing = value_noise(frame.shape, (frame.side // 2, 4), rng)
    return clipped(light + np.float32(0.05) * brushing, 0.2, 1.7)
