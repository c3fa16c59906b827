"""Folds that are balanced in photos, objects and area, without leaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashdata.lazy import exports

if TYPE_CHECKING:
    from .checking.check import check_overlaps
    from .grouping.groups import find_groups
    from .options import KfoldOptions
    from .run import kfold, write_kfold

__all__ = ["KfoldOptions", "check_overlaps", "find_groups", "kfold", "write_kfold"]

__getattr__ = exports(
    __name__,
    {
        "KfoldOptions": "options",
        "check_overlaps": "checking.check",
        "find_groups": "grouping.groups",
        "kfold": "run",
        "write_kfold": "run",
    },
)
