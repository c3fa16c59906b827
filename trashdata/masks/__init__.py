"""Label maps of a COCO document, and label PNGs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashdata.lazy import exports

if TYPE_CHECKING:
    from .labelmap import label_map, paint_labels, painting_order
    from .options import MasksOptions
    from .run import masks

__all__ = [
    "MasksOptions",
    "label_map",
    "masks",
    "paint_labels",
    "painting_order",
]

__getattr__ = exports(
    __name__,
    {
        "MasksOptions": "options",
        "label_map": "labelmap",
        "masks": "run",
        "paint_labels": "labelmap",
        "painting_order": "labelmap",
    },
)
