"""The frame that an object is drawn in, and the resulting sprite."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trashdata.sample.drawing.raster import Gray, Picture


@dataclass(frozen=True)
class Frame:
    """The square that one object is drawn in, upright, before it is turned.

    Attributes
    ----------
    x, y
        Coordinates of each pixel, (side, side) float32, from -1 to 1; y points down.
    light
        Direction towards the light, a unit vector (x, y) in this frame.
    """

    x: Gray
    y: Gray
    light: tuple[float, float]

    @property
    def side(self) -> int:
        """Height and width in pixels."""
        return int(self.x.shape[0])

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return (self.side, self.side)


@dataclass(frozen=True)
class Sprite:
    """A drawn object, upright, on a transparent ground.

    Attributes
    ----------
    colour
        (side, side, 3) float32 BGR, 0 to 1; undefined outside the cover.
    cover
        (side, side) float32, 0 to 1: how much of each pixel the object takes up.
    opacity
        (side, side) float32, 0 to 1: how little of the ground shines through the object.
    """

    colour: Picture
    cover: Gray
    opacity: Gray


def make_frame(side: int, *, light: tuple[float, float]) -> Frame:
    """A frame of `side` pixels.

    Examples
    --------
    >>> make_frame(4, light=(1.0, 0.0)).x[0].tolist()
    [-0.75, -0.25, 0.25, 0.75]
    """
    axis = ((np.arange(side, dtype=np.float32) + 0.5) * 2 / side - 1).astype(np.float32)
    x, y = np.meshgrid(axis, axis)
    return Frame(x=x, y=y, light=light)


def opaque(colour: Picture, cover: Gray) -> Sprite:
    """An opaque sprite."""
    return Sprite(colour=colour, cover=cover, opacity=np.ones_like(cover))
