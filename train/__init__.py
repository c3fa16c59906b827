"""Training of segmentation-models-pytorch models with Lightning, directly on COCO files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashdata.lazy import exports

if TYPE_CHECKING:
    from .options import TrainOptions
    from .run import train

__all__ = ["TrainOptions", "train"]

__getattr__ = exports(__name__, {"TrainOptions": "options", "train": "run"})
