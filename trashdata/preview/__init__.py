"""Contact sheets of photos with their labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashdata.lazy import exports

if TYPE_CHECKING:
    from .options import PreviewOptions
    from .run import preview

__all__ = ["PreviewOptions", "preview"]

__getattr__ = exports(__name__, {"PreviewOptions": "options", "preview": "run"})
