"""Export of a set in forms that other tools read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashdata.lazy import exports

if TYPE_CHECKING:
    from .options import ExportOptions
    from .run import export

__all__ = ["ExportOptions", "export"]

__getattr__ = exports(__name__, {"ExportOptions": "options", "export": "run"})
