"""New photos with objects of rare classes in them, or photos of rare classes repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashdata.lazy import exports

if TYPE_CHECKING:
    from .options import CopyPasteOptions, OversampleOptions, RepeatOptions
    from .repeats.run import repeat_factor
    from .run import copy_paste, oversample

__all__ = [
    "CopyPasteOptions",
    "OversampleOptions",
    "RepeatOptions",
    "copy_paste",
    "oversample",
    "repeat_factor",
]

__getattr__ = exports(
    __name__,
    {
        "CopyPasteOptions": "options",
        "OversampleOptions": "options",
        "RepeatOptions": "options",
        "copy_paste": "run",
        "oversample": "run",
        "repeat_factor": "repeats.run",
    },
)
