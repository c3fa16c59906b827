"""Glass: bottles, jars and broken necks; see-through in the middle, dark at the edges."""

from __future__ import annotations

import numpy as np

from trashdata.sample.drawing.colour import flat, painted, random_colour
from trashdata.sample.drawing.noise import value_noise
from trashdata.sample.drawing.raster import Gray, Picture, clipped
from trashdata.sample.drawing.shading import glint, print_lines
from trashdata.sample.drawing.shapes import band, profile, within_profile
from trashdata.sample.drawing.sprite import Frame, Sprite

Stations = list[tuple[float, float]]


def draw_glass(frame: Frame, rng: np.random.Generator) -> Sprite:
    """A bottle or a jar, at times with a paper label, at times broken off."""
    stations = _bottle(rng) if rng.random() < 0.75 else _jar(rng)
    top, bottom = stations[0][0], stations[-1][0]
    width = profile(frame, stations)
    cover = within_profile(frame, width, top, bottom)
    broken = rng.random() < 0.2
    if broken:
        edge = value_noise((1, frame.side), (1, 9), rng) * np.float32(0.13)
        cover = cover * (frame.y > edge - rng.uniform(0.05, 0.3))
    return _as_glass(frame, width, bottom, cover, rng)


def _bottle(rng: np.random.Generator) -> Stations:
    """A narrow-necked bottle: sloping shoulders for wine, steep ones for beer."""
    wide, neck = rng.uniform(0.27, 0.38), rng.uniform(0.09, 0.13)
    shoulder, slope = rng.uniform(-0.25, 0.05), rng.uniform(0.12, 0.4)
    return [
        (-0.95, neck * 1.25),
        (-0.88, neck * 1.25),
        (-0.87, neck),
        (shoulder - slope, neck * 1.15),
        (shoulder - slope * 0.4, wide * 0.75),
        (shoulder, wide),
        (0.88, wide),
        (0.94, wide * 0.85),
    ]


def _jar(rng: np.random.Generator) -> Stations:
    """A wide jar with a threaded mouth."""
    wide = rng.uniform(0.45, 0.58)
    mouth = wide * 0.82
    thread = [(-0.7 + 0.05 * k, mouth * (1.05 if k % 2 else 0.98)) for k in range(4)]
    return [*thread, (-0.42, wide), (0.66, wide), (0.75, wide * 0.9)]


def _as_glass(
    frame: Frame, width: Gray, bottom: float, cover: Gray, rng: np.random.Generator
) -> Sprite:
    """Tint, edges, base and hard highlights; what is not edge or highlight shines through."""
    u = clipped(frame.x / width, -1, 1)
    tint = random_colour(rng, saturation=(0.6, 0.95), value=(0.15, 0.4))
    edge = np.abs(u) ** 5
    base = clipped((frame.y - bottom + 0.16) / 0.16, 0, 1) ** 2
    dense = np.maximum(edge, base * np.float32(0.8))
    colour = flat(frame.shape, tint) * (1.15 - np.float32(0.75) * dense)[..., None]
    opacity = np.float32(rng.uniform(0.6, 0.8)) + np.float32(0.2) * dense
    if rng.random() < 0.45:
        colour, opacity = _labelled(frame, u, colour, opacity, bottom, rng)
    side = -0.6 if frame.light[0] < 0 else 0.6
    shine = glint(u, side, 0.09) + np.float32(0.6) * glint(u, -side * 0.85, 0.06)
    shine = clipped(shine * _broken_up(frame, rng), 0, 1) * np.float32(0.9)
    colour = painted(colour, np.ones(3, np.float32), shine)
    return Sprite(colour=colour, cover=cover, opacity=clipped(np.maximum(opacity, shine), 0, 1))


def _labelled(
    frame: Frame,
    u: Gray,
    colour: Picture,
    opacity: Gray,
    bottom: float,
    rng: np.random.Generator,
) -> tuple[Picture, Gray]:
    """A paper label around the body, with a few lines of print."""
    low = bottom - rng.uniform(0.2, 0.3)
    where = band(frame, frame.y, low - rng.uniform(0.25, 0.4), low)
    label = random_colour(rng, saturation=(0.0, 0.7), value=(0.5, 1.0))
    round_light = (1 - np.float32(0.45) * u**2)[..., None]
    lines = print_lines(frame, 14, rng) * (np.abs(u) < 0.7)
    face = painted(flat(frame.shape, label), label * np.float32(0.3), lines) * round_light
    return painted(colour, face, where), np.maximum(opacity, where)


def _broken_up(frame: Frame, rng: np.random.Generator) -> Gray:
    """Where along the bottle a highlight shows: long runs with clear ends."""
    along = value_noise((frame.side, 2), (6, 2), rng)[:, :1]
    return clipped(0.6 + 2 * along, 0, 1)
