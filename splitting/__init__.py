"""Folds that are balanced in photos, objects and area, and that never leak."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .options import KfoldOptions
    from .run import kfold, write_kfold

__all__ = ["KfoldOptions", "kfold", "write_kfold"]


def __getattr__(name: str) -> Any:
    # Loaded on first use: `trashdata --help` must not pay for scikit-learn.
    if name == "KfoldOptions":
        from .options import KfoldOptions

        return KfoldOptions
    if name in ("kfold", "write_kfold"):
        from . import run

        return getattr(run, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
