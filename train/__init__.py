"""The thin trainer: segmentation-models-pytorch on Lightning, straight from COCO files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .options import TrainOptions
    from .run import train

__all__ = ["TrainOptions", "train"]


def __getattr__(name: str) -> Any:
    # Loaded on first use: `trashdata --help` must not pay for torch.
    if name == "TrainOptions":
        from .options import TrainOptions

        return TrainOptions
    if name == "train":
        from .run import train

        return train
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
