"""Contact sheet of the most and the least confident photos, with their pseudo-labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from trashdata.coco.document import ImageRecord
from trashdata.coco.regions import indices_present
from trashdata.photos import Photo
from trashdata.preview.contact_sheet import (
    IGNORE,
    LegendEntry,
    Shown,
    Subject,
    Tile,
    compose,
    draw_photo,
    encode_png,
)

from ..labels.photo_labels import PhotoLabels
from ..predicting.stage import PhotoFigures

EACH = 8
"""Photos of either kind at most."""


def shown_indices(order: Sequence[int]) -> list[int]:
    """The indices to show: the first and the last ones of ``order``.

    >>> shown_indices([4, 2, 0]), len(shown_indices(range(100)))
    ([4, 2, 0], 16)
    """
    if len(order) <= 2 * EACH:
        return list(order)
    return [*order[:EACH], *order[-EACH:]]


def draw_sheet(
    title: str,
    names: Sequence[str],
    photos: Sequence[tuple[ImageRecord, PhotoFigures]],
    read: Callable[[ImageRecord], Photo],
    label: Callable[[int], PhotoLabels],
) -> bytes:
    """PNG bytes of a sheet of photos, the most confident first.

    Parameters
    ----------
    names : of the classes by index, the background first.
    read : the pixels of an image.
    label : the labels of a photo, by index in ``photos``.
    """
    tiles: list[Tile] = []
    counts: Counter[int] = Counter()
    ignored = False
    for index, (image, figures) in enumerate(photos):
        found = label(index)
        counts.update(item.class_index for item in found.regions)
        ignored |= IGNORE in indices_present(found.labels)
        picture = draw_photo(_subject(read(image), found, names))
        tiles.append(Tile(picture, image.file_name, _caption(figures)))
    legend = [LegendEntry(names[k], k, counts[k]) for k in sorted(counts)]
    if ignored:
        legend.append(LegendEntry("unsure or padding", IGNORE))
    note = "from the surest photo to the least sure" + (
        f", {len(photos) // 2} of each end" if len(photos) == 2 * EACH else ""
    )
    return encode_png(compose(title, note, legend, tiles))


def _caption(figures: PhotoFigures) -> str:
    kind = "confidence" if figures.agreement is None else "agreement"
    return f"{kind} {figures.score:.3f}"


def _subject(photo: Photo, found: PhotoLabels, names: Sequence[str]) -> Subject:
    """One object per class: regions don't touch, so each still has its outline."""
    present = [index for index in indices_present(found.labels) if index]
    numbers = np.zeros(256, dtype=np.uint16)
    numbers[present] = range(1, len(present) + 1)
    objects = [Shown("" if k == IGNORE else names[k], k) for k in present]
    return Subject(photo.pixels, numbers[found.labels], objects)
