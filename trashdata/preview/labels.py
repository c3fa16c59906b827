"""Tiles, notes and the legend of a contact sheet, from the labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trashdata.coco.document import AnnotationRecord, Document, ImageRecord, segmentation_shape
from trashdata.coco.keys import DONOR_ANNOTATION_ID, VALID_BOX
from trashdata.mask_codec.raster import rasterise
from trashdata.masks.labelmap import paint_instances, painting_order
from trashdata.preview.contact_sheet import IGNORE, LegendEntry, Shown, Subject, Tile, draw_photo


def annotations_of(document: Document, image: ImageRecord) -> list[AnnotationRecord]:
    """The annotations of a photo."""
    return document.annotations_of.get(image.id, [])


def is_pasted(annotation: AnnotationRecord) -> bool:
    """Whether an object was pasted into its photo."""
    return DONOR_ANNOTATION_ID in annotation.trashdata


def draw_tile(
    document: Document,
    image: ImageRecord,
    pixels: NDArray[np.uint8],
    patch: Sequence[str],
) -> Tile:
    """Draw a photo with its labels; names of the classes in ``patch`` come first.

    ``pixels``: (H, W, 3) uint8 BGR.
    """
    annotations = annotations_of(document, image)
    shapes = [segmentation_shape(annotation, image) for annotation in annotations]
    windows = rasterise(shapes, image.width, image.height)
    order = painting_order(annotations, [window.area for window in windows], document.ignore_ids)
    instances = paint_instances(windows, order, (image.height, image.width))
    names = {category.id: category.name for category in document.categories}
    objects = [
        Shown(name, document.class_index[row.category_id], is_pasted(row), wanted=name in patch)
        for row in annotations
        for name in [names[row.category_id]]
    ]
    note = _objects_text(document, annotations)
    subject = Subject(pixels, instances, objects, image.valid_box)
    return Tile(draw_photo(subject), image.file_name, note)


def sheet_note(document: Document, chosen: Sequence[ImageRecord]) -> str:
    """Text with the numbers of photos and objects on the sheet."""
    shown = [row for image in chosen for row in annotations_of(document, image)]
    total = len(document.images)
    return f"{len(chosen):,} of {total:,} photos, {_objects_text(document, shown)}"


def _objects_text(document: Document, annotations: Sequence[AnnotationRecord]) -> str:
    """Text with the numbers of objects and of pasted ones, without ignore regions."""
    objects = [row for row in annotations if row.category_id not in document.ignore_ids]
    pasted = sum(map(is_pasted, objects))
    some = "1 object" if len(objects) == 1 else f"{len(objects):,} objects"
    count = some if objects else "no objects"
    return f"{count}, {pasted:,} pasted" if pasted else count


def legend_entries(document: Document, chosen: Sequence[ImageRecord]) -> list[LegendEntry]:
    """Legend entries: the classes in these photos, by rising id, then the other marks."""
    shown = [row for image in chosen for row in annotations_of(document, image)]
    counts = Counter(row.category_id for row in shown)
    entries = [
        LegendEntry(category.name, document.class_index[category.id], counts[category.id])
        for category in document.class_categories
        if counts[category.id]
    ]
    pasted = sum(map(is_pasted, shown))
    if pasted:
        entries.append(LegendEntry("pasted", 0, pasted, pasted=True))
    padded = any(VALID_BOX in image.trashdata for image in chosen)
    if padded or any(counts[category] for category in document.ignore_ids):
        entries.append(LegendEntry("ignore or padding", IGNORE))
    return entries
