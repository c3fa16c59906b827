"""Merging of COCO files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashdata.lazy import exports

if TYPE_CHECKING:
    from .documents import Merged, merge_documents
    from .options import MergeOptions
    from .run import merge

__all__ = ["MergeOptions", "Merged", "merge", "merge_documents"]

__getattr__ = exports(
    __name__,
    {
        "MergeOptions": "options",
        "Merged": "documents",
        "merge": "run",
        "merge_documents": "documents",
    },
)
