"""Placements of a photo's objects, from their masks alone, before anything is painted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]

LEAST_VISIBLE = 45
"""Every object shows at least this many pixels, where the photo has room for it."""

# An object with less visible area than this can't be recognised.
_LEAST_VISIBLE_SHARE = 0.4
_LEAST_INSIDE_SHARE = 0.6
_CUT_BY_BORDER = 0.22
_ROUNDS = 60


@dataclass(frozen=True)
class Placements:
    """Positions and painting order of a photo's objects.

    Attributes
    ----------
    corners
        Top left corner (y, x) of each mask in pixels; may be outside the photo.
    order
        Indices of the masks in order of painting: by falling area inside the photo.
    """

    corners: list[tuple[int, int]]
    order: list[int]


def lay_out(masks: Sequence[Mask], *, size: int, rng: np.random.Generator) -> Placements:
    """Scatter masks over a photo so that each stays recognisable.

    Parameters
    ----------
    masks
        Each (h, w), with at least one pixel.
    size
        Side of the photo in pixels.
    rng
        The only source of chance; it is advanced.

    Notes
    -----
    Objects that are covered too much are placed again, up to 60 times; if that doesn't help, the
    best placements are taken.
    """
    needs = [max(LEAST_VISIBLE, int(_LEAST_VISIBLE_SHARE * mask.sum())) for mask in masks]
    corners = [_thrown(mask, size=size, rng=rng) for mask in masks]
    best, best_score = _ordered(masks, corners, size=size), -1.0
    for _ in range(_ROUNDS):
        placements = _ordered(masks, corners, size=size)
        seen = _visible(masks, placements, size=size)
        scores = [min(1.0, count / need) for count, need in zip(seen, needs, strict=True)]
        if min(scores, default=1.0) > best_score:
            best, best_score = placements, min(scores, default=1.0)
        if best_score >= 1:
            break
        corners = [
            corner if score >= 1 else _thrown(mask, size=size, rng=rng)
            for mask, corner, score in zip(masks, corners, scores, strict=True)
        ]
    return best


def window(
    shape: tuple[int, int], corner: tuple[int, int], size: int
) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """The part of a photo that a patch covers, and the part of the patch inside the photo.

    Examples
    --------
    >>> window((4, 4), (-1, 8), 10)
    ((slice(0, 3, None), slice(8, 10, None)), (slice(1, 4, None), slice(0, 2, None)))
    """
    there, here = [], []
    for length, start in zip(shape, corner, strict=True):
        first, last = max(0, start), max(0, start, min(size, start + length))
        there.append(slice(first, last))
        here.append(slice(first - start, last - start))
    return (there[0], there[1]), (here[0], here[1])


def _thrown(mask: Mask, *, size: int, rng: np.random.Generator) -> tuple[int, int]:
    """A random corner: mostly entirely inside the photo, sometimes cut by its border."""
    height, width = mask.shape
    needed = _LEAST_INSIDE_SHARE * int(mask.sum())
    if rng.random() < _CUT_BY_BORDER:
        for _ in range(8):
            corner = (
                int(rng.integers(-height // 2, size - height // 2 + 1)),
                int(rng.integers(-width // 2, size - width // 2 + 1)),
            )
            _, here = window((height, width), corner, size)
            if mask[here].sum() >= needed:
                return corner
    return (_inside(height, size, rng), _inside(width, size, rng))


def _inside(length: int, size: int, rng: np.random.Generator) -> int:
    """A start at which `length` fits into `size`, or the middle if it can't."""
    room = size - length
    return int(rng.integers(0, room + 1)) if room >= 0 else room // 2


def _ordered(masks: Sequence[Mask], corners: list[tuple[int, int]], *, size: int) -> Placements:
    """Order by falling area inside the photo; ties keep their order."""
    areas = []
    for mask, corner in zip(masks, corners, strict=True):
        _, here = window((mask.shape[0], mask.shape[1]), corner, size)
        areas.append(int(mask[here].sum()))
    order = sorted(range(len(masks)), key=lambda index: -areas[index])
    return Placements(corners=list(corners), order=order)


def _visible(masks: Sequence[Mask], placements: Placements, *, size: int) -> list[int]:
    """Visible pixels of each mask after all are painted."""
    top = np.zeros((size, size), np.uint8)
    for index in placements.order:
        mask = masks[index]
        there, here = window((mask.shape[0], mask.shape[1]), placements.corners[index], size)
        top[there][mask[here]] = index + 1
    counts = np.bincount(top.ravel(), minlength=len(masks) + 1)
    return [int(count) for count in counts[1:]]
