"""What is in a COCO file: objects, photos, areas, sizes, and which classes stand together."""

from .compare import Comparison, compare
from .count import LEVELS, Origin, Statistics, statistics

__all__ = ["LEVELS", "Comparison", "Origin", "Statistics", "compare", "statistics"]
