"""Statistics of a COCO file: objects, photos, areas, sizes, co-occurrence of classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashdata.lazy import exports

if TYPE_CHECKING:
    from .comparison import Comparison, compare
    from .count import LEVELS, Origin, Statistics, statistics
    from .options import StatsOptions
    from .run import stats

__all__ = [
    "LEVELS",
    "Comparison",
    "Origin",
    "Statistics",
    "StatsOptions",
    "compare",
    "statistics",
    "stats",
]

__getattr__ = exports(
    __name__,
    {
        "LEVELS": "count",
        "Comparison": "comparison",
        "Origin": "count",
        "Statistics": "count",
        "StatsOptions": "options",
        "compare": "comparison",
        "statistics": "count",
        "stats": "run",
    },
)
