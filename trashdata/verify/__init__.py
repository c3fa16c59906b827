"""Verification that the files of a finished run are unchanged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashdata.lazy import exports

if TYPE_CHECKING:
    from .run import verify

__all__ = ["verify"]

__getattr__ = exports(__name__, {"verify": "run"})
