"""Areas of objects: the ``area`` field, or the mask's area if it is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from trashdata.coco.document import AnnotationRecord, Document, segmentation_shape
from trashdata.coco.read import check_segmentations


def object_areas(
    document: Document, annotations: Sequence[AnnotationRecord]
) -> NDArray[np.float64]:
    """Area of each of these annotations in pixels, (M,): its field, or its mask's if not positive.

    Raises
    ------
    UserError : an annotation has neither a positive ``area`` nor a valid segmentation.
    """
    areas = np.array([annotation.area or 0.0 for annotation in annotations], dtype=np.float64)
    unknown = np.flatnonzero(~(areas > 0)).tolist()
    if not unknown:
        return areas
    from trashdata.mask_codec.raster import rasterise

    check_segmentations(replace(document, annotations=[annotations[k] for k in unknown]))
    for k in unknown:
        image = document.image_by_id[annotations[k].image_id]
        shape = segmentation_shape(annotations[k], image)
        areas[k] = rasterise([shape], image.width, image.height)[0].area
    return areas
