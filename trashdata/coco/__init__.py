"""The COCO document: typed views over its records, reading with checks, writing without loss."""

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
    from .filter import Filtered, filter_document
    from .merge import Merged, merge_documents
    from .read import read_document
    from .write import top_of, write_document

__all__ = [
    "AnnotationRecord",
    "CategoryRecord",
    "Document",
    "Filtered",
    "ImageRecord",
    "Merged",
    "decode_segmentation",
    "filter_document",
    "merge_documents",
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
        "Filtered": "filter",
        "filter_document": "filter",
        "Merged": "merge",
        "merge_documents": "merge",
        "read_document": "read",
        "top_of": "write",
        "write_document": "write",
    },
)
