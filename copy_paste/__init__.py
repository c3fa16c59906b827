"""New photos with objects of rare classes in them, as files or made in memory for a loader, or
photos of rare classes repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashdata.lazy import exports

if TYPE_CHECKING:
    from .instances import Instance, Instances
    from .options import CopyPasteOptions, OversampleOptions, RepeatOptions
    from .paste_dataset import PasteDataset, PastedPhoto, PhotoSources, UsedPhoto
    from .planning.plan import NothingFitsError
    from .repeats.run import repeat_factor
    from .run import copy_paste, oversample

__all__ = [
    "CopyPasteOptions",
    "Instance",
    "Instances",
    "NothingFitsError",
    "OversampleOptions",
    "PasteDataset",
    "PastedPhoto",
    "PhotoSources",
    "RepeatOptions",
    "UsedPhoto",
    "copy_paste",
    "oversample",
    "repeat_factor",
]

__getattr__ = exports(
    __name__,
    {
        "CopyPasteOptions": "options",
        "Instance": "instances",
        "Instances": "instances",
        "NothingFitsError": "planning.plan",
        "OversampleOptions": "options",
        "PasteDataset": "paste_dataset",
        "PastedPhoto": "paste_dataset",
        "PhotoSources": "paste_dataset",
        "RepeatOptions": "options",
        "UsedPhoto": "paste_dataset",
        "copy_paste": "run",
        "oversample": "run",
        "repeat_factor": "repeats.run",
    },
)
