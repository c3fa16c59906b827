"""Typed wrappers of OpenCV calls for the drawing, in float32."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.float32]
"""One plane, (H, W) float32."""

Picture = NDArray[np.float32]
"""A colour picture, (H, W, 3) float32, BGR, 0 to 1 unless said otherwise."""

Colour = NDArray[np.float32]
"""One colour, (3,) float32, BGR, 0 to 1."""

Points = NDArray[np.float64]
"""Corners of an outline, (N, 2) float64, x and y."""

_SUBPIXEL_BITS = 4


def enlarged(plane: Gray, shape: tuple[int, int], *, smooth: bool = True) -> Gray:
    """Stretch a small plane to `shape` (height, width), by cubic or nearest interpolation."""
    how = cv2.INTER_CUBIC if smooth else cv2.INTER_NEAREST
    return np.asarray(cv2.resize(plane, shape[::-1], interpolation=how), dtype=np.float32)


def clipped(plane: NDArray[np.floating[Any]], low: float, high: float) -> Gray:
    """Clip a plane or a picture to two values."""
    held: Gray = np.clip(plane, low, high).astype(np.float32, copy=False)
    return held


def length(x: Gray, y: Gray) -> Gray:
    """Length of the vectors (x, y), per pixel."""
    return np.hypot(x, y).astype(np.float32, copy=False)


def shrunk(planes: NDArray[np.float32], shape: tuple[int, int]) -> NDArray[np.float32]:
    """Shrink (H, W), or (H, W, C) with up to 4 channels, to `shape`, averaging areas."""
    small = cv2.resize(planes, shape[::-1], interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.float32)


def blurred(planes: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """Blur with a Gaussian of `sigma` pixels; a sigma below 0.2 changes nothing."""
    if sigma < 0.2:
        return planes
    return np.asarray(cv2.GaussianBlur(planes, (0, 0), sigma), dtype=np.float32)


def filled_polygon(points: Points, shape: tuple[int, int]) -> Gray:
    """Coverage (H, W), 0 to 1, of a polygon whose corners (N, 2) are in pixels."""
    canvas = np.zeros(shape, np.uint8)
    fixed = np.rint(points * (1 << _SUBPIXEL_BITS)).astype(np.int32)
    cv2.fillPoly(canvas, [fixed], 255, cv2.LINE_AA, _SUBPIXEL_BITS)
    return canvas.astype(np.float32) / np.float32(255)


def strokes(starts: Points, ends: Points, tones: NDArray[np.uint8], shape: tuple[int, int]) -> Gray:
    """Straight strokes, a pixel wide, later ones on top; tones 0 to 255 become 0 to 1.

    `starts` and `ends` (N, 2) are in pixels; (H, W).
    """
    canvas = np.zeros(shape, np.uint8)
    scale = 1 << _SUBPIXEL_BITS
    lines = np.rint(np.hstack([starts, ends]) * scale).astype(int).tolist()
    for (x, y, end_x, end_y), tone in zip(lines, tones.tolist(), strict=True):
        cv2.line(canvas, (x, y), (end_x, end_y), tone, 1, cv2.LINE_AA, _SUBPIXEL_BITS)
    return canvas.astype(np.float32) / np.float32(255)


def sampled(planes: NDArray[np.float32], x: Gray, y: Gray) -> NDArray[np.float32]:
    """Sample (H, W) or (H, W, C) at the pixel positions x, y; 0 outside."""
    taken = cv2.remap(planes, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    return np.asarray(taken, dtype=np.float32)


def slopes(height: Gray) -> tuple[Gray, Gray]:
    """Slope per pixel of a height plane, along x and along y."""
    across = cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
    down = cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)
    return np.asarray(across, dtype=np.float32), np.asarray(down, dtype=np.float32)


def nearest_seed(seeds: NDArray[np.bool_]) -> tuple[Gray, NDArray[np.int32]]:
    """Distance in pixels to the nearest seed, and that seed's number (1 and up), both (H, W)."""
    distance, number = cv2.distanceTransformWithLabels(
        np.where(seeds, 0, 1).astype(np.uint8),
        cv2.DIST_L2,
        cv2.DIST_MASK_5,
        labelType=cv2.DIST_LABEL_PIXEL,
    )
    return np.asarray(distance, dtype=np.float32), np.asarray(number, dtype=np.int32)
