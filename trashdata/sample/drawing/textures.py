"""Procedural backgrounds. Everything scales with the photo."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from trashdata.sample.drawing.colour import flat, painted, random_colour, shaded
from trashdata.sample.drawing.noise import cell_map, fractal_noise, value_noise
from trashdata.sample.drawing.raster import Gray, Picture, blurred, clipped, slopes, strokes

# Wood, board and earth are brown; a hue from the whole circle would make them look painted.
_BROWN = (0.05, 0.13)

Texture = Callable[[int, np.random.Generator], Picture]


def draw_background(size: int, *, rng: np.random.Generator) -> Picture:
    """An evenly lit ground of a random kind, (size, size, 3) float32 BGR, 0 to 1."""
    family = TEXTURES[int(rng.integers(len(TEXTURES)))]
    return clipped(family(size, rng), 0, 1)


def concrete(size: int, rng: np.random.Generator) -> Picture:
    """Mottled concrete with pores and now and then a crack."""
    shape = (size, size)
    mottle = fractal_noise(shape, (4, 4), rng, octaves=6)
    light = 1 + np.float32(0.07) * mottle
    pores = value_noise(shape, (size // 3, size // 3), rng) > 2.1
    light = np.where(pores, light * np.float32(0.72), light)
    if rng.random() < 0.5:
        crack = np.abs(fractal_noise(shape, (2, 2), rng, octaves=5)) < 0.03
        light = np.where(crack, light * np.float32(0.6), light)
    ground = random_colour(rng, saturation=(0.0, 0.12), value=(0.4, 0.75))
    return shaded(flat(shape, ground), light)


def planks(size: int, rng: np.random.Generator) -> Picture:
    """Wooden planks: grain along each, gaps between, every plank of its own shade."""
    shape = (size, size)
    count = int(rng.integers(3, 8))
    u, v = _turned_positions(size, rng)
    across = v * count
    number = np.floor(across).astype(np.intp) + 2 * count
    shade = rng.uniform(0.8, 1.15, 5 * count + 1).astype(np.float32)[number]
    shift = rng.uniform(0, 9, 5 * count + 1).astype(np.float32)[number]
    knots = fractal_noise(shape, (3, 3), rng, octaves=3)
    rings = np.sin((v * 55 + shift * 7 + knots * 2 + np.sin(u * 5 + shift)) * np.float32(2))
    fibre = value_noise(shape, (size // 2, size // 2), rng)
    light = shade * (1 + np.float32(0.07) * rings + np.float32(0.035) * fibre)
    inset = np.abs(across - np.floor(across) - 0.5)
    gap = inset > 0.5 - 0.012 * count / 2
    light = np.where(gap, np.float32(0.35), light)
    return shaded(
        flat(shape, random_colour(rng, saturation=(0.15, 0.5), value=(0.45, 0.8), hue=_BROWN)),
        light,
    )


def gravel(size: int, rng: np.random.Generator) -> Picture:
    """Pebbles of many shades, lit from one side, with dark gaps."""
    shape = (size, size)
    count = min(size * size // 16, int(rng.integers(500, 1800)))
    distance, number = cell_map(shape, count, rng)
    shade = rng.uniform(0.65, 1.2, int(number.max()) + 1).astype(np.float32)[number]
    radius = np.float32(0.62 * size / count**0.5)
    dome = clipped(1 - (distance / radius) ** 2, 0, 1)
    across, down = slopes(np.sqrt(dome))
    lit = 1 + np.float32(0.125) * radius * (across + down)
    light: Gray = shade * clipped(lit, 0.6, 1.4) * (np.float32(0.45) + np.float32(0.55) * dome)
    light = light * (1 + np.float32(0.05) * fractal_noise(shape, (5, 5), rng))
    ground = random_colour(rng, saturation=(0.0, 0.2), value=(0.5, 0.8))
    return shaded(flat(shape, ground), light)


def grass(size: int, rng: np.random.Generator) -> Picture:
    """Blades of grass, with bare patches of earth between."""
    shape = (size, size)
    count = int(rng.integers(1800, 3200))
    starts = rng.uniform(-0.03, 1.03, (count, 2)) * size
    angles = rng.normal(rng.uniform(0, 2 * np.pi), 0.8, count)
    reach = rng.uniform(0.02, 0.06, count) * size
    ends = starts + np.stack([np.cos(angles), np.sin(angles)], axis=1) * reach[:, None]
    tones = np.sort(rng.integers(70, 256, count)).astype(np.uint8)
    blades = blurred(strokes(starts, ends, tones, shape), 0.4)
    tint = random_colour(rng, saturation=(0.3, 0.6), value=(0.45, 0.75), hue=(0.17, 0.36))
    earth = random_colour(rng, saturation=(0.2, 0.45), value=(0.25, 0.5), hue=_BROWN)
    bare = clipped(fractal_noise(shape, (3, 3), rng) * np.float32(0.6), 0, 0.8)
    soil = 1 + np.float32(0.1) * fractal_noise(shape, (12, 12), rng)
    ground = shaded(flat(shape, earth), soil)
    lawn = shaded(flat(shape, tint), np.float32(0.4) + np.float32(0.75) * blades)
    return painted(lawn, ground, bare * (1 - blades))


def tiles(size: int, rng: np.random.Generator) -> Picture:
    """Square tiles with grout, each of a slightly different shade."""
    shape = (size, size)
    count = int(rng.integers(3, 8))
    u, v = _turned_positions(size, rng)
    across, down = u * count, v * count
    column, row = np.floor(across).astype(np.intp), np.floor(down).astype(np.intp)
    shade = rng.uniform(0.88, 1.08, (5 * count, 5 * count)).astype(np.float32)
    light = shade[row + 2 * count, column + 2 * count]
    light = light * (1 + np.float32(0.03) * fractal_noise(shape, (8, 8), rng))
    edge = np.maximum(np.abs(across - column - 0.5), np.abs(down - row - 0.5))
    grout = clipped((edge - (0.5 - 0.008 * count)) * size / count, 0, 1).astype(np.float32)
    glaze = random_colour(rng, saturation=(0.0, 0.3), value=(0.5, 0.85))
    joint = random_colour(rng, saturation=(0.0, 0.1), value=(0.3, 0.8))
    return painted(shaded(flat(shape, glaze), light), joint, grout)


def cardboard(size: int, rng: np.random.Generator) -> Picture:
    """Corrugated cardboard: faint flutes, fibres, a fold and stains."""
    shape = (size, size)
    u, v = _turned_positions(size, rng)
    flutes = np.sin(v * np.float32(2 * np.pi * rng.uniform(18, 34)))
    fibres = value_noise(shape, (size, size // 6), rng)
    stains = clipped(fractal_noise(shape, (3, 3), rng) - np.float32(0.9), 0, 1)
    fold = np.exp(-(((u - np.float32(rng.uniform(0.2, 0.8))) / np.float32(0.006)) ** 2))
    light = 1 + np.float32(0.035) * flutes + np.float32(0.02) * fibres
    light = light - np.float32(0.15) * stains - np.float32(0.3) * fold
    return shaded(
        flat(shape, random_colour(rng, saturation=(0.2, 0.5), value=(0.5, 0.8), hue=_BROWN)), light
    )


def belt(size: int, rng: np.random.Generator) -> Picture:
    """A dark rubber conveyor belt: a woven face, raised cleats, scuffs along its run."""
    shape = (size, size)
    u, v = _turned_positions(size, rng)
    pitch = np.float32(2 * np.pi * rng.uniform(28, 40))
    weave = np.sin(u * pitch) * np.sin(v * pitch)
    cleats = np.abs(v * np.float32(rng.uniform(2, 5)) % 1 - 0.5)
    cleat = np.exp(-((cleats / np.float32(0.03)) ** 2))
    scuffs = clipped(value_noise(shape, (5, size // 3), rng) - np.float32(1.2), 0, 1)
    light = 1 + np.float32(0.12) * weave + np.float32(0.45) * cleat + np.float32(0.4) * scuffs
    rubber = shaded(
        flat(shape, random_colour(rng, saturation=(0.0, 0.3), value=(0.15, 0.4))), light
    )
    return blurred(shaded(flat(shape, rubber), light), size / 1000)


TEXTURES: tuple[Texture, ...] = (concrete, planks, gravel, grass, tiles, cardboard, belt)
"""The families of grounds that :func:`draw_background` chooses from."""


def _turned_positions(size: int, rng: np.random.Generator) -> tuple[Gray, Gray]:
    """Positions across the photo (0 to 1, and somewhat beyond), rotated by a random angle."""
    axis = ((np.arange(size, dtype=np.float32) + 0.5) / size - 0.5).astype(np.float32)
    x, y = axis[None, :], axis[:, None]
    angle = rng.uniform(0, 2 * np.pi)
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    shift_x, shift_y = rng.random(2, dtype=np.float32)
    return x * cos - y * sin + shift_x, x * sin + y * cos + shift_y
