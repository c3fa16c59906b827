"""The demo: the steps of the pipeline on the sample set as data, and their execution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashdata.lazy import exports

if TYPE_CHECKING:
    from .options import DemoOptions
    from .run import demo

__all__ = ["DemoOptions", "demo"]

__getattr__ = exports(__name__, {"DemoOptions": "options", "demo": "run"})
