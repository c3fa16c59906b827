"""Training of segmentation-models-pytorch models with Lightning, directly on COCO files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashdata.lazy import exports

if TYPE_CHECKING:
    from .model_options import ModelOptions
    from .options import DataOptions, TrainOptions
    from .presets import LAPTOP, PRESETS
    from .run import train

__all__ = ["LAPTOP", "PRESETS", "DataOptions", "ModelOptions", "TrainOptions", "train"]

__getattr__ = exports(
    __name__,
    {
        "DataOptions": "options",
        "LAPTOP": "presets",
        "ModelOptions": "model_options",
        "PRESETS": "presets",
        "TrainOptions": "options",
        "train": "run",
    },
)
