"""Validation of a COCO file, its masks and photos, and a repaired copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashdata.lazy import exports

if TYPE_CHECKING:
    from .options import ValidateOptions
    from .run import validate

__all__ = ["ValidateOptions", "validate"]

__getattr__ = exports(__name__, {"ValidateOptions": "options", "validate": "run"})
