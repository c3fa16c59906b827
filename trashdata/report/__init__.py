"""One HTML file that shows a set: its statistics, its folds, its photos with their masks, a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashdata.lazy import exports

if TYPE_CHECKING:
    from .options import ReportOptions
    from .run import report

__all__ = ["ReportOptions", "report"]

__getattr__ = exports(__name__, {"ReportOptions": "options", "report": "run"})
