"""Which objects may be pasted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from trashdata.coco.keys import BACKGROUND_IMAGE_ID
from trashdata.mask_codec.raster import rasterise
from trashdata.mask_codec.rle import Window
from trashdata.masks.labelmap import paint_instances
from trashdata.palette import IGNORE_INDEX

from ..context import DENSE, Surroundings, surroundings_of, telling
from ..geometry import Box, Outlines, bounds
from .quality import Silhouette, fault_of_shape, find_duplicates
from .smooth import without_stairs
from .sources import SourceObject, SourcePhoto, traced_polygons

# Annotators rarely reach the last pixel: an object that ends this near to the border is cut.
BORDER_PX = 2
# Pixels around the object that are cut out with it: resizing looks at its neighbours.
MARGIN_PX = 2


@dataclass(frozen=True, slots=True)
class Donor:
    """What one paste inserts: an object, or with ``--whole`` all objects of a photo.

    ``crop``: x, y, width, height around the objects in the donor photo, in pixels; ``share``: of
    the donor photo's area; ``class_index``: its patch class; ``around``: the labels around it,
    if they were asked for and say enough.
    """

    photo: int
    photo_size: tuple[int, int]
    class_index: int
    objects: tuple[SourceObject, ...]
    outlines: Outlines
    crop: Box
    share: float
    around: Surroundings | None = None


def find_donors(
    photos: Sequence[SourcePhoto],
    patch: frozenset[int],
    removed: frozenset[int],
    *,
    whole: bool,
    cut_donors: bool,
    min_area: int = 1,
    filtered: bool = False,
    around: bool = False,
) -> tuple[list[Donor], Counter[str]]:
    """Find donors of the patch classes, and count the objects left out by reason.

    Parameters
    ----------
    patch, removed : class indices to be pasted, and those that no donor photo may hold.
    whole : one donor a photo that holds a patch class, instead of one an object.
    cut_donors : include objects cut by their photo's border.
    min_area : least number of visible pixels of an object; not checked for whole photos.
    filtered : leave out objects of a synthetic photo whose background is among the photos; also
        degenerate shapes and duplicates, except in whole photos.
    around : learn the labels around each donor.
    """
    donors: list[Donor] = []
    silhouettes: list[Silhouette] = []
    left_out: Counter[str] = Counter()
    there = {photo.image.id for photo in photos}
    labelled = np.zeros(2, dtype=np.int64)
    for number, photo in enumerate(photos):
        of_patch = sum(item.class_index in patch for item in photo.objects)
        if not of_patch:
            continue
        fault = _fault_of_photo(photo, removed, there if filtered else frozenset())
        if fault is not None:
            left_out[fault] += of_patch
            continue
        seen = _SeenPhoto.of(photo)
        usable = _usable(seen, left_out, patch if not whole else None, cut_donors=cut_donors)
        if around:
            labelled += seen.labelled_pixels()
        if whole:
            classes = {item.class_index for item, _ in usable} & patch
            if classes:
                donors.append(_donor(number, seen, min(classes), usable, around=around))
            continue
        for item, window in usable:
            fault = _fault(item, window, min_area, filtered=filtered)
            if fault is not None:
                left_out[fault] += 1
                continue
            members = [(item, window)]
            donors.append(_donor(number, seen, item.class_index, members, around=around))
            size = photo.image.width, photo.image.height
            silhouettes.append(Silhouette(item.class_index, size, window))
    if filtered:
        donors = _each_once(donors, silhouettes, left_out)
    if around:
        dense = bool(labelled[0] >= DENSE * labelled[1])
        donors = [replace(donor, around=telling(donor.around, dense=dense)) for donor in donors]
    return donors, left_out


def _fault_of_photo(photo: SourcePhoto, removed: frozenset[int], sources: Set[int]) -> str | None:
    """Why no object of a photo can be a donor; ``sources``: of synthetic photos, by image id."""
    if photo.image.trashdata.get(BACKGROUND_IMAGE_ID) in sources:
        return "a copy on a synthetic photo"
    if any(item.class_index in removed for item in photo.objects):
        return "on a photo with a class of --remove-patch"
    return None


def _each_once(
    donors: Sequence[Donor], silhouettes: Sequence[Silhouette], left_out: Counter[str]
) -> list[Donor]:
    duplicates = find_duplicates(silhouettes)
    if duplicates:
        left_out["a duplicate of another"] += len(duplicates)
    return [donor for index, donor in enumerate(donors) if index not in duplicates]


def _fault(item: SourceObject, window: Window, min_area: int, *, filtered: bool) -> str | None:
    if window.area < min_area:
        return "tiny (--min-donor-area)"
    return fault_of_shape(window.bitmap, len(item.polygons)) if filtered else None


@dataclass(frozen=True, slots=True)
class _SeenPhoto:
    """A photo, the masks of its objects, and its instance map (H, W): the mask's index plus one.

    ``classes``: the class of each value of the instance map, 255 for ignore regions.
    """

    photo: SourcePhoto
    windows: Sequence[Window]
    instances: NDArray[np.uint16]
    classes: NDArray[np.uint8]

    @classmethod
    def of(cls, photo: SourcePhoto) -> _SeenPhoto:
        width, height = photo.image.width, photo.image.height
        windows = rasterise([list(item.polygons) for item in photo.objects], width, height)
        instances = paint_instances(windows, range(len(windows)), (height, width))
        indices = [IGNORE_INDEX if item.ignore else item.class_index for item in photo.objects]
        return cls(photo, windows, instances, np.array([0, *indices], dtype=np.uint8))

    def visible(self, index: int) -> NDArray[np.bool_]:
        """The pixels of an object's window that no other object covers."""
        shown: NDArray[np.bool_] = self.instances[self.windows[index].slices] == index + 1
        return shown

    def labelled_pixels(self) -> tuple[int, int]:
        """Pixels of any class, and pixels that are neither padding nor ignored."""
        x, y, width, height = self.photo.valid_box
        objects = enumerate(self.photo.objects)
        hidden = sum(int(np.count_nonzero(self.visible(k))) for k, o in objects if o.ignore)
        shown = int(np.count_nonzero(self.instances[y : y + height, x : x + width]))
        return shown - hidden, width * height - hidden


def _usable(
    seen: _SeenPhoto,
    left_out: Counter[str],
    wanted: frozenset[int] | None,
    *,
    cut_donors: bool,
) -> list[tuple[SourceObject, Window]]:
    """Objects that can be pasted, with their visible parts, in painting order."""
    photo = seen.photo
    width, height = photo.image.width, photo.image.height
    usable = []
    for index, (item, window) in enumerate(zip(photo.objects, seen.windows, strict=True)):
        if item.ignore or (wanted is not None and item.class_index not in wanted):
            continue
        if item.crowd:
            left_out["crowd region"] += 1
            continue
        visible = seen.visible(index).view(np.uint8)
        area = int(np.count_nonzero(visible))
        if area == 0:
            left_out["covered by other objects"] += 1
        elif not cut_donors and _is_cut(window, photo.valid_box):
            left_out["cut by the photo's border"] += 1
        elif area == window.area and _inside(item, width, height):
            usable.append((item, window))
        else:
            # Pixels covered by another object are not pasted.
            usable.append(_visible_part(item, visible, window))
    return usable


def _visible_part(
    item: SourceObject, visible: NDArray[np.uint8], window: Window
) -> tuple[SourceObject, Window]:
    rows, columns = np.flatnonzero(visible.any(axis=1)), np.flatnonzero(visible.any(axis=0))
    top, left = int(rows[0]), int(columns[0])
    part = np.ascontiguousarray(visible[top : rows[-1] + 1, left : columns[-1] + 1])
    seen = Window(part, window.x + left, window.y + top, int(np.count_nonzero(part)))
    polygons = traced_polygons(seen)
    return replace(item, polygons=polygons), seen


def _inside(item: SourceObject, width: int, height: int) -> bool:
    left, top, right, bottom = bounds(item.polygons)
    return left >= 0 and top >= 0 and right <= width and bottom <= height


def _is_cut(window: Window, valid_box: Box) -> bool:
    x, y, width, height = window.box
    left, top, valid_width, valid_height = valid_box
    return (
        x < left + BORDER_PX
        or y < top + BORDER_PX
        or x + width > left + valid_width - BORDER_PX
        or y + height > top + valid_height - BORDER_PX
    )


def _donor(
    number: int,
    seen: _SeenPhoto,
    class_index: int,
    members: Sequence[tuple[SourceObject, Window]],
    *,
    around: bool,
) -> Donor:
    image = seen.photo.image
    smooth = [
        replace(item, polygons=tuple(without_stairs(polygon) for polygon in item.polygons))
        for item, _ in members
    ]
    # Of the polygons, not of the masks: a spike too thin for a pixel shows once it is enlarged.
    outlines = Outlines.of([item.polygons for item in smooth])
    edges = outlines.bounds(outlines.points)
    left, top = np.floor(edges[:, :2].min(axis=0)).astype(int) - MARGIN_PX
    right, bottom = np.ceil(edges[:, 2:].max(axis=0)).astype(int) + MARGIN_PX
    left, top = max(0, int(left)), max(0, int(top))
    right, bottom = min(image.width, int(right)), min(image.height, int(bottom))
    area = sum(window.area for _, window in members)
    return Donor(
        photo=number,
        photo_size=(image.width, image.height),
        class_index=class_index,
        objects=tuple(smooth),
        outlines=outlines,
        crop=(left, top, right - left, bottom - top),
        share=area / (image.width * image.height),
        around=_around(seen, members, area) if around else None,
    )


def _around(
    seen: _SeenPhoto, members: Sequence[tuple[SourceObject, Window]], area: int
) -> Surroundings:
    boxes = np.array([window.box for _, window in members])
    left, top = boxes[:, :2].min(axis=0).tolist()
    right, bottom = (boxes[:, :2] + boxes[:, 2:]).max(axis=0).tolist()
    box = left, top, right - left, bottom - top
    return surroundings_of(seen.instances, seen.classes, seen.photo.valid_box, box, area)
