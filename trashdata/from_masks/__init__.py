"""COCO files from label PNGs, the inverse of `trashdata.masks`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashdata.lazy import exports

if TYPE_CHECKING:
    from .options import FromMasksOptions
    from .run import from_masks

__all__ = ["FromMasksOptions", "from_masks"]

__getattr__ = exports(__name__, {"FromMasksOptions": "options", "from_masks": "run"})
