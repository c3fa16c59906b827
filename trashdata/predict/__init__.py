"""Predictions of photos as files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashdata.lazy import exports

if TYPE_CHECKING:
    from .options import PredictOptions
    from .run import predict

__all__ = ["PredictOptions", "predict"]

__getattr__ = exports(__name__, {"PredictOptions": "options", "predict": "run"})
