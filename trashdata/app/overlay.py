"""A prediction for display: each class's share of the photo, and its colours over the photo."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from trashdata.palette import palette
from trashdata.photos import encode_jpeg
from trashdata.report.thumbnails import shrink, small_size

BACKGROUND = "background"
SIDE = 1400
"""Longest side of the picture on the page, in pixels."""

_QUALITY = 92
_EDGE = 2


@dataclass(frozen=True, slots=True)
class ClassShare:
    """A class on a photo; ``index``: in label maps, ``colour``: for CSS, ``share``: 0 to 1."""

    index: int
    name: str
    colour: str
    pixels: int
    share: float


def class_shares(labels: NDArray[np.uint8], names: Sequence[str]) -> list[ClassShare]:
    """Share of a label map (H, W) of each class, background included.

    Parameters
    ----------
    names : of the classes, from index 1.

    Returns
    -------
    All classes, from the largest share; ties by index.
    """
    counts = np.bincount(labels.ravel(), minlength=256)
    colours = palette()
    rows = [
        ClassShare(
            index, name, "#" + colours[index].tobytes().hex(), int(counts[index]),
            float(counts[index] / labels.size),
        )
        for index, name in enumerate([BACKGROUND, *names])
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (-row.pixels, row.index))


def percent(share: float) -> str:
    """A share in percent; a small one is not rounded to 0.

    >>> percent(0.123), percent(0.00001), percent(0.0)
    ('12.3 %', '< 0.1 %', '0 %')
    """
    if share == 0:
        return "0 %"
    return "< 0.1 %" if share < 0.001 else f"{100 * share:.1f} %"


def lay_over(
    photo: NDArray[np.uint8], labels: NDArray[np.uint8], shown: Collection[int], opacity: float
) -> NDArray[np.uint8]:
    """Blend a photo (H, W, 3) RGB with the colours of its label map (H, W).

    Parameters
    ----------
    shown : class indices that are painted; the others look like background.
    opacity : from 0, the photo itself, to 1; the edges of regions are opaque unless it is 0.
    """
    painted = np.zeros(256, dtype=np.bool_)
    painted[[index for index in shown if 0 < index < 255]] = opacity > 0
    seen = np.where(painted[labels], labels, 0).astype(np.uint8)
    inside = seen > 0
    edge = inside & _near_edge(seen)
    colour = palette()[seen]
    blended = photo.astype(np.float32) * (1 - opacity) + colour * np.float32(opacity)
    result = photo.copy()
    result[inside] = np.rint(blended[inside]).astype(np.uint8)
    result[edge] = colour[edge]
    return result


def _near_edge(labels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Pixels at most `_EDGE` pixels from another class."""
    side = 2 * _EDGE + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    return np.asarray(cv2.dilate(labels, disc) != cv2.erode(labels, disc), dtype=np.bool_)


def picture(
    photo: NDArray[np.uint8], labels: NDArray[np.uint8], shown: Collection[int], opacity: float
) -> bytes:
    """JPEG of `lay_over`, at most `SIDE` pixels on its long side."""
    size = small_size(photo.shape[1], photo.shape[0], SIDE)
    small = labels
    if labels.shape[::-1] != size:
        small = cv2.resize(labels, size, interpolation=cv2.INTER_NEAREST_EXACT).astype(np.uint8)
    pixels = lay_over(shrink(photo, size), small, shown, opacity)
    return encode_jpeg(pixels[..., ::-1], _QUALITY)
