"""A COCO document as columns of numbers, one entry per object or photo."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trashdata.coco.areas import object_areas
from trashdata.coco.document import Document


@dataclass(frozen=True)
class Columns:
    """M objects on N photos, without annotations of the ignore category.

    ``photo_of`` (M,): row of the object's photo, by rising image id; ``class_of`` (M,): its class,
    0 for the first by category id; ``area`` (M,): in pixels, above 0 unless the mask is empty;
    ``crowd`` (M,): whether it is a crowd region; ``sizes`` (N, 2): width and height in pixels.
    """

    photo_of: NDArray[np.int64]
    class_of: NDArray[np.int64]
    area: NDArray[np.float64]
    crowd: NDArray[np.bool_]
    sizes: NDArray[np.int64]
    classes: int

    @property
    def relative_area(self) -> NDArray[np.float64]:
        """Area of each object as a fraction of its photo, (M,)."""
        pixels = self.sizes.prod(axis=1).astype(np.float64)
        relative: NDArray[np.float64] = self.area / pixels[self.photo_of]
        return relative


def columns_of(document: Document) -> Columns:
    """Make the columns of a document.

    Raises
    ------
    UserError : an annotation has neither a positive ``area`` nor a valid segmentation.
    """
    ignored = document.ignore_ids
    objects = document.annotations
    if ignored:
        objects = [a for a in objects if a.category_id not in ignored]
    # Both lists of ids rise, see `Document`.
    image_ids = np.array([image.id for image in document.images], dtype=np.int64)
    class_ids = np.array([category.id for category in document.class_categories], dtype=np.int64)
    photos = np.array([a.image_id for a in objects], dtype=np.int64)
    categories = np.array([a.category_id for a in objects], dtype=np.int64)
    sizes = np.array([(i.width, i.height) for i in document.images], dtype=np.int64)
    return Columns(
        photo_of=np.searchsorted(image_ids, photos),
        class_of=np.searchsorted(class_ids, categories),
        area=object_areas(document, objects),
        crowd=np.array([a.iscrowd for a in objects], dtype=np.bool_),
        sizes=sizes.reshape(-1, 2),
        classes=len(class_ids),
    )
