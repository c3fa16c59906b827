"""General trash: what is left over; torn scraps, broken rings and perforated pieces, all grimy."""

from __future__ import annotations

import numpy as np

from trashdata.sample.drawing.colour import flat, painted, random_colour, shaded
from trashdata.sample.drawing.noise import fractal_noise, value_noise
from trashdata.sample.drawing.raster import Colour, Gray, Picture, clipped
from trashdata.sample.drawing.shading import relief
from trashdata.sample.drawing.shapes import disc, polygon, roughened, shard, soft
from trashdata.sample.drawing.sprite import Frame, Sprite, opaque


def draw_general(frame: Frame, rng: np.random.Generator) -> Sprite:
    """Scraps in several parts, a ring in pieces, or a scrap full of holes."""
    variant = rng.random()
    if variant < 0.4:
        cover, picture = _scraps(frame, rng)
    elif variant < 0.7:
        cover, picture = _ring(frame, rng)
    else:
        cover, picture = _perforated(frame, rng)
    return opaque(shaded(picture, _grime(frame, rng)), cover)


def _any_colour(rng: np.random.Generator) -> Colour:
    return random_colour(rng, saturation=(0.1, 0.45), value=(0.18, 0.42))


def _scraps(frame: Frame, rng: np.random.Generator) -> tuple[Gray, Picture]:
    """Three to five torn pieces that lie around a common middle, mostly apart."""
    pieces = int(rng.integers(3, 6))
    colours = [_any_colour(rng) for _ in range(2)]
    cover = np.zeros(frame.shape, np.float32)
    picture = flat(frame.shape, colours[0])
    start = rng.uniform(0, 2 * np.pi)
    for k in range(pieces):
        angle = start + 2 * np.pi * (k + rng.uniform(-0.15, 0.15)) / pieces
        middle = np.array([np.cos(angle), np.sin(angle)]) * rng.uniform(0.42, 0.55)
        outline = shard(rng, corners=6, radius=rng.uniform(0.26, 0.4), uneven=0.45)
        piece = polygon(frame, roughened(outline, amount=0.018, rng=rng, steps=5) + middle)
        picture = painted(picture, colours[k % 2], piece)
        cover = np.maximum(cover, piece)
    return cover, picture


def _ring(frame: Frame, rng: np.random.Generator) -> tuple[Gray, Picture]:
    """A seal or a roll of tape, snapped in one to three places, with a scrap in its middle."""
    radius, thick = rng.uniform(0.6, 0.72), rng.uniform(0.13, 0.21)
    uneven = np.float32(0.03) * value_noise(frame.shape, (6, 6), rng)
    ring = soft(frame, np.abs(disc(frame, 0, 0, radius)) - thick + uneven)
    for angle in rng.uniform(0, 2 * np.pi, int(rng.integers(0, 4))):
        across = frame.x * np.float32(np.sin(angle)) - frame.y * np.float32(np.cos(angle))
        ahead = frame.x * np.float32(np.cos(angle)) + frame.y * np.float32(np.sin(angle))
        gap = np.maximum(np.abs(across + uneven) - np.float32(rng.uniform(0.05, 0.12)), -ahead)
        ring = ring * (1 - soft(frame, gap))
    tread: Gray = np.sin(np.arctan2(frame.y, frame.x) * np.float32(rng.integers(18, 40)))
    round_light = np.float32(1.1) - np.float32(2.2) * disc(frame, 0, 0, radius) ** 2 / np.float32(
        thick
    )
    picture = shaded(
        flat(frame.shape, _any_colour(rng)), round_light * (1 + np.float32(0.12) * tread)
    )
    if rng.random() < 0.5:
        return ring, picture
    scrap = polygon(frame, shard(rng, corners=5, radius=0.3, uneven=0.4))
    return np.maximum(ring, scrap), painted(picture, _any_colour(rng), scrap)


def _perforated(frame: Frame, rng: np.random.Generator) -> tuple[Gray, Picture]:
    """One torn piece with two to five holes through it, and a crumb beside it."""
    outline = shard(rng, corners=9, radius=0.88, uneven=0.3)
    cover = polygon(frame, roughened(outline, amount=0.02, rng=rng))
    picture = flat(frame.shape, _any_colour(rng))
    holes = int(rng.integers(2, 6))
    start = rng.uniform(0, 2 * np.pi)
    for k in range(holes):
        angle = start + 2 * np.pi * k / holes
        x, y = 0.36 * float(np.cos(angle)), 0.36 * float(np.sin(angle))
        hole = disc(frame, x, y, rng.uniform(0.1, 0.17))
        picture = painted(picture, _any_colour(rng), soft(frame, hole - 0.05) * np.float32(0.6))
        cover = cover * (1 - soft(frame, hole))
    patch = soft(frame, frame.x * rng.uniform(-1, 1) + frame.y + rng.uniform(-0.3, 0.3))
    return cover, painted(picture, _any_colour(rng), patch * np.float32(0.8))


def _grime(frame: Frame, rng: np.random.Generator) -> Gray:
    """Blotches, dents and specks of dirt."""
    dents = fractal_noise(frame.shape, (5, 5), rng, octaves=3)
    blotches = clipped(1 + np.float32(0.16) * dents, 0.5, 1.25)
    specks = value_noise(frame.shape, (frame.side // 4, frame.side // 4), rng) > 1.9
    light = relief(frame, dents * np.float32(0.03), strength=0.6) * blotches
    return np.where(specks, light * np.float32(0.45), light)
