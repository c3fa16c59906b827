"""A synthetic photo on labels alone: its instance map, and the rules of pasting.

The instance map holds, for every pixel, 0 or the number of the topmost object. Label map,
annotations and counts of a photo are all derived from it, so they agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from trashdata.mask_codec.rle import Window, united
from trashdata.masks.labelmap import paint
from trashdata.palette import IGNORE_INDEX

from ..context import LabelSums, label_sums
from ..donors.donors import Donor
from ..donors.sources import SourceObject, SourcePhoto
from ..geometry import Box, Transform, map_points, put


@dataclass(slots=True)
class SceneObject:
    """An object of the scene; its number in the instance map is its list index plus one.

    ``area``: pixels before anything was pasted over it; ``visible``: pixels now. ``whole``: whether
    ``polygons`` describe it exactly while nothing covers it.
    """

    source: SourceObject
    polygons: list[NDArray[np.float64]]
    window: Window
    area: int
    visible: int
    whole: bool
    donor: int | None = None

    @property
    def untouched(self) -> bool:
        """Whether the mapped polygons are exactly the object's mask."""
        return self.whole and self.visible == self.window.area


@dataclass(slots=True)
class Scene:
    """The labels of a photo while it is made.

    ``valid_box`` is the part that is not padding; ``pastes`` are the windows of each paste before
    later ones covered it.
    """

    instances: NDArray[np.uint8] | NDArray[np.uint16]
    objects: list[SceneObject]
    valid_box: Box
    pastes: list[list[Window]] = field(default_factory=list)
    _labels: LabelSums | None = None

    def background_labels(self) -> LabelSums:
        """The classes of the background, also after something was pasted onto it.

        Summed up on the first call, which therefore has to come before the first paste.
        """
        if self._labels is None:
            assert not self.pastes
            indices = (
                IGNORE_INDEX if item.source.ignore else item.source.class_index
                for item in self.objects
            )
            classes = np.array([0, *indices], dtype=np.uint8)
            self._labels = label_sums(self.instances, classes, self.valid_box)
        return self._labels


@dataclass(frozen=True)
class Rules:
    """Rules for placements; see the options of the same names."""

    min_area: int
    max_area: int | None
    min_visible: float
    max_cover: float
    patch: frozenset[int]


@dataclass(frozen=True, slots=True)
class Backdrop:
    """A jittered background, not yet rasterised.

    ``objects``: those at least partly in the photo, in painting order, with their polygons and
    whether they are entirely inside; ``size``: width, height of the photo, in pixels.
    """

    objects: list[tuple[SourceObject, list[NDArray[np.float64]], bool]]
    size: tuple[int, int]
    valid_box: Box


def map_background(photo: SourcePhoto, transform: Transform, size: tuple[int, int]) -> Backdrop:
    """Map the background's objects into a new photo of ``size`` (width, height)."""
    frame = _frame(transform, size)
    valid_box = _map_box(photo.valid_box, transform, frame)
    return Backdrop(_mapped_objects(photo, transform, frame), size, valid_box)


def build_scene(backdrop: Backdrop, windows: Sequence[Window], room: int) -> Scene:
    """Build the scene of a background.

    ``windows``: masks of the objects; ``room``: the largest number of objects to be pasted.
    """
    width, height = backdrop.size
    small = len(windows) + room < 256
    instances = np.zeros((height, width), dtype=np.uint8 if small else np.uint16)
    objects: list[SceneObject] = []
    for (item, polygons, whole), window in zip(backdrop.objects, windows, strict=True):
        if window.area:
            objects.append(SceneObject(item, polygons, window, 0, 0, whole))
            paint(instances, window, len(objects))
    for number, placed in enumerate(objects, start=1):
        window = placed.window
        placed.area = int(np.count_nonzero(instances[window.slices] == number))
        placed.visible = placed.area
    return Scene(instances, objects, backdrop.valid_box)


def _mapped_objects(
    photo: SourcePhoto, transform: Transform, frame: Box
) -> list[tuple[SourceObject, list[NDArray[np.float64]], bool]]:
    """Objects at least partly in the frame, their polygons, and whether they are all inside."""
    if not photo.objects:
        return []
    points = put(map_points(photo.outlines.points, transform), transform.position)
    edges = photo.outlines.bounds(points)
    low, high = frame[:2], frame[2:]
    touches = np.all((edges[:, :2] < high) & (edges[:, 2:] > low), axis=1).tolist()
    inside = np.all((edges[:, :2] >= low) & (edges[:, 2:] <= high), axis=1).tolist()
    rows = zip(photo.objects, photo.outlines.split(points), touches, inside, strict=True)
    return [(item, polygons, whole) for item, polygons, near, whole in rows if near]


def _frame(transform: Transform, size: tuple[int, int]) -> Box:
    """Left, top, right, bottom of the part of the new photo that the background fills."""
    x, y = transform.position
    return x, y, min(size[0], x + transform.size[0]), min(size[1], y + transform.size[1])


def _map_box(box: Box, transform: Transform, frame: Box) -> Box:
    """Map a box x, y, width, height of the source into the new photo, shrunk to whole pixels."""
    x, y, width, height = box
    corners = np.array([[x, y], [x + width, y + height]], dtype=np.float64)
    mapped = put(map_points(corners, transform), transform.position)
    left, right = sorted(mapped[:, 0])
    top, bottom = sorted(mapped[:, 1])
    x0, y0 = max(frame[0], int(np.ceil(left))), max(frame[1], int(np.ceil(top)))
    x1, y1 = min(frame[2], int(np.floor(right))), min(frame[3], int(np.floor(bottom)))
    return x0, y0, max(0, x1 - x0), max(0, y1 - y0)


@dataclass(frozen=True, slots=True)
class PastedObject:
    """A donor's object at its placement in the photo."""

    source: SourceObject
    polygons: list[NDArray[np.float64]]
    window: Window


def pasted_objects(
    donor: Donor, polygons: Sequence[list[NDArray[np.float64]]], windows: Sequence[Window]
) -> list[PastedObject]:
    """The donor's objects at a placement; other objects of its photo under a pixel are left out."""
    return [
        PastedObject(item, shape, window)
        for item, shape, window in zip(donor.objects, polygons, windows, strict=True)
        if window.area or item.class_index == donor.class_index
    ]


def try_paste(scene: Scene, pasted: Sequence[PastedObject], donor: int, rules: Rules) -> str | None:
    """Paste the objects of a donor together, in painting order, if the rules allow it.

    Returns
    -------
    None if they were pasted, else the rule that forbids it; the scene is then unchanged.
    """
    for item in pasted:
        fault = _fault_of_size(item.window, scene.valid_box, rules)
        if fault and item.source.class_index in rules.patch:
            return fault
    covered = _covered_pixels(scene, pasted)
    for index, pixels in covered.items():
        fault = _fault_of_cover(scene.objects[index], pixels, rules)
        if fault:
            return fault
    for index, pixels in covered.items():
        scene.objects[index].visible -= pixels
    _add_objects(scene, pasted, donor)
    return None


def _covered_pixels(scene: Scene, pasted: Sequence[PastedObject]) -> dict[int, int]:
    """Count visible pixels that the pasted objects cover, by the covered object's index."""
    windows = [item.window for item in pasted if item.window.area]
    if not windows:
        return {}
    over = united(windows)
    under = scene.instances[over.slices] * over.bitmap
    covered = {}
    for index, item in enumerate(scene.objects):
        pixels = int(np.count_nonzero(under[_overlap(item.window, over)] == index + 1))
        if pixels:
            covered[index] = pixels
    return covered


def _overlap(one: Window, other: Window) -> tuple[slice, slice]:
    """The rows and columns of ``other``, relative to its corner, that are also in ``one``."""
    height, width = one.bitmap.shape
    x, y = one.x - other.x, one.y - other.y
    return slice(max(0, y), max(0, y + height)), slice(max(0, x), max(0, x + width))


def _fault_of_size(window: Window, valid_box: Box, rules: Rules) -> str | None:
    if window.area < rules.min_area:
        return "smaller than --min-area"
    if rules.max_area is not None and window.area > rules.max_area:
        return "larger than --max-area"
    x, y, width, height = window.box
    left, top, valid_width, valid_height = valid_box
    inside = x >= left and y >= top
    if not (inside and x + width <= left + valid_width and y + height <= top + valid_height):
        return "larger than the photo"
    return None


def _fault_of_cover(item: SceneObject, covered: int, rules: Rules) -> str | None:
    if item.source.ignore:
        return None
    left = item.visible - covered
    if 0 < left < rules.min_visible * item.area:
        return "leaving an object less visible than --min-visible"
    guarded = item.source.class_index in rules.patch and not item.source.crowd
    if guarded and item.area - left > rules.max_cover * item.area:
        return "covering more of an object of a patch class than --max-cover"
    return None


def _add_objects(scene: Scene, pasted: Sequence[PastedObject], donor: int) -> None:
    scene.pastes.append([item.window for item in pasted if item.window.area])
    first = len(scene.objects)
    for item in pasted:
        area = item.window.area
        scene.objects.append(
            SceneObject(item.source, item.polygons, item.window, area, area, True, donor)
        )
        paint(scene.instances, item.window, len(scene.objects))
    if len(pasted) > 1:
        # Objects of one donor may cover each other.
        for number in range(first, len(scene.objects)):
            window = scene.objects[number].window
            shown = scene.instances[window.slices] == number + 1
            scene.objects[number].visible = int(np.count_nonzero(shown))
