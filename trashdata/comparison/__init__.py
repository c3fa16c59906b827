"""Comparison of arms over seeds and photos: differences, intervals, verdicts; results kept.

From pixel counts of runs to a verdict: `counts` of each photo, `difference` of two arms, `judge`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashdata.lazy import exports

if TYPE_CHECKING:
    from .claim import Claim
    from .differences import Difference, difference
    from .groups import blocks_of_frames, numbered
    from .intervals import interval
    from .needs import Needs
    from .pixel_counts import counts, iou, stack_folds
    from .store import Result, load, save
    from .verdicts import Row, judge

__all__ = [
    "Claim",
    "Difference",
    "Needs",
    "Result",
    "Row",
    "blocks_of_frames",
    "counts",
    "difference",
    "interval",
    "iou",
    "judge",
    "load",
    "numbered",
    "save",
    "stack_folds",
]

__getattr__ = exports(
    __name__,
    {
        "Claim": "claim",
        "Difference": "differences",
        "Needs": "needs",
        "Result": "store",
        "Row": "verdicts",
        "blocks_of_frames": "groups",
        "counts": "pixel_counts",
        "difference": "differences",
        "interval": "intervals",
        "iou": "pixel_counts",
        "judge": "verdicts",
        "load": "store",
        "numbered": "groups",
        "save": "store",
        "stack_folds": "pixel_counts",
    },
)
