"""Filtering a COCO file: rename, merge or drop classes, leave out small objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashdata.lazy import exports

if TYPE_CHECKING:
    from .document import Filtered, filter_document
    from .options import FilterOptions
    from .run import filter_classes

__all__ = ["FilterOptions", "Filtered", "filter_classes", "filter_document"]

__getattr__ = exports(
    __name__,
    {
        "FilterOptions": "options",
        "Filtered": "document",
        "filter_classes": "run",
        "filter_document": "document",
    },
)
