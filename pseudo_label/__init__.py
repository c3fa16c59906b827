"""Pseudo-labels: what models are sure of on unlabelled photos, as a COCO file to train on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .options import PseudoOptions
    from .run import pseudo

__all__ = ["PseudoOptions", "pseudo"]


def __getattr__(name: str) -> Any:
    # Loaded on first use: `trashdata --help` must not pay for OpenCV.
    if name == "pseudo":
        from .run import pseudo

        return pseudo
    if name == "PseudoOptions":
        from .options import PseudoOptions

        return PseudoOptions
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
