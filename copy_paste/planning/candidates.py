"""Drawing donors and placements, before any rule is checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..context import LabelSums
from ..donors.donors import Donor
from ..donors.sources import SourcePhoto
from ..geometry import Box, Transform, map_points, put, scaled_size
from ..options import CopyPasteOptions
from ..placement import READS_LABELS, Space, draw_position
from .jitter import draw_donor
from .scene import Rules, Scene

# Draws of a placement that breaks a rule, before another background is tried.
DRAWS = 50


@dataclass(frozen=True)
class Material:
    """What photos are planned from. ``donors_by_class``: indices into ``donors`` by class."""

    backgrounds: Sequence[SourcePhoto]
    donors: Sequence[Donor]
    donors_by_class: Sequence[Sequence[int]]
    rules: Rules
    options: CopyPasteOptions

    @cached_property
    def largest_donor(self) -> int:
        """The largest number of objects in one paste."""
        return max(len(donor.objects) for donor in self.donors)

    def size_on(self, background: int) -> tuple[int, int]:
        """Width and height of photos on a background, by its index, in pixels."""
        image = self.backgrounds[background].image
        return scaled_size((image.width, image.height), self.options.size)

    @cached_property
    def reads_labels(self) -> bool:
        """Whether placements depend on the background's labels."""
        telling = any(donor.around is not None for donor in self.donors)
        return telling and self.options.place in READS_LABELS

    def surface_of(self, scene: Scene) -> Surface:
        """A scene as something to paste onto."""
        height, width = scene.instances.shape
        labels = scene.background_labels() if self.reads_labels else None
        return Surface((width, height), scene.valid_box, labels)


@dataclass(frozen=True, slots=True)
class Surface:
    """What is pasted onto.

    ``size``: width, height of the photo; ``valid_box``: its part that is not padding; ``labels``:
    the background's, for rules of placement that read them.
    """

    size: tuple[int, int]
    valid_box: Box
    labels: LabelSums | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A donor, by its index, and its placement, with its polygons in the new photo."""

    donor: int
    transform: Transform
    polygons: list[list[NDArray[np.float64]]]


def draw_candidate(
    material: Material, surface: Surface, rng: np.random.Generator, reasons: Counter[str]
) -> Candidate | None:
    """Draw class, donor, jitter and position; None if no draw fits into the photo.

    ``reasons`` counts the draws that were too large.
    """
    for _ in range(DRAWS):
        candidate = draw_placement(draw_number(material, rng), material, surface, rng)
        if candidate is not None:
            return candidate
        reasons["larger than the photo"] += 1
    return None


def draw_placement(
    number: int, material: Material, surface: Surface, rng: np.random.Generator
) -> Candidate | None:
    """Draw jitter and position for a donor, by its index; None if it is too large."""
    donor = material.donors[number]
    transform = draw_donor(donor, surface.size, material.options, rng)
    points = map_points(donor.outlines.points, transform)
    left, top = points.min(axis=0).tolist()
    right, bottom = points.max(axis=0).tolist()
    space = Space(
        donor_box=donor.crop,
        donor_photo=donor.photo_size,
        outline=(left, top, right, bottom),
        valid_box=surface.valid_box,
        around=donor.around,
        labels=surface.labels,
    )
    position = draw_position(material.options.place, space, rng)
    if position is None:
        return None
    polygons = donor.outlines.split(put(points, position))
    return Candidate(number, transform.at(*position), polygons)


def draw_number(material: Material, rng: np.random.Generator) -> int:
    """Draw a class, then the index of one of its donors."""
    of_class = material.donors_by_class[int(rng.integers(0, len(material.donors_by_class)))]
    return of_class[int(rng.integers(0, len(of_class)))]
