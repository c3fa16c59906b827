"""Deleting the files of a finished run, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashdata.lazy import exports

if TYPE_CHECKING:
    from .run import clean

__all__ = ["clean"]

__getattr__ = exports(__name__, {"clean": "run"})
