"""Context: where the labels of a photo look like those around a donor in its own photo.

Around a donor's box runs a ring. Its parts are the strip above the box, the upper and the lower
half of either side, the strip below, and of that once more the thin piece that touches the box, on
which the donor stands. Each has its own histogram of classes, so that a road underneath, a wall
beside and the sky above are three different things. A position in a new photo agrees with the donor
as far as the histograms around it intersect with the donor's (Swain and Ballard 1991, "Color
Indexing", IJCV 7). The agreement of the parts is multiplied, so that no part makes up for another:
otherwise much wall around a person outweighs that there is no pavement under the feet. What was
left of the donor may be right of it as well, whether it is flipped or not: what stands by a wall
stands by one on either side. All positions of a grid are scored at once, by sums over boxes on
integral images of the photo's label map (Crow 1984, "Summed-Area Tables for Texture Mapping",
SIGGRAPH).

What counts as a class: ignore (255) and padding never do; they agree with nothing. Background 0
does only in a densely labelled set, where classes cover at least half of the donors' photos, such
as street scenes: there 0 is what none of the classes is. In a set whose objects lie on unlabelled
ground, such as litter, 0 is grass, water and wall alike; it would agree with everything and say
nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from trashdata.palette import IGNORE_INDEX

from .geometry import Box

Number = TypeVar("Number", np.int64, np.float32)

# Width of the ring, relative to the square root of the donor's area, and the height of the piece
# that touches the box, relative to the ring's width. On CamVid's street scenes, the position of a
# real object agrees better with a donor of its class than 83 % of all positions do, on average over
# four classes; with a ring of 0.35 it was 79 %.
RING, CONTACT = 1.0, 0.25
# Weights of the parts: above, left and right of the upper half, left and right of the lower half,
# touching, below. Without the piece that touches, and with sums in the place of products, 19 % of
# people and cyclists stood on sky, trees or walls there; now it is 2 %.
WEIGHTS = (1.0, 0.5, 0.5, 0.5, 0.5, 2.0, 1.0)
# The parts in the middle, and those at the sides: left and right, for two rows.
_MIDDLE, _SIDES = [0, 5, 6], slice(1, 5)
# Added to the agreement of each part, so that a part without any doesn't decide alone.
_SLACK = 0.05
# The least labelled share of a donor's ring, by these weights; what is outside of its photo is not
# labelled. With less, it says too little about where the donor stood.
LEAST_LABELLED = 0.5
# Classes with a smaller share of the labelled ring are left out.
_LEAST_SHARE = 0.04
# From this labelled share of a set's photos on, background 0 counts as a class.
DENSE = 0.5
# Samples along the longer side of a label map, at most.
SAMPLES = 160
# Positions of the grid along the longer side of a photo, about.
POSITIONS = 25
# A position that agrees by this much less is drawn e times less often. A lower temperature hits
# more surely, but puts a donor into the same few places. Over many photos of CamVid, the positions
# of one donor keep 72 % of the entropy of a uniform draw.
TEMPERATURE = 0.03
# Where no position agrees by this much, the photo has nothing like the donor's surroundings.
LEAST_AGREEMENT = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """The labels around a donor in its own photo.

    Parameters
    ----------
    classes : (K,) uint8, the classes that occur around it.
    pixels : (7, K) int64, pixels of each class in each part of the ring.
    sizes : (7,) int64, pixels of each part, those outside of the photo included.
    ring : width of the ring, relative to the square root of the box's area.
    """

    classes: NDArray[np.uint8]
    pixels: NDArray[np.int64]
    sizes: NDArray[np.int64]
    ring: float

    @property
    def weights(self) -> NDArray[np.float64]:
        """The weight of each part, (7,): `WEIGHTS` times its labelled share."""
        shares = self.pixels.sum(axis=1) / np.maximum(1, self.sizes)
        weights: NDArray[np.float64] = shares * WEIGHTS
        return weights

    def of(self, kept: NDArray[np.bool_]) -> Surroundings:
        """The same for some of the classes, (K,) bool."""
        return replace(self, classes=self.classes[kept], pixels=self.pixels[:, kept])


def telling(around: Surroundings | None, *, dense: bool) -> Surroundings | None:
    """The surroundings, without background unless the set is densely labelled; None if they say
    too little."""
    if around is None:
        return None
    counted = around if dense else around.of(around.classes != 0)
    if counted.weights.sum() < LEAST_LABELLED * sum(WEIGHTS):
        return None
    of_class = counted.pixels.sum(axis=0)
    return counted.of(of_class >= _LEAST_SHARE * of_class.sum())


def _edges(size: tuple[int, int], ring: int, contact: int) -> tuple[list[int], list[int]]:
    """Six rows and four columns that divide a box and its ring, relative to the box's corner."""
    width, height = size
    rows = [-ring, 0, height // 2, height, height + contact, height + ring]
    return rows, [-ring, 0, width, width + ring]


def _parts(cells: NDArray[Number]) -> NDArray[Number]:
    """Sums over the parts, (7, ...), from those over the cells between the edges, (5, 3, ...)."""
    bands = cells[[0, 3, 4]].sum(axis=1, dtype=cells.dtype)
    sides = cells[1:3, ::2].reshape(4, *cells.shape[2:])
    return np.concatenate((bands[:1], sides, cells[3:4, 1], bands[1:2] + bands[2:]))


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
    left, top, *size = box
    width = max(2, round(RING * math.sqrt(area)))
    rows, columns = _edges((size[0], size[1]), width, max(1, round(CONTACT * width)))
    x, y, valid_width, valid_height = valid_box
    ys = [min(max(top + edge, y), y + valid_height) for edge in rows]
    xs = [min(max(left + edge, x), x + valid_width) for edge in columns]
    # The cell and the class of a pixel as one number: one count for all cells.
    row = np.repeat(np.arange(5), np.diff(ys))
    column = np.repeat(np.arange(3), np.diff(xs))
    shown = classes[instances[ys[0] : ys[-1], xs[0] : xs[-1]]]
    numbers = (row[:, None] * 3 + column) * 256 + shown
    cells = np.bincount(numbers.ravel(), minlength=5 * 3 * 256).reshape(5, 3, 256)
    counts = _parts(cells)
    counts[:, IGNORE_INDEX] = 0
    around = np.flatnonzero(counts.any(axis=0))
    return Surroundings(
        classes=around.astype(np.uint8),
        pixels=counts[:, around],
        sizes=_parts(np.outer(np.diff(rows), np.diff(columns))),
        ring=width / math.sqrt(size[0] * size[1]),
    )


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
    """How well the positions of a grid agree with a donor's surroundings.

    Parameters
    ----------
    size : width and height of the donor's box in the new photo, in pixels.
    xs, ys : (X,) and (Y,) pixels, of the box's upper left corner.

    Returns
    -------
    (Y, X) float32 from 0 to 1, the product of the parts' agreement to the power of their weights,
    as the donor stood or in a mirror, whichever agrees better; one that is turned or upside down
    still lies on what it lay on. What of a part is outside of the new photo, padding or ignored
    agrees with nothing there.
    """
    numbers = sums.index[around.classes]
    known = numbers >= 0
    images = sums.sums[numbers[known]]
    # In whole samples, so that a part has the same size at all positions.
    stride = sums.stride
    wide, tall = (max(1, round(side / stride)) for side in size)
    width = around.ring * math.sqrt(size[0] * size[1]) / stride
    contact = max(1, round(CONTACT * width))
    down, across = _edges((wide, tall), max(contact + 1, round(width)), contact)
    rows = (ys + stride // 2) // stride + np.array(down)[:, None]
    columns = (xs + stride // 2) // stride + np.array(across)[:, None]
    edges = images.take(np.clip(rows, 0, images.shape[1] - 1), axis=1)
    corners = (edges[:, 1:] - edges[:, :-1]).take(np.clip(columns, 0, images.shape[2] - 1), axis=3)
    cells = corners[:, :, :, 1:] - corners[:, :, :, :-1]
    # Samples of each class in each part at each position, (7, K, Y, X).
    shown = _parts(cells.transpose(1, 3, 0, 2, 4))
    part_sizes = np.maximum(1, _parts(np.outer(np.diff(down), np.diff(across))))
    of_part = around.pixels.sum(axis=1)
    shares = around.pixels[:, known] / np.maximum(1, of_part)[:, None]
    wanted = (shares * part_sizes[:, None]).astype(np.float32)[:, :, None, None]
    both = np.minimum(shown, wanted).sum(axis=1)
    mirror = np.minimum(_swapped(shown[_SIDES]), wanted[_SIDES]).sum(axis=1)
    # A part counts less where it was cut off or not labelled in the donor's photo.
    weights = (around.weights / around.weights.sum()).astype(np.float32)
    sizes = part_sizes.astype(np.float32)
    middle = _weighted(both[_MIDDLE], sizes[_MIDDLE], weights[_MIDDLE])
    sides = _weighted(both[_SIDES], sizes[_SIDES], weights[_SIDES])
    mirrored = _weighted(mirror, sizes[_SIDES], weights[_SIDES])
    score: NDArray[np.float32] = np.exp(middle + np.maximum(sides, mirrored))
    return score


def _swapped(sides: NDArray[np.float32]) -> NDArray[np.float32]:
    """The sides as they are seen in a mirror, (4, ...)."""
    return sides.reshape(2, 2, *sides.shape[1:])[:, ::-1].reshape(sides.shape)


def _weighted(
    both: NDArray[np.float32], sizes: NDArray[np.float32], weights: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Logarithm of the weighted product of parts (P, Y, X) that share so many samples, (Y, X)."""
    shares = both / sizes[:, None, None]
    logs = np.log((shares + np.float32(_SLACK)) / np.float32(1 + _SLACK))
    sums: NDArray[np.float32] = (logs * weights[:, None, None]).sum(axis=0)
    return sums


def draw_in_context(
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
    step = max(1.0, room / POSITIONS)
    # The grid is shifted at random, so that every position can be drawn and is what was scored.
    xs, ys = (_grid(start, end, step, rng) for start, end in zip(first, last, strict=True))
    score = agreement(around, sums, size, xs + round(left), ys + round(top)).ravel()
    best = score.max()
    if best < LEAST_AGREEMENT:
        return None
    chances = np.cumsum(np.exp((score - best).astype(np.float64) / TEMPERATURE))
    drawn = int(np.searchsorted(chances, rng.random() * chances[-1], side="right"))
    row, column = divmod(min(drawn, len(score) - 1), len(xs))
    return int(xs[column]), int(ys[row])


def _grid(first: int, last: int, step: float, rng: np.random.Generator) -> NDArray[np.int64]:
    """Whole numbers about ``step`` apart, from ``first`` to ``last``, with a random start."""
    start = first + rng.random() * min(step, last - first + 1)
    # Rounded down: what is below 0 would otherwise be cut towards it.
    numbers: NDArray[np.int64] = np.floor(np.arange(start, last + 1, step)).astype(np.int64)
    return np.minimum(numbers, last)
