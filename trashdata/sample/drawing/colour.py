"""Random colours and paint. Hues are uniform in every class, so that they don't tell classes."""

from __future__ import annotations

import colorsys

import numpy as np

from trashdata.sample.drawing.raster import Colour, Gray, Picture


def random_colour(
    rng: np.random.Generator,
    *,
    saturation: tuple[float, float],
    value: tuple[float, float],
    hue: tuple[float, float] = (0.0, 1.0),
) -> Colour:
    """A BGR colour (3,) with saturation, value and hue from the given ranges, 0 to 1."""
    red, green, blue = colorsys.hsv_to_rgb(
        rng.uniform(*hue), rng.uniform(*saturation), rng.uniform(*value)
    )
    return np.array([blue, green, red], np.float32)


def flat(shape: tuple[int, int], colour: Colour) -> Picture:
    """A picture (H, W, 3) of one colour."""
    return np.broadcast_to(colour, (*shape, 3)).astype(np.float32)


def painted(picture: Picture, paint: Colour | Picture, where: Gray) -> Picture:
    """Lay a colour or a picture over a picture, as strongly (0 to 1) as `where` (H, W) says."""
    share = where[..., None]
    return picture + (paint - picture) * share


def shaded(picture: Picture, light: Gray) -> Picture:
    """Multiply a picture by a light plane (H, W), 1 leaving it as it is."""
    return picture * light[..., None]
