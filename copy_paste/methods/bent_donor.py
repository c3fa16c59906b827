"""A donor at its original position: bent, flipped, and kept whole inside the photo."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trashdata.mask_codec.raster import rasterise
from trashdata.mask_codec.rle import Window

from ..donors.donors import Donor
from ..donors.sources import traced_polygons
from ..geometry import Box, Transform, map_points, put
from ..options import CopyPasteOptions
from ..planning.elastic import Warp, warp_mask
from ..planning.jitter import draw_donor
from ..planning.scene import PastedObject


@dataclass(frozen=True, slots=True)
class Placed:
    """A donor at its position in the photo."""

    transform: Transform
    warp: Warp | None
    pasted: PastedObject


def draw_placed(
    donor: Donor,
    elastic: float,
    size: tuple[int, int],
    valid_box: Box,
    options: CopyPasteOptions,
    rng: np.random.Generator,
) -> Placed | None:
    """Draw flips and deformation for a donor; None if it is too large for the photo.

    ``elastic``: largest displacement as a share of the donor's longer side; ``size``: width,
    height of the photo; ``valid_box``: its part that is not padding.
    """
    transform = draw_donor(donor, size, options, rng)
    # Drawn in any case, so that the same donors are chosen with and without it.
    seed = int(rng.integers(0, 2**63))
    reach = elastic * max(transform.size)
    warp = Warp(seed, reach) if reach else None
    window = bent_window(donor, transform, warp)
    position = nearest_position(window.box, _own_position(donor, transform, size), valid_box)
    if not window.area or position is None:
        return None
    transform = transform.at(*position)
    return Placed(transform, warp, _pasted(donor, transform, warp, window, size))


def placed_again(
    donor: Donor, transform: Transform, warp: Warp | None, size: tuple[int, int]
) -> PastedObject:
    """The object described by a plan's transform and warp."""
    return _pasted(donor, transform, warp, bent_window(donor, transform, warp), size)


def bent_window(donor: Donor, transform: Transform, warp: Warp | None) -> Window:
    """The donor's mask, bent, at a position relative to the upper left corner of its crop.

    The position may be negative: a bent object can reach beyond its crop.
    """
    width, height = transform.size
    polygons = donor.outlines.split(put(map_points(donor.outlines.points, transform), (0, 0)))
    window = rasterise(polygons, width, height)[0]
    if warp is None or not window.area:
        return window
    mask = np.zeros((height, width), dtype=np.uint8)
    mask[window.slices] = window.bitmap
    return _trimmed(warp_mask(mask, warp), -warp.margin)


def _trimmed(mask: NDArray[np.uint8], offset: int) -> Window:
    """The window around a mask's foreground; ``offset`` is added to its position."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return Window(mask[:0, :0], 0, 0, 0)
    top, left = int(rows[0]), int(columns[0])
    part = np.ascontiguousarray(mask[top : rows[-1] + 1, left : columns[-1] + 1])
    return Window(part, left + offset, top + offset, int(np.count_nonzero(part)))


def _own_position(donor: Donor, transform: Transform, size: tuple[int, int]) -> tuple[int, int]:
    """The crop's upper left corner when its centre keeps its position.

    In a photo of another size, the position is kept as a share of the sides.
    """
    x, y, width, height = donor.crop
    across = (x + width / 2) / donor.photo_size[0] * size[0]
    down = (y + height / 2) / donor.photo_size[1] * size[1]
    return round(across - transform.size[0] / 2), round(down - transform.size[1] / 2)


def nearest_position(box: Box, position: tuple[int, int], valid_box: Box) -> tuple[int, int] | None:
    """The nearest position at which ``box``, given relative to it, is entirely inside.

    >>> nearest_position((-2, 0, 10, 10), (1, 95), (0, 0, 100, 100))
    (2, 90)
    >>> nearest_position((0, 0, 101, 10), (0, 0), (0, 0, 100, 100)) is None
    True
    """
    kept = []
    for axis in (0, 1):
        first = valid_box[axis] - box[axis]
        last = first + valid_box[axis + 2] - box[axis + 2]
        if last < first:
            return None
        kept.append(min(max(position[axis], first), last))
    return kept[0], kept[1]


def _pasted(
    donor: Donor, transform: Transform, warp: Warp | None, window: Window, size: tuple[int, int]
) -> PastedObject:
    """The object in the photo: traced if bent, else moved."""
    (item,) = donor.objects
    if warp is not None:
        x, y = transform.position
        moved = Window(window.bitmap, window.x + x, window.y + y, window.area)
        return PastedObject(item, list(traced_polygons(moved)), moved)
    points = put(map_points(donor.outlines.points, transform), transform.position)
    (polygons,) = donor.outlines.split(points)
    return PastedObject(item, polygons, rasterise([polygons], *size)[0])
