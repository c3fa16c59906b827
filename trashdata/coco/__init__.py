"""COCO documents: typed views of the records, reading with checks, writing without loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashdata.lazy import exports

if TYPE_CHECKING:
    from .document import (
        AnnotationRecord,
        CategoryRecord,
        Document,
        ImageRecord,
        decode_segmentation,
    )
    from .read import read_document
    from .write import top_of, write_document

__all__ = [
    "AnnotationRecord",
    "CategoryRecord",
    "Document",
    "ImageRecord",
    "decode_segmentation",
    "read_document",
    "top_of",
    "write_document",
]

__getattr__ = exports(
    __name__,
    {
        "AnnotationRecord": "document",
        "CategoryRecord": "document",
        "Document": "document",
        "ImageRecord": "document",
        "decode_segmentation": "document",
        "read_document": "read",
        "top_of": "write",
        "write_document": "write",
    },
)
