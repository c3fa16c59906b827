"""Proof by comparison: whether a way to make training data helps on somebody's own photos."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashdata.lazy import exports

if TYPE_CHECKING:
    from .options import ProveOptions
    from .run import prove

__all__ = ["ProveOptions", "prove"]

__getattr__ = exports(__name__, {"ProveOptions": "options", "prove": "run"})
