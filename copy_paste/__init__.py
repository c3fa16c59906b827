"""Copy-Paste: new photos with objects of rare classes in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .options import CopyPasteOptions
    from .run import copy_paste

__all__ = ["CopyPasteOptions", "copy_paste"]


def __getattr__(name: str) -> Any:
    # Loaded on first use: `trashdata --help` must not pay for OpenCV.
    if name == "copy_paste":
        from .run import copy_paste

        return copy_paste
    if name == "CopyPasteOptions":
        from .options import CopyPasteOptions

        return CopyPasteOptions
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
