"""Evaluation of models or predictions on a labelled set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashdata.lazy import exports

if TYPE_CHECKING:
    from .options import EvaluateOptions
    from .run import evaluate

__all__ = ["EvaluateOptions", "evaluate"]

__getattr__ = exports(__name__, {"EvaluateOptions": "options", "evaluate": "run"})
