"""Plastic: PET bottles with ribs and a cap, and fluted cups."""

from __future__ import annotations

import numpy as np

from trashdata.sample.drawing.colour import flat, painted, random_colour, shaded
from trashdata.sample.drawing.noise import wrinkles
from trashdata.sample.drawing.raster import Gray, Picture, clipped
from trashdata.sample.drawing.shading import cylinder, glint, relief
from trashdata.sample.drawing.shapes import band, box, ellipse, profile, soft, within_profile
from trashdata.sample.drawing.sprite import Frame, Sprite


def draw_plastic(frame: Frame, rng: np.random.Generator) -> Sprite:
    """A PET bottle or a cup."""
    return _bottle(frame, rng) if rng.random() < 0.65 else _cup(frame, rng)


def _bottle(frame: Frame, rng: np.random.Generator) -> Sprite:
    """A crinkled, milky bottle: ribs show in the outline, the cap and the label are opaque."""
    wide = rng.uniform(0.3, 0.4)
    ribs = np.sin(frame.y[:, :1] * np.float32(rng.uniform(26, 40)))
    ribbed = clipped((frame.y[:, :1] + 0.35) * 8, 0, 1)
    stations = [
        (-0.8, 0.13),
        (-0.72, 0.13),
        (-0.66, 0.16),
        (-0.38, wide),
        (0.1, wide),
        (0.2, wide * 0.9),
        (0.3, wide),
        (0.86, wide),
        (0.93, wide * 0.75),
    ]
    width = profile(frame, stations) + np.float32(0.018) * ribs * ribbed
    u = frame.x / width
    cover = within_profile(frame, width, -0.8, 0.93)
    tint = random_colour(rng, saturation=(0.75, 1.0), value=(0.85, 1.0))
    crease = wrinkles(frame.shape, 6, rng) * np.float32(0.05)
    grooves = relief(frame, ribs * ribbed * np.float32(0.02) + crease, strength=0.7)
    colour = shaded(flat(frame.shape, tint), cylinder(frame, u) * grooves * np.float32(1.1))
    edge = np.abs(clipped(u, -1, 1)) ** 3
    opacity = np.float32(rng.uniform(0.65, 0.8)) + np.float32(0.2) * edge
    shine = clipped(glint(u, rng.uniform(-0.5, 0.5), 0.16) * (grooves - np.float32(0.55)), 0, 0.8)
    colour = painted(colour, np.ones(3, np.float32), shine)
    if rng.random() < 0.6:
        where = band(frame, frame.y, -0.22, rng.uniform(0.05, 0.3))
        colour, opacity = _label(frame, u, colour, where, rng), np.maximum(opacity, where)
    return _with_cap(frame, Sprite(colour=colour, cover=cover, opacity=opacity), rng)


def _label(
    frame: Frame, u: Gray, colour: Picture, where: Gray, rng: np.random.Generator
) -> Picture:
    """A shrink label: two colours in slanting stripes."""
    one = random_colour(rng, saturation=(0.2, 0.9), value=(0.4, 1.0))
    two = random_colour(rng, saturation=(0.0, 0.9), value=(0.4, 1.0))
    slant = np.sin((frame.x * rng.uniform(-1, 1) + frame.y) * np.float32(rng.uniform(12, 30)))
    face = painted(flat(frame.shape, one), two, soft(frame, slant * np.float32(0.05)))
    return painted(colour, shaded(face, cylinder(frame, u)), where)


def _with_cap(frame: Frame, bottle: Sprite, rng: np.random.Generator) -> Sprite:
    """A fluted screw cap and the collar below it; some bottles have lost the cap."""
    cap = random_colour(rng, saturation=(0.2, 0.95), value=(0.4, 1.0))
    flutes = 1 + np.float32(0.18) * np.sin(frame.x * np.float32(110))
    where = soft(frame, box(frame.x, frame.y, centre=(0, -0.86), half=(0.16, 0.08), radius=0.02))
    if rng.random() < 0.25:
        return bottle
    face = shaded(flat(frame.shape, cap), cylinder(frame, frame.x / np.float32(0.16)) * flutes)
    collar = soft(frame, box(frame.x, frame.y, centre=(0, -0.74), half=(0.17, 0.02), radius=0.01))
    colour = painted(painted(bottle.colour, cap * np.float32(0.8), collar), face, where)
    added = np.maximum(where, collar)
    return Sprite(
        colour=colour,
        cover=np.maximum(bottle.cover, added),
        opacity=np.maximum(bottle.opacity, added),
    )


def _cup(frame: Frame, rng: np.random.Generator) -> Sprite:
    """A tapered cup with flutes from rim to foot, seen a little from above."""
    top, foot = rng.uniform(0.55, 0.68), rng.uniform(0.36, 0.45)
    width = profile(frame, [(-0.65, top), (0.8, foot)])
    u = frame.x / width
    flutes = np.sin(np.arcsin(clipped(u, -1, 1)) * np.float32(rng.integers(14, 26)))
    tint = random_colour(rng, saturation=(0.75, 1.0), value=(0.8, 1.0))
    light = cylinder(frame, u) * (1 + np.float32(0.14) * flutes)
    colour = shaded(flat(frame.shape, tint), light)
    rings = sum((glint(frame.y, y, 0.02) for y in (-0.35, 0.55)), np.zeros_like(u))
    colour = painted(colour, np.ones(3, np.float32), np.float32(0.35) * rings)
    cover = within_profile(frame, width, -0.65, 0.8)
    heel = soft(frame, ellipse(frame, (0, 0.8), (foot, 0.1)))
    rim = soft(frame, ellipse(frame, (0, -0.65), (top + 0.04, 0.2)))
    mouth = soft(frame, ellipse(frame, (0, -0.65), (top - 0.05, 0.15)))
    colour = painted(colour, np.minimum(tint * np.float32(1.2), 1), rim)
    hollow = flat(frame.shape, tint) * (0.55 - 0.25 * u * frame.light[0])[..., None]
    colour = painted(colour, hollow, mouth)
    clear = np.float32(rng.uniform(0.75, 1.0))
    return Sprite(
        colour=colour,
        cover=np.maximum(np.maximum(cover, heel), rim),
        opacity=np.maximum(np.full_like(u, clear), rim),
    )
