"""Oversampling: single objects onto plain photos, and photos of rare classes repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..repeats.run import repeat_factor
    from .options import OversampleOptions, RepeatOptions
    from .run import oversample

__all__ = ["OversampleOptions", "RepeatOptions", "oversample", "repeat_factor"]


def __getattr__(name: str) -> Any:
    # Loaded on first use: `trashdata --help` must not pay for OpenCV.
    if name == "oversample":
        from .run import oversample

        return oversample
    if name == "repeat_factor":
        from ..repeats.run import repeat_factor

        return repeat_factor
    if name in ("OversampleOptions", "RepeatOptions"):
        from . import options

        return getattr(options, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
