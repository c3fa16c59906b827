"""A generated sample set of recycling trash.

This module imports nothing heavy, so that help can list the command; the drawing, which needs numpy
and OpenCV, is in :mod:`trashdata.sample.drawing`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashdata.lazy import exports

if TYPE_CHECKING:
    from .options import SampleOptions
    from .plan import CATEGORIES, plan_categories
    from .run import sample

__all__ = ["CATEGORIES", "SampleOptions", "plan_categories", "sample"]

__getattr__ = exports(
    __name__,
    {
        "CATEGORIES": "plan",
        "SampleOptions": "options",
        "plan_categories": "plan",
        "sample": "run",
    },
)
