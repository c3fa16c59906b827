"""Comparison of arms over seeds and photos: differences, intervals, verdicts; results kept.

From pixel counts of runs to a verdict: `counts` of each photo, `difference` of two arms, `judge`.
Beside the pixels, `RegionScorer` scores connected regions.
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
    from .region_ap import RegionScorer, average_precision
    from .store import Result, load, save
    from .verdicts import Row, judge

__all__ = [
    "Claim",
    "Difference",
    "Needs",
    "RegionScorer",
    "Result",
    "Row",
    "average_precision",
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
        "RegionScorer": "region_ap",
        "Result": "store",
        "Row": "verdicts",
        "average_precision": "region_ap",
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
