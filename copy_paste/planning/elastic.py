"""Elastic deformation: bending a donor and its mask by the same field.

Simard, Steinkraus, Platt 2003, "Best Practices for Convolutional Neural Networks Applied to Visual
Document Analysis", ICDAR: every pixel takes its colour from a displaced point, where the
displacements are noise smoothed by a Gaussian. As in the paper the noise has about 29 cells along
the object's longer side and a Gaussian of 4 cells. Departures: the noise is drawn on that grid and
enlarged, so that large objects are bent like small ones; and its strength is the largest
displacement, not a factor, whose effect would be hard to guess.
"""

from __future__ import annotations

import math

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from ..geometry import Box

GRID_CELLS = 29
SIGMA_CELLS = 4.0


class Warp(msgspec.Struct, frozen=True, array_like=True):
    """A field as stored in a plan: its seed, from which it is drawn again where it is needed.

    ``seed``: of the noise; ``reach``: the largest displacement in pixels, above 0.
    """

    seed: int
    reach: float

    @property
    def margin(self) -> int:
        """How far a bent picture can reach beyond its frame, in whole pixels."""
        return math.ceil(self.reach)


def displacement(warp: Warp, width: int, height: int) -> NDArray[np.float32]:
    """The field over a picture of that size, with ``warp.margin`` pixels around it.

    Returns
    -------
    (height + 2 margin, width + 2 margin, 2) float32: x and y in pixels, none longer than
    ``warp.reach``. The bent picture has at p what the picture has at p + displacement(p).
    """
    wide, tall = width + 2 * warp.margin, height + 2 * warp.margin
    cell = max(width, height) / GRID_CELLS
    columns, rows = (max(2, math.ceil(side / cell)) for side in (wide, tall))
    noise = np.random.default_rng(warp.seed).uniform(-1, 1, (rows, columns, 2))
    # The noise is mirrored at its edge; otherwise the field would fade towards the border.
    smooth = cv2.GaussianBlur(noise, (0, 0), SIGMA_CELLS, borderType=cv2.BORDER_REFLECT)
    field = cv2.resize(smooth, (wide, tall), interpolation=cv2.INTER_LINEAR)
    longest = np.sqrt(np.square(field).sum(axis=2).max())
    scaled: NDArray[np.float64] = field * (warp.reach / max(longest, 1e-12))
    return scaled.astype(np.float32)


def warp_mask(mask: NDArray[np.uint8], warp: Warp) -> NDArray[np.uint8]:
    """Bend a mask (H, W) uint8 of 0 and 1; the result is (H + 2 margin, W + 2 margin)."""
    height, width = mask.shape
    frame = (-warp.margin, -warp.margin, width + 2 * warp.margin, height + 2 * warp.margin)
    points = _sampled_points(warp, (width, height), frame)
    shares = cv2.remap(
        mask * np.uint8(255),
        *points,
        interpolation=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=0,
    )
    return (shares >= 128).astype(np.uint8)


def warp_box(pixels: NDArray[np.uint8], warp: Warp, box: Box) -> NDArray[np.uint8]:
    """Bend a picture (H, W, 3) uint8; returns its part ``box`` (x, y, width, height).

    The box is in the picture's pixels, and may reach ``warp.margin`` beyond it.
    """
    height, width = pixels.shape[:2]
    points = _sampled_points(warp, (width, height), box)
    bent = cv2.remap(
        pixels, *points, interpolation=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return bent.astype(np.uint8, copy=False)


def _sampled_points(
    warp: Warp, size: tuple[int, int], box: Box
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The x and y from which each pixel of the box is read, two (height, width) float32."""
    x, y, width, height = box
    top, left = y + warp.margin, x + warp.margin
    field = displacement(warp, *size)[top : top + height, left : left + width]
    columns = np.arange(x, x + width, dtype=np.float32)
    rows = np.arange(y, y + height, dtype=np.float32)
    return field[:, :, 0] + columns, field[:, :, 1] + rows[:, None]
