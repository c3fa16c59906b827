"""A synthetic photo on labels alone: which pixel belongs to which object, and what may be pasted.

The instance map holds, for every pixel, 0 or the number of the topmost object. Everything that
is written about a photo (label mask, annotations, counts) is read off it, so they can't disagree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trashdata.copy_paste.donors import Donor
from trashdata.copy_paste.geometry import Box, Transform, bounds, map_polygons
from trashdata.copy_paste.sources import SourceObject, SourcePhoto
from trashdata.masks.raster import rasterise
from trashdata.masks.rle import Window


@dataclass(slots=True)
class SceneObject:
    """An object of the scene; its number in the instance map is its place in the list plus one.

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
    """A photo in the making; ``valid_box`` is what is not padding."""

    instances: NDArray[np.uint8] | NDArray[np.uint16]
    objects: list[SceneObject]
    valid_box: Box


@dataclass(frozen=True)
class Rules:
    """What a placement must keep to; see the options of the same names."""

    min_area: int
    max_area: int | None
    min_visible: float
    max_cover: float
    patch: frozenset[int]


def build_scene(photo: SourcePhoto, transform: Transform, room: int) -> Scene:
    """The background's objects under its jitter, each with what is visible of it.

    ``room`` is how many objects will be pasted at most.
    """
    width, height = photo.image.width, photo.image.height
    frame = _frame(transform, (width, height))
    valid_box = _map_box(photo.valid_box, transform, frame)
    mapped = []
    for item in photo.objects:
        polygons = map_polygons(item.polygons, transform)
        left, top, right, bottom = bounds(polygons)
        if left < frame[2] and top < frame[3] and right > frame[0] and bottom > frame[1]:
            inside = (
                left >= frame[0] and top >= frame[1] and right <= frame[2] and bottom <= frame[3]
            )
            mapped.append((item, polygons, inside))
    windows = rasterise([polygons for _, polygons, _ in mapped], width, height)
    small = len(windows) + room < 256
    instances = np.zeros((height, width), dtype=np.uint8 if small else np.uint16)
    objects: list[SceneObject] = []
    for (item, polygons, whole), window in zip(mapped, windows, strict=True):
        if window.area:
            objects.append(SceneObject(item, polygons, window, 0, 0, whole))
            paint(instances, window, len(objects))
    for number, item in enumerate(objects, start=1):
        item.area = item.visible = int(np.count_nonzero(instances[item.window.slices] == number))
    return Scene(instances, objects, valid_box)


def _frame(transform: Transform, size: tuple[int, int]) -> Box:
    """Left, top, right, bottom of the part of the new photo that the background fills."""
    x, y = transform.place
    return x, y, min(size[0], x + transform.size[0]), min(size[1], y + transform.size[1])


def _map_box(box: Box, transform: Transform, frame: Box) -> Box:
    """x, y, width, height of a box of the source in the new photo, on whole pixels inside it."""
    x, y, width, height = box
    corners = np.array([x, y, x + width, y + height], dtype=np.float64)
    (mapped,) = map_polygons([corners], transform)
    left, right = sorted((mapped[0], mapped[2]))
    top, bottom = sorted((mapped[1], mapped[3]))
    x0, y0 = max(frame[0], int(np.ceil(left))), max(frame[1], int(np.ceil(top)))
    x1, y1 = min(frame[2], int(np.floor(right))), min(frame[3], int(np.floor(bottom)))
    return x0, y0, max(0, x1 - x0), max(0, y1 - y0)


def paint(
    instances: NDArray[np.uint8] | NDArray[np.uint16], window: Window, number: int
) -> None:
    """Give the window's foreground to an object."""
    np.copyto(instances[window.slices], number, where=window.bitmap.view(np.bool_))


@dataclass(frozen=True, slots=True)
class PastedObject:
    """A donor's object as it would lie in the photo."""

    source: SourceObject
    polygons: list[NDArray[np.float64]]
    window: Window


def pasted_objects(
    donor: Donor, transform: Transform, width: int, height: int
) -> list[PastedObject]:
    """The donor's objects under its transform; companions too small for a pixel are left out."""
    polygons = [map_polygons(item.polygons, transform) for item in donor.objects]
    windows = rasterise(polygons, width, height)
    return [
        PastedObject(item, own, window)
        for item, own, window in zip(donor.objects, polygons, windows, strict=True)
        if window.area or item.class_index == donor.class_index
    ]


def fault_of_placement(
    scene: Scene, pasted: Sequence[PastedObject], rules: Rules
) -> str | None:
    """Why objects can't be pasted like this, or None if they can."""
    for item in pasted:
        fault = _fault_of_size(item.window, scene.valid_box, rules)
        if fault and item.source.class_index in rules.patch:
            return fault
    covered = np.zeros(len(scene.objects) + 1, dtype=np.int64)
    for item in pasted:
        covered += _covered_pixels(scene, item.window)
    for number in np.flatnonzero(covered[1:]).tolist():
        fault = _fault_of_cover(scene.objects[number], int(covered[number + 1]), rules)
        if fault:
            return fault
    return None


def _covered_pixels(scene: Scene, window: Window) -> NDArray[np.int64]:
    """Pixels of nothing and of every object that lie under the window's foreground."""
    under = scene.instances[window.slices][window.bitmap.view(np.bool_)]
    return np.bincount(under, minlength=len(scene.objects) + 1)


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


def add_objects(scene: Scene, pasted: Sequence[PastedObject], donor: int) -> None:
    """Paste objects that come together, in the order of painting, and update what is visible."""
    for item in pasted:
        covered = _covered_pixels(scene, item.window)
        for number in np.flatnonzero(covered[1:]).tolist():
            scene.objects[number].visible -= int(covered[number + 1])
        area = item.window.area
        scene.objects.append(
            SceneObject(item.source, item.polygons, item.window, area, area, True, donor)
        )
        paint(scene.instances, item.window, len(scene.objects))
