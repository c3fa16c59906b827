"""Tracing bitmaps to polygons along pixel edges, which rasterise back to the same bitmap.

OpenCV follows the border *pixels* of each 8-connected region. Between two successive border
pixels the polygon passes through exactly one pixel corner, and around each border pixel it goes
from the corner of entry to the corner of exit. Both follow from the directions of the two moves,
so the conversion is a table look-up over all border pixels at once.

COCO polygons are filled and united; there are no rings for holes. A region with holes is therefore
cut along vertical pixel edges, so that every hole is open, into several polygons without holes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from trashdata.mask_codec.rle import Window

Box: TypeAlias = tuple[int, int, int, int]
Outline: TypeAlias = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Region:
    """One 8-connected region as pixel-edge polygons.

    ``polygons``: (N, 2) int32 arrays of x, y corners in pixels, without holes, disjoint;
    ``area`` in pixels; ``box`` is x, y, width, height in pixels.
    """

    polygons: tuple[NDArray[np.int32], ...]
    area: int
    box: Box


def trace_windows(windows: Sequence[Window]) -> list[list[Region]]:
    """Trace the 8-connected regions of several bitmaps, each at its position in the photo.

    Examples
    --------
    >>> bitmap = np.array([[0, 1], [1, 1]], dtype=np.uint8)
    >>> ((region,),) = trace_windows([Window(bitmap, x=10, y=20, area=3)])
    >>> region.area, region.box
    (3, (10, 20, 2, 2))
    >>> region.polygons[0].tolist()
    [[12, 20], [11, 20], [11, 21], [10, 21], [10, 22], [12, 22]]
    """
    outlines: list[Outline] = []
    offsets: list[tuple[int, int]] = []
    parts: list[list[tuple[int, Box]]] = []  # for each window and region: polygons and box
    for window in windows:
        regions = []
        for outline, box, spans in _region_outlines(window.bitmap):
            pieces = _cut_open(window.bitmap, outline, box, spans) if spans else [(outline, 0, 0)]
            outlines += [piece for piece, _, _ in pieces]
            offsets += [(window.x + x, window.y + y) for _, x, y in pieces]
            placed = (window.x + box[0], window.y + box[1], box[2], box[3])
            regions.append((len(pieces), placed))
        parts.append(regions)
    polygons = iter(_corner_polygons(outlines, offsets))
    return [[_region(polygons, count, box) for count, box in regions] for regions in parts]


def trace(bitmap: NDArray[np.uint8]) -> list[NDArray[np.int32]]:
    """All polygons of one (H, W) uint8 bitmap, as in a COCO segmentation."""
    window = Window(bitmap, 0, 0, 0)
    return [polygon for region in trace_windows([window])[0] for polygon in region.polygons]


def _region(polygons: Iterator[NDArray[np.int32]], count: int, box: Box) -> Region:
    outlines = tuple(islice(polygons, count))
    # The shoelace area of a pixel-edge polygon is the number of pixels in it.
    return Region(outlines, sum(int(cv2.contourArea(polygon)) for polygon in outlines), box)


def _region_outlines(
    bitmap: NDArray[np.uint8],
) -> list[tuple[Outline, Box, list[tuple[int, int]]]]:
    """Border pixels (N, 2), box, and first and last column of each hole, for every region."""
    contours, hierarchy = cv2.findContours(bitmap, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    if hierarchy is None:
        return []
    parents = hierarchy[0, :, 3].tolist()
    holes: dict[int, list[tuple[int, int]]] = {}
    for index, parent in enumerate(parents):
        if parent >= 0:
            # The contour of a hole is on the region's pixels, one outside of the hole.
            x, _, width, _ = cv2.boundingRect(contours[index])
            holes.setdefault(parent, []).append((x + 1, x + width - 2))
    return [
        (_points(contours[index]), _box(contours[index]), holes.get(index, []))
        for index, parent in enumerate(parents)
        if parent < 0
    ]


def _points(contour: NDArray[Any]) -> Outline:
    return contour.reshape(-1, 2).astype(np.int32, copy=False)


def _box(contour: NDArray[Any]) -> Box:
    x, y, width, height = cv2.boundingRect(contour)
    return x, y, width, height


# A point as one 64-bit number, x in the lower half and y in the upper one: half the array
# operations. (x, y) pairs of int32 are that number already, on little-endian machines.
_DOWN = 1 << 32
# Moves between border pixels: (dx + 1) + 3 * (dy + 1) -> 0..7 = E, NE, N, NW, W, SW, S, SE.
_DIRECTION = np.array([3, 2, 1, 4, 0, 0, 5, 6, 7], dtype=np.intp)
# Corners of a pixel in walking order: bottom left, bottom right, top right, top left.
_CORNERS = np.array([_DOWN, 1 + _DOWN, 1, 0], dtype=np.int64)


def _corner_tables() -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Corner of entry by move in, and number of corners walked by (move in, move out)."""
    entry = np.array([0, 0, 1, 1, 2, 2, 3, 3], dtype=np.intp)
    leave = np.array([1, 2, 2, 3, 3, 0, 0, 1], dtype=np.intp)
    steps = (leave[None, :] - entry[:, None]) % 4
    for move in (1, 3, 5, 7):
        # Back along a diagonal: the polygon goes around the pixel at the tip.
        steps[move, (move + 4) % 8] = 4
    return entry, steps.ravel()


_ENTRY, _STEPS = _corner_tables()


def _corner_polygons(
    outlines: Sequence[Outline], offsets: Sequence[tuple[int, int]]
) -> list[NDArray[np.int32]]:
    """Turn border pixels into pixel-edge polygons, all outlines at once."""
    if not outlines:
        return []
    lengths = np.array([len(outline) for outline in outlines])
    pixels = np.concatenate(outlines).view(np.int64).ravel()
    ends = np.cumsum(lengths)
    starts = ends - lengths
    moves = _next_in_ring(pixels, starts, ends) - pixels + (1 + _DOWN)
    out = _DIRECTION[(moves >> 32) * 3 + (moves & 3)]
    into = _previous_in_ring(out, starts, ends)
    steps = _STEPS[into * 8 + out]
    steps[starts[lengths == 1]] = 4
    last = np.cumsum(steps)
    # For each corner: the pixel that it belongs to, and how many corners into its walk it is.
    source = np.repeat(np.arange(len(pixels)), steps)
    walk = np.arange(1, len(source) + 1) + (_ENTRY[into] - last + steps)[source]
    shifts = np.array([x + y * _DOWN for x, y in offsets], dtype=np.int64)
    corners = (pixels + np.repeat(shifts, lengths))[source] + _CORNERS[walk & 3]
    return _without_collinear(corners, last[ends - 1])


def _without_collinear(
    corners: NDArray[np.int64], ends: NDArray[np.intp]
) -> list[NDArray[np.int32]]:
    """Split corners at ``ends``, and drop collinear ones."""
    starts = np.concatenate(([0], ends[:-1]))
    edges = _next_in_ring(corners, starts, ends) - corners
    vertical = (edges & (_DOWN - 1)) == 0
    keep = vertical != _previous_in_ring(vertical, starts, ends)
    kept_ends = np.cumsum(keep)[ends - 1].tolist()
    points = corners[keep].view(np.int32).reshape(-1, 2)
    return [points[start:end] for start, end in pairwise([0, *kept_ends])]


def _next_in_ring(
    values: NDArray[np.int64], starts: NDArray[np.intp], ends: NDArray[np.intp]
) -> NDArray[np.int64]:
    """The value after each, in concatenated rings."""
    following = np.empty_like(values)
    following[:-1] = values[1:]
    following[ends - 1] = values[starts]
    return following


def _previous_in_ring(
    values: NDArray[Any], starts: NDArray[np.intp], ends: NDArray[np.intp]
) -> NDArray[Any]:
    """The value before each, in concatenated rings."""
    before = np.empty_like(values)
    before[1:] = values[:-1]
    before[starts] = values[ends - 1]
    return before


def _cut_open(
    bitmap: NDArray[np.uint8], outline: Outline, box: Box, spans: Sequence[tuple[int, int]]
) -> list[tuple[Outline, int, int]]:
    """Cut a region into bands of columns, none of which contains a whole hole.

    Returns the outlines of the pieces, with the x, y to be added to each.
    """
    x, y, width, _ = box
    alone = _region_alone(bitmap, outline, box)
    bounds = [0, *_stab([(first - x, last - x) for first, last in spans]), width]
    pieces: list[tuple[Outline, int, int]] = []
    for left, right in pairwise(bounds):
        band = np.ascontiguousarray(alone[:, left:right])
        pieces += [(piece, x + left, y) for piece, _, _ in _region_outlines(band)]
    return pieces


def _region_alone(bitmap: NDArray[np.uint8], outline: Outline, box: Box) -> NDArray[np.uint8]:
    """The region with this outline, cropped to its box, without other regions in its holes."""
    x, y, width, height = box
    _, labels = cv2.connectedComponents(bitmap[y : y + height, x : x + width], connectivity=8)
    column, row = outline[0]
    alone: NDArray[np.uint8] = (labels == labels[row - y, column - x]).astype(np.uint8)
    return alone


def _stab(spans: Sequence[tuple[int, int]]) -> list[int]:
    """Fewest cuts (before these columns) that open every hole; spans are first, last column."""
    cuts: list[int] = []
    for first, last in sorted(spans, key=lambda span: span[1]):
        if not cuts or cuts[-1] < first:
            cuts.append(last + 1)
    return cuts
