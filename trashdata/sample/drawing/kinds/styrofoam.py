"""Styrofoam: trays with a rim and broken blocks, both grained with beads."""

from __future__ import annotations

import numpy as np

from trashdata.sample.drawing.colour import flat, random_colour, shaded
from trashdata.sample.drawing.noise import beads
from trashdata.sample.drawing.raster import Colour, Gray, blurred, clipped
from trashdata.sample.drawing.shading import relief
from trashdata.sample.drawing.shapes import box, polygon, shard, soft
from trashdata.sample.drawing.sprite import Frame, Sprite, opaque

# How far a bead protrudes from a broken edge.
_BEAD_HEIGHT = 0.035


def draw_styrofoam(frame: Frame, rng: np.random.Generator) -> Sprite:
    """A food tray, whole or broken off, or a chunk of packing."""
    grain = beads(frame.shape, int(rng.integers(160, 360)), rng)
    if rng.random() < 0.55:
        return _tray(frame, grain, rng)
    return _chunk(frame, grain, rng)


def _foam(rng: np.random.Generator) -> Colour:
    return random_colour(rng, saturation=(0.0, 0.08), value=(0.92, 1.0))


def _tray(frame: Frame, grain: Gray, rng: np.random.Generator) -> Sprite:
    """A tray with a raised rim and one to three hollows."""
    half = (0.88, rng.uniform(0.5, 0.78))
    outer = box(frame.x, frame.y, centre=(0, 0), half=half, radius=rng.uniform(0.1, 0.3))
    height = clipped(-outer / 0.06, 0, 1) * np.float32(0.06)
    hollows = int(rng.integers(1, 4))
    each = (half[0] - 0.12) / hollows
    for k in range(hollows):
        centre = (-half[0] + 0.12 + each * (2 * k + 1), 0.0)
        size = (each - 0.04, half[1] - 0.14)
        inner = box(frame.x, frame.y, centre=centre, half=size, radius=0.09)
        height = height - clipped(-inner / 0.13, 0, 1) * np.float32(0.12)
    light = relief(frame, height, strength=0.5) * _grain_light(frame, grain)
    cover = soft(frame, outer)
    if rng.random() < 0.4:
        break_line = frame.x * rng.uniform(0.6, 1) + frame.y * rng.uniform(-0.8, 0.8)
        cover = cover * soft(frame, break_line - 0.4 - grain * np.float32(2 * _BEAD_HEIGHT))
    floor = 1 + clipped(height, -0.12, 0)
    return opaque(shaded(flat(frame.shape, _foam(rng)), light * floor), cover)


def _chunk(frame: Frame, grain: Gray, rng: np.random.Generator) -> Sprite:
    """A broken block with a lit top and a dark broken flank; beads stand out of its edge."""
    outline = shard(rng, corners=int(rng.integers(4, 7)), radius=0.85, uneven=0.3)
    drop = np.array([-frame.light[0], -frame.light[1]]) * rng.uniform(0.12, 0.28)
    top = _beaded(frame, polygon(frame, outline * 0.85 - drop / 2), grain)
    solid = top
    for share in (0.25, 0.5, 0.75, 1.0):
        moved = outline * 0.85 + drop * (share - 0.5)
        solid = np.maximum(solid, _beaded(frame, polygon(frame, moved), grain))
    light = np.float32(0.62) + np.float32(0.38) * top
    light = light * _grain_light(frame, grain)
    return opaque(shaded(flat(frame.shape, _foam(rng)), light), solid)


def _beaded(frame: Frame, cover: Gray, grain: Gray) -> Gray:
    """Let the edge of a coverage run around the beads instead of through them."""
    spread = frame.side * _BEAD_HEIGHT / 2
    near = blurred(cover, spread) + np.float32(0.3) * (grain - np.float32(0.5))
    return clipped((near - np.float32(0.5)) * np.float32(2 * spread) + np.float32(0.5), 0, 1)


def _grain_light(frame: Frame, grain: Gray) -> Gray:
    """Light on the beads: each lit from one side, with dark pits between."""
    pits = np.float32(0.6) + np.float32(0.42) * grain
    return relief(frame, grain * np.float32(0.012), strength=0.5) * pits
