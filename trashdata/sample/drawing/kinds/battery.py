"""Battery: a slim two-tone cylinder with a terminal."""

from __future__ import annotations

import numpy as np

from trashdata.sample.drawing.colour import flat, painted, random_colour, shaded
from trashdata.sample.drawing.raster import Picture
from trashdata.sample.drawing.shading import cylinder, glint
from trashdata.sample.drawing.shapes import band, box, soft
from trashdata.sample.drawing.sprite import Frame, Sprite, opaque


def draw_battery(frame: Frame, rng: np.random.Generator) -> Sprite:
    """A round cell, slim as AAA or stout as D."""
    wide = rng.uniform(0.24, 0.44)
    u = frame.x / np.float32(wide)
    jacket = _jacket(frame, wide, rng)
    steel = random_colour(rng, saturation=(0.0, 0.15), value=(0.75, 0.95))
    ends = 1 - band(frame, frame.y, -0.74, 0.84)
    picture = painted(jacket, steel, ends)
    light = cylinder(frame, u) + np.float32(0.6) * glint(u, rng.uniform(-0.5, 0.5), 0.12)
    picture = shaded(picture, light)
    body = box(frame.x, frame.y, centre=(0, 0.06), half=(wide, 0.84), radius=0.04)
    cap = box(frame.x, frame.y, centre=(0, -0.85), half=(wide * 0.38, 0.12), radius=0.03)
    terminal = soft(frame, cap)
    shiny = shaded(flat(frame.shape, steel), cylinder(frame, u / np.float32(0.38)))
    cover = np.maximum(soft(frame, body), terminal)
    outside = terminal * (1 - soft(frame, body))
    return opaque(painted(picture, shiny, outside), cover)


def _jacket(frame: Frame, wide: float, rng: np.random.Generator) -> Picture:
    """The printed jacket: a light part at the terminal, a dark one, a line between, a plus."""
    light_part = random_colour(rng, saturation=(0.7, 1.0), value=(0.85, 1.0))
    dark_part = random_colour(rng, saturation=(0.0, 0.6), value=(0.02, 0.12))
    border = rng.uniform(-0.4, -0.1)
    picture = painted(flat(frame.shape, dark_part), light_part, soft(frame, frame.y - border))
    line = band(frame, frame.y, border + 0.04, border + 0.1)
    picture = painted(picture, np.full(3, 0.9, np.float32), line)
    arm = wide * 0.36
    middle = (border - 0.74) / 2
    across = box(frame.x, frame.y, centre=(0, middle), half=(arm, arm * 0.3), radius=0.0)
    upright = box(frame.x, frame.y, centre=(0, middle), half=(arm * 0.3, arm), radius=0.0)
    plus = soft(frame, np.minimum(across, upright))
    picture = painted(picture, dark_part, plus)
    name = box(frame.x, frame.y, centre=(0, 0.35), half=(wide * 0.3, 0.28), radius=0.02)
    return painted(picture, light_part, soft(frame, name) * np.float32(0.8))
