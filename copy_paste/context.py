"""Context: where the labels of a photo look like those around a donor in its own photo.

Around a donor's box runs a ring. Its four parts are the strip above the box, the sides of its upper
half, the sides of its lower half, and the strip below; each has its own histogram of classes, so
that a road underneath, a wall beside and the sky above are three different things. Left and right
are one part, since what is left of one object is as often right of the next. A place in a new photo
agrees with the donor as far as the histograms of its own ring intersect with the donor's (Swain
and Ballard 1991, "Color Indexing", IJCV 7). All places of a grid are scored at once, by sums over
boxes on integral images of the photo's label map (Crow 1984, "Summed-Area Tables for Texture
Mapping", SIGGRAPH).

What counts as a class: ignore (255) and padding never do; they agree with nothing. Background 0
does only in a densely labelled set, where classes cover at least half of the donors' photos, such
as street scenes: there 0 is what none of the classes is. In a set whose objects lie on unlabelled
ground, such as litter, 0 is grass, water and wall alike; it would agree with everything and say
nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from trashdata.palette import IGNORE_INDEX

from .geometry import Box

# Width of the ring, relative to the square root of the donor's area. On CamVid's street scenes the
# position of a real object agrees better with a donor of its class than 83 % of all positions do,
# on average over four classes; with a ring of 0.35 it is 79 %.
RING = 1.0
# The least labelled share of a donor's ring; with less it says too little about where it stood.
LEAST_LABELLED = 0.25
# Classes with a smaller share of the labelled ring are left out.
_LEAST_SHARE = 0.02
# From this labelled share of a set's photos on, background 0 counts as a class.
DENSE = 0.5
# Samples along the longer side of a label map, at most.
SAMPLES = 128
# Places of the grid along the longer side of a photo, about.
PLACES = 30
# A place that agrees by this much less is drawn e times less often. Lower ones hit more surely, but
# put a donor into the same few places; this one keeps 75 % of the entropy of a uniform draw there,
# and one of 0.03 keeps 47 %.
TEMPERATURE = 0.08
# Where no place agrees by this much, the photo has nothing like the donor's surroundings.
LEAST_AGREEMENT = 0.25

# Parts of the ring: above, beside the upper half, beside the lower half, below.
_ABOVE, _UPPER, _LOWER, _BELOW = range(4)
_BESIDE = slice(_UPPER, _BELOW)


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """The labels around a donor in its own photo.

    Parameters
    ----------
    classes : (K,) uint8, the classes that occur around it.
    pixels : (4, K) int64, pixels of each class in each part of the ring.
    ring : width of the ring, relative to the square root of the box's area.
    seen : pixels of the ring that are in the photo and not padding.
    """

    classes: NDArray[np.uint8]
    pixels: NDArray[np.int64]
    ring: float
    seen: int

    def of(self, kept: NDArray[np.bool_]) -> Surroundings:
        """The same for some of the classes, (K,) bool."""
        return replace(self, classes=self.classes[kept], pixels=self.pixels[:, kept])


def telling(around: Surroundings | None, *, dense: bool) -> Surroundings | None:
    """The surroundings, without background unless the set is densely labelled; None if they say
    too little."""
    if around is None:
        return None
    counted = around if dense else around.of(around.classes != 0)
    of_class = counted.pixels.sum(axis=0)
    labelled = int(of_class.sum())
    if not labelled or labelled < LEAST_LABELLED * counted.seen:
        return None
    return counted.of(of_class >= _LEAST_SHARE * labelled)


def surroundings_of(
    instances: NDArray[np.uint16], classes: NDArray[np.uint8], valid_box: Box, box: Box, area: int
) -> Surroundings:
    """Learn the labels around a donor.

    Parameters
    ----------
    instances : (H, W) instance map of the donor's photo.
    classes : (N + 1,) the class of each of its values; 255 is ignore.
    valid_box : the part (x, y, width, height) of the photo that is not padding.
    box, area : the donor's box in pixels, and its visible pixels.
    """
    width = max(1.0, RING * math.sqrt(area))
    left, top, box_width, box_height = box
    down = (-width, 0, box_height / 2, box_height, box_height + width)
    across = (-width, 0, box_width, box_width + width)
    x, y, valid_width, valid_height = valid_box
    rows = [min(max(round(top + edge), y), y + valid_height) for edge in down]
    columns = [min(max(round(left + edge), x), x + valid_width) for edge in across]
    counts = np.zeros((4, 256), dtype=np.int64)
    for part in range(4):
        band = classes[instances[rows[part] : rows[part + 1], columns[0] : columns[3]]]
        counts[part] = np.bincount(band.ravel(), minlength=256)
        if part in (_UPPER, _LOWER):
            inside = band[:, columns[1] - columns[0] : columns[2] - columns[0]]
            counts[part] -= np.bincount(inside.ravel(), minlength=256)
    seen = int(counts.sum())
    counts[:, IGNORE_INDEX] = 0
    around = np.flatnonzero(counts.any(axis=0))
    ring = width / math.sqrt(box_width * box_height)
    return Surroundings(around.astype(np.uint8), counts[:, around], ring, seen)


@dataclass(frozen=True, slots=True, eq=False)
class LabelSums:
    """The classes of a photo as integral images of samples.

    Parameters
    ----------
    sums : (K, h + 1, w + 1) float32, samples of each class above and to the left.
    index : (256,) int64, the index of each class in ``sums``; -1 if it does not occur.
    stride : pixels between samples.
    """

    sums: NDArray[np.float32]
    index: NDArray[np.int64]
    stride: int


def label_sums(
    instances: NDArray[np.uint8] | NDArray[np.uint16], classes: NDArray[np.uint8], valid_box: Box
) -> LabelSums:
    """Sum up the classes of a photo.

    Parameters
    ----------
    instances : (H, W) instance map.
    classes : (N + 1,) the class of each of its values; 255 is ignore.
    valid_box : the part (x, y, width, height) that is not padding.
    """
    stride = math.ceil(max(instances.shape) / SAMPLES)
    first = stride // 2
    samples = classes[instances[first::stride, first::stride]]
    x, y, width, height = valid_box
    rows = np.arange(first, instances.shape[0], stride)
    columns = np.arange(first, instances.shape[1], stride)
    samples[(rows < y) | (rows >= y + height)] = IGNORE_INDEX
    samples[:, (columns < x) | (columns >= x + width)] = IGNORE_INDEX
    present = np.flatnonzero(np.bincount(samples.ravel(), minlength=256)[:IGNORE_INDEX])
    sums = np.zeros((len(present), samples.shape[0] + 1, samples.shape[1] + 1), dtype=np.float32)
    for number, value in enumerate(present.tolist()):
        sums[number] = cv2.integral((samples == value).view(np.uint8), sdepth=cv2.CV_32F)
    index = np.full(256, -1, dtype=np.int64)
    index[present] = np.arange(len(present))
    return LabelSums(sums, index, stride)


def agreement(
    around: Surroundings,
    sums: LabelSums,
    size: tuple[float, float],
    xs: NDArray[np.int64],
    ys: NDArray[np.int64],
) -> NDArray[np.float32]:
    """How well the places of a grid agree with a donor's surroundings.

    Parameters
    ----------
    size : width and height of the donor's box in the new photo, in pixels.
    xs, ys : (X,) and (Y,) pixels, of the box's upper left corner.

    Returns
    -------
    (Y, X) float32 from 0 to 1. Each part of the ring counts by its labelled pixels in the donor's
    photo; what of it is outside of the new photo, padding or ignored agrees with nothing there.
    """
    numbers = sums.index[around.classes]
    known = numbers >= 0
    if not known.any():
        return np.zeros((len(ys), len(xs)), dtype=np.float32)
    # In whole samples, so that a part has the same size at all positions.
    wide, tall = (max(1, round(side / sums.stride)) for side in size)
    ring = max(1, round(around.ring * math.sqrt(size[0] * size[1]) / sums.stride))
    down = np.array([-ring, 0, tall // 2, tall, tall + ring])
    across = np.array([-ring, 0, wide, wide + ring])
    part_sizes = np.diff(down) * (wide + 2 * ring)
    part_sizes[_BESIDE] -= np.diff(down)[_BESIDE] * wide
    images = sums.sums[numbers[known]]
    _, last_row, last_column = np.subtract(images.shape, 1)
    rows = np.clip((ys + sums.stride // 2) // sums.stride + down[:, None], 0, last_row)
    columns = np.clip((xs + sums.stride // 2) // sums.stride + across[:, None], 0, last_column)
    edges = images.take(rows, axis=1)
    corners = (edges[:, 1:] - edges[:, :-1]).take(columns, axis=3)
    # Samples of each class in each part at each position, (K, 4, Y, X).
    shown = corners[:, :, :, 3] - corners[:, :, :, 0]
    shown[:, _BESIDE] -= corners[:, _BESIDE, :, 2] - corners[:, _BESIDE, :, 1]
    of_part = around.pixels.sum(axis=1)
    shares = around.pixels[:, known] / np.maximum(1, of_part)[:, None]
    wanted = (shares.T * part_sizes).astype(np.float32)
    np.minimum(shown, wanted[:, :, None, None], out=shown)
    weights = (of_part / of_part.sum() / np.maximum(1, part_sizes)).astype(np.float32)
    score: NDArray[np.float32] = (shown.sum(axis=0) * weights[:, None, None]).sum(axis=0)
    return score


def draw_place(
    around: Surroundings,
    sums: LabelSums,
    outline: tuple[float, float, float, float],
    first: tuple[int, int],
    last: tuple[int, int],
    rng: np.random.Generator,
) -> tuple[int, int] | None:
    """Draw a position with a chance proportional to exp(agreement / `TEMPERATURE`).

    Parameters
    ----------
    outline : left, top, right and bottom of the donor, when it is put at (0, 0).
    first, last : the smallest and the largest x and y at which it can be put.

    Returns
    -------
    x and y, or None if no position agrees by `LEAST_AGREEMENT`.
    """
    left, top, right, bottom = outline
    size = right - left, bottom - top
    room = max(end - start + side for start, end, side in zip(first, last, size, strict=True))
    step = max(1.0, room / PLACES)
    # The grid is shifted at random, so that every position can be drawn and is what was scored.
    xs, ys = (_grid(start, end, step, rng) for start, end in zip(first, last, strict=True))
    score = agreement(around, sums, size, xs + round(left), ys + round(top)).ravel()
    best = score.max()
    if best < LEAST_AGREEMENT:
        return None
    chances = np.cumsum(np.exp((score - best).astype(np.float64) / TEMPERATURE))
    place = int(np.searchsorted(chances, rng.random() * chances[-1], side="right"))
    row, column = divmod(min(place, len(score) - 1), len(xs))
    return int(xs[column]), int(ys[row])


def _grid(first: int, last: int, step: float, rng: np.random.Generator) -> NDArray[np.int64]:
    """Whole numbers about ``step`` apart, from ``first`` to ``last``, with a random start."""
    start = first + rng.random() * min(step, last - first + 1)
    numbers: NDArray[np.int64] = np.arange(start, last + 1, step).astype(np.int64)
    return np.minimum(numbers, last)
