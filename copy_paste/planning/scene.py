"""A synthetic photo on labels alone: which pixel belongs to which object, and what may be pasted.

The instance map holds, for every pixel, 0 or the number of the topmost object. Everything that
is written about a photo (label mask, annotations, counts) is read off it, so they can't disagree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from trashdata.mask_codec.rle import Window, united
from trashdata.masks.labelmap import paint

from ..donors.donors import Donor
from ..donors.sources import SourceObject, SourcePhoto
from ..geometry import Box, Transform, map_points, put


@dataclass(slots=True)
class SceneObject:
    """An object of the scene; its number in the instance map is its index in the list plus one.

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
        """Whether the mapped polygons are the object's mask."""
        return self.whole and self.visible == self.window.area


@dataclass(slots=True)
class Scene:
    """A photo in the making.

    ``valid_box`` is what is not padding; ``pastes`` are the windows of each paste as it was put,
    before later ones covered it.
    """

    instances: NDArray[np.uint8] | NDArray[np.uint16]
    objects: list[SceneObject]
    valid_box: Box
    pastes: list[list[Window]] = field(default_factory=list)


@dataclass(frozen=True)
class Rules:
    """What a placement must keep to; see the options of the same names."""

    min_area: int
    max_area: int | None
    min_visible: float
    max_cover: float
    patch: frozenset[int]


@dataclass(frozen=True, slots=True)
class Backdrop:
    """A background under its jitter, not yet rasterised.

    ``objects``: those that reach into the photo, in the order of painting, with their polygons
    and whether they lie wholly inside; ``size``: width, height of the photo, in pixels.
    """

    objects: list[tuple[SourceObject, list[NDArray[np.float64]], bool]]
    size: tuple[int, int]
    valid_box: Box


def map_background(photo: SourcePhoto, transform: Transform, size: tuple[int, int]) -> Backdrop:
    """Where the background's objects come to lie in a new photo of ``size`` (width, height)."""
    frame = _frame(transform, size)
    valid_box = _map_box(photo.valid_box, transform, frame)
    return Backdrop(_mapped_objects(photo, transform, frame), size, valid_box)


def build_scene(backdrop: Backdrop, windows: Sequence[Window], room: int) -> Scene:
    """The background's objects, each with what is visible of it.

    ``windows`` are the objects' own; ``room`` is how many will be pasted at most.
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
    """Objects that reach into the frame, with their polygons, and whether they lie inside it."""
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
    """x, y, width, height of a box of the source in the new photo, on whole pixels inside it."""
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
    """A donor's object as it would lie in the photo."""

    source: SourceObject
    polygons: list[NDArray[np.float64]]
    window: Window


def pasted_objects(
    donor: Donor, polygons: Sequence[list[NDArray[np.float64]]], windows: Sequence[Window]
) -> list[PastedObject]:
    """The donor's objects where they would lie; companions too small for a pixel are left out."""
    return [
        PastedObject(item, shape, window)
        for item, shape, window in zip(donor.objects, polygons, windows, strict=True)
        if window.area or item.class_index == donor.class_index
    ]


def try_paste(scene: Scene, pasted: Sequence[PastedObject], donor: int, rules: Rules) -> str | None:
    """Paste objects that come together, in the order of painting, if the rules allow it.

    Returns
    -------
    None if they were pasted, else the rule that forbids it; the scene is then as it was.
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
    """Visible pixels that the pasted objects cover, by the covered object's index in the scene."""
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
    """The rows and columns of ``other``, from its own corner on, that lie in ``one`` as well."""
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
        # Objects that come together may cover each other.
        for number in range(first, len(scene.objects)):
            window = scene.objects[number].window
            shown = scene.instances[window.slices] == number + 1
            scene.objects[number].visible = int(np.count_nonzero(shown))
