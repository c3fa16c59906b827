"""Rules of placement: where in a new photo a donor is put.

To add one, write a function and name it in `PLACEMENTS`; ``--place`` then offers it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

# The options take their choices from here, so nothing heavy is imported.
if TYPE_CHECKING:
    import numpy as np

    from .context import LabelSums, Surroundings

# The largest change of height by `near_its_height`, as a share of the photo's height.
_SPREAD = 0.05


@dataclass(frozen=True, slots=True)
class Space:
    """A donor, and the photo it is put into; all in pixels.

    Parameters
    ----------
    donor_box, donor_photo : the donor's box (x, y, width, height) in its own photo, and the size
        (width, height) of that.
    outline : left, top, right and bottom of the donor's resized outlines, when its upper left
        corner is put at (0, 0).
    valid_box : the part (x, y, width, height) of the new photo that is not padding.
    around, labels : the labels around the donor in its own photo, and those of the new photo's
        background; for the rules in `READS_LABELS`. ``around`` is None where they say too little.
    """

    donor_box: tuple[int, int, int, int]
    donor_photo: tuple[int, int]
    outline: tuple[float, float, float, float]
    valid_box: tuple[int, int, int, int]
    around: Surroundings | None = None
    labels: LabelSums | None = None

    @property
    def first(self) -> tuple[int, int]:
        """The smallest x and y at which the whole donor is inside the photo."""
        (left, top, _, _), (x, y, _, _) = self.outline, self.valid_box
        return math.ceil(x - left), math.ceil(y - top)

    @property
    def last(self) -> tuple[int, int]:
        """The largest x and y at which it is; smaller than `first` if the donor is too large."""
        (_, _, right, bottom), (x, y, width, height) = self.outline, self.valid_box
        return math.floor(x + width - right), math.floor(y + height - bottom)


Placement = Callable[[Space, "np.random.Generator"], tuple[int, int]]
"""Gives x and y, from ``first`` to ``last``; it is asked only where there is room."""


def anywhere(space: Space, rng: np.random.Generator) -> tuple[int, int]:
    """Anywhere in the photo."""
    (first_x, first_y), (last_x, last_y) = space.first, space.last
    y = int(rng.integers(first_y, last_y + 1))
    return int(rng.integers(first_x, last_x + 1)), y


def near_its_height(space: Space, rng: np.random.Generator) -> tuple[int, int]:
    """Near the donor's height in its own photo."""
    (first_x, first_y), (last_x, last_y) = space.first, space.last
    share = (space.donor_box[1] + space.donor_box[3] / 2) / space.donor_photo[1]
    share += rng.uniform(-_SPREAD, _SPREAD)
    _, top, _, bottom = space.outline
    centre = space.valid_box[1] + share * space.valid_box[3] - (top + bottom) / 2
    y = min(max(round(centre), first_y), last_y)
    return int(rng.integers(first_x, last_x + 1)), y


def where_labels_agree(space: Space, rng: np.random.Generator) -> tuple[int, int]:
    """Where the labels around it look like those around the donor in its own photo.

    Near the donor's height where they can't say: its own photo has too few labels around it, or
    the new photo has nothing like them.
    """
    if space.around is not None and space.labels is not None:
        from .context import draw_in_context

        position = draw_in_context(
            space.around,
            space.labels,
            space.outline,
            space.first,
            space.last,
            rng,
        )
        if position is not None:
            return position
    return near_its_height(space, rng)


PLACEMENTS: dict[str, Placement] = {
    "anywhere": anywhere,
    "row": near_its_height,
    "context": where_labels_agree,
}

READS_LABELS = frozenset({"context"})
"""Rules that look at `Space.around` and `Space.labels`, which others don't pay for."""


def draw_position(rule: str, space: Space, rng: np.random.Generator) -> tuple[int, int] | None:
    """Draw a position by a rule; None if the donor is too large for the photo."""
    (first_x, first_y), (last_x, last_y) = space.first, space.last
    if first_x > last_x or first_y > last_y:
        return None
    return PLACEMENTS[rule](space, rng)
