"""A generated stand-in for a recycling-trash segmentation set.

This module stays light, so that help can list the command: the drawing, which needs numpy and
OpenCV, is in :mod:`trashdata.sample.drawing`.
"""

from trashdata.sample.plan import CATEGORIES, plan_categories

__all__ = ["CATEGORIES", "plan_categories"]
