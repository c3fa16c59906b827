"""Clothing: T-shirts, trousers and socks of woven cloth."""

from __future__ import annotations

import numpy as np

from trashdata.sample.drawing.colour import flat, painted, random_colour, shaded
from trashdata.sample.drawing.noise import value_noise, wrinkles
from trashdata.sample.drawing.raster import Gray, Picture, Points, blurred, clipped
from trashdata.sample.drawing.shading import relief
from trashdata.sample.drawing.shapes import band, disc, ellipse, polygon, roughened, soft
from trashdata.sample.drawing.sprite import Frame, Sprite, opaque

_SHIRT = [
    (-0.2, -0.8),
    (-0.42, -0.74),
    (-0.92, -0.3),
    (-0.7, -0.06),
    (-0.46, -0.24),
    (-0.48, 0.82),
    (0.48, 0.82),
    (0.46, -0.24),
    (0.7, -0.06),
    (0.92, -0.3),
    (0.42, -0.74),
    (0.2, -0.8),
]
_TROUSERS = [
    (-0.42, -0.88),
    (0.42, -0.88),
    (0.6, 0.86),
    (0.2, 0.9),
    (0.02, -0.2),
    (-0.2, 0.9),
    (-0.6, 0.86),
]
_SOCK = [
    (-0.42, -0.9),
    (0.06, -0.9),
    (0.1, 0.1),
    (0.55, 0.36),
    (0.72, 0.58),
    (0.6, 0.8),
    (0.2, 0.78),
    (-0.32, 0.52),
    (-0.45, 0.2),
]


def draw_clothing(frame: Frame, rng: np.random.Generator) -> Sprite:
    """A piece of clothing with its weave, folds and seams."""
    variant = rng.random()
    silhouette = _SHIRT if variant < 0.5 else _TROUSERS if variant < 0.75 else _SOCK
    cover = polygon(frame, _limp(np.array(silhouette), rng))
    cloth = _cloth(frame, rng)
    if silhouette is _SHIRT:
        cloth, cover = _with_neck(frame, cloth, cover, rng)
    if silhouette is _SOCK:
        cuff = band(frame, frame.y, -1.0, -0.66) * np.float32(0.75)
        cloth = painted(cloth, random_colour(rng, saturation=(0, 0.9), value=(0.3, 1)), cuff)
    return opaque(shaded(cloth, _folds(frame, rng) * _hem(frame, cover)), cover)


def _limp(corners: Points, rng: np.random.Generator) -> Points:
    """Shift corners and bend edges, as of cloth that was dropped."""
    return roughened(corners + rng.normal(0, 0.035, corners.shape), amount=0.009, rng=rng, steps=5)


def _cloth(frame: Frame, rng: np.random.Generator) -> Picture:
    """Plain, striped or checked cloth; the stripes bend with the folds."""
    main = random_colour(rng, saturation=(0.4, 0.7), value=(0.3, 0.6))
    other = random_colour(rng, saturation=(0.0, 0.3), value=(0.75, 0.95))
    picture = flat(frame.shape, main)
    bend = np.float32(0.035) * value_noise(frame.shape, (4, 4), rng)
    pitch = np.float32(rng.uniform(16, 38))
    style = rng.random()
    if style < 0.85:
        picture = painted(picture, other, _stripes(frame, frame.y + bend, pitch))
    if style < 0.3:
        across = _stripes(frame, frame.x + bend, pitch) * np.float32(0.5)
        picture = painted(picture, other, across)
    return picture


def _stripes(frame: Frame, along: Gray, pitch: np.float32) -> Gray:
    return soft(frame, np.sin(along * pitch) / pitch)


def _with_neck(
    frame: Frame, cloth: Picture, cover: Gray, rng: np.random.Generator
) -> tuple[Picture, Gray]:
    """Cut the neck out of a shirt, with a collar around it; some shirts have a print."""
    neck = ellipse(frame, (0, -0.82), (0.23, rng.uniform(0.14, 0.28)))
    collar = random_colour(rng, saturation=(0.4, 0.7), value=(0.3, 0.6))
    cloth = painted(cloth, collar, soft(frame, neck - 0.06))
    if rng.random() < 0.4:
        print_ = random_colour(rng, saturation=(0.3, 0.9), value=(0.4, 1.0))
        cloth = painted(cloth, print_, soft(frame, disc(frame, 0, -0.15, 0.2)))
    return cloth, cover * (1 - soft(frame, neck))


def _folds(frame: Frame, rng: np.random.Generator) -> Gray:
    """Light on soft folds and on the weave."""
    folds = blurred(wrinkles(frame.shape, 4, rng), frame.side / 40) * np.float32(0.08)
    thread = np.float32(0.9 * np.pi / 0.035)
    weave: Gray = np.sin((frame.x + frame.y) * thread) * np.sin((frame.x - frame.y) * thread)
    return relief(frame, folds, strength=0.7) * (1 + np.float32(0.28) * weave)


def _hem(frame: Frame, cover: Gray) -> Gray:
    """Darken a thin rim, where cloth curls under."""
    inner = clipped(2 * blurred(cover, frame.side / 50) - 1, 0, 1)
    return np.float32(0.72) + np.float32(0.28) * inner
