"""Paper: printed sheets, flat or dog-eared, and crumpled balls."""

from __future__ import annotations

import math

import numpy as np

from trashdata.sample.drawing.colour import flat, painted, random_colour, shaded
from trashdata.sample.drawing.noise import wrinkles
from trashdata.sample.drawing.raster import Gray, Picture, Points, clipped, length
from trashdata.sample.drawing.shading import crumple, print_lines, relief
from trashdata.sample.drawing.shapes import band, box, mirrored, polygon, roughened, shard, soft
from trashdata.sample.drawing.sprite import Frame, Sprite, opaque


def draw_paper(frame: Frame, rng: np.random.Generator) -> Sprite:
    """A sheet with print on it, often with a corner folded over, or a crumpled ball."""
    if rng.random() < 0.25:
        return _ball(frame, rng)
    return _sheet(frame, rng)


def _ball(frame: Frame, rng: np.random.Generator) -> Sprite:
    """A sheet crumpled into a ball: many small facets, the print hardly to be seen."""
    outline = shard(rng, corners=13, radius=0.85, uneven=0.22)
    cover = polygon(frame, roughened(outline, amount=0.012, rng=rng))
    paper = random_colour(rng, saturation=(0.0, 0.12), value=(0.88, 1.0))
    ink = random_colour(rng, saturation=(0.0, 0.8), value=(0.05, 0.25))
    light = crumple(frame, 90, strength=0.13, rng=rng) * crumple(frame, 25, strength=0.12, rng=rng)
    creases = relief(frame, wrinkles(frame.shape, 6, rng) * np.float32(0.025), strength=0.5)
    swell = clipped(length(frame.x, frame.y), 0, 1) ** 2
    dome = 1 - swell * (np.float32(0.25) - np.float32(0.3) * _towards_light(frame))
    face = painted(flat(frame.shape, paper), ink, print_lines(frame, 14, rng) * np.float32(0.25))
    return opaque(shaded(face, light * creases * dome), cover)


def _towards_light(frame: Frame) -> Gray:
    """Coordinate towards the light of each pixel, from -1 to about 1."""
    return frame.x * np.float32(frame.light[0]) + frame.y * np.float32(frame.light[1])


def _sheet(frame: Frame, rng: np.random.Generator) -> Sprite:
    """A flat sheet; a fold mirrors the part beyond it back onto the sheet."""
    outline = _sheet_outline(rng)
    face = _printed(frame, rng)
    cover = polygon(frame, outline)
    if rng.random() < 0.55:
        angle = rng.uniform(0, 2 * np.pi)
        normal = (math.cos(angle), math.sin(angle))
        offset = rng.uniform(0.3, 0.6)
        beyond: Gray = frame.x * np.float32(normal[0]) + frame.y * np.float32(normal[1])
        beyond = beyond - np.float32(offset)
        kept = soft(frame, beyond)
        flap = polygon(frame, mirrored(outline, normal, offset)) * kept
        back = random_colour(rng, saturation=(0.0, 0.12), value=(0.8, 0.95))
        edge = soft(frame, -beyond - 0.03) * flap
        face = painted(painted(face, back, flap), back * np.float32(1.12), edge)
        cover = np.maximum(cover * kept, flap)
    light = crumple(frame, int(rng.integers(4, 12)), strength=rng.uniform(0.04, 0.14), rng=rng)
    return opaque(shaded(face, light), cover)


def _sheet_outline(rng: np.random.Generator) -> Points:
    """A rectangle with wandering corners; some sheets have torn edges."""
    width, height = rng.uniform(0.52, 0.75), rng.uniform(0.7, 0.92)
    corners = np.array([[-width, -height], [width, -height], [width, height], [-width, height]])
    corners = corners + rng.normal(0, 0.04, corners.shape)
    torn = rng.random() < 0.35
    return roughened(corners, amount=0.025 if torn else 0.004, rng=rng)


def _printed(frame: Frame, rng: np.random.Generator) -> Picture:
    """The face of a sheet: lines of print, at times a heading and a picture."""
    paper = random_colour(rng, saturation=(0.0, 0.12), value=(0.88, 1.0))
    ink = random_colour(rng, saturation=(0.0, 0.8), value=(0.05, 0.25))
    rows = int(rng.integers(9, 16))
    lines = print_lines(frame, rows, rng, reach=0.5) * np.float32(rng.uniform(0.6, 0.95))
    face = painted(flat(frame.shape, paper), ink, lines)
    if rng.random() < 0.5:
        heading = band(frame, frame.y, -0.68, -0.56) * band(frame, frame.x, -0.45, 0.2)
        face = painted(face, ink, heading)
    if rng.random() < 0.4:
        centre = (rng.uniform(-0.2, 0.2), rng.uniform(-0.2, 0.4))
        where = box(frame.x, frame.y, centre=centre, half=(0.3, 0.22), radius=0.0)
        photo = random_colour(rng, saturation=(0.2, 0.8), value=(0.3, 0.8))
        face = painted(face, photo, soft(frame, where))
    return face
