"""The HTML report of a set: statistics, folds, photos with their masks, a training run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashdata.lazy import exports

if TYPE_CHECKING:
    from .options import ReportOptions
    from .run import report

__all__ = ["ReportOptions", "report"]

__getattr__ = exports(__name__, {"ReportOptions": "options", "report": "run"})
