"""Test-time augmentation: views of a photo, and their inverses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from trashdata.inference.choices import Tta
from trashdata.inference.resolution import STRIDE, Resolution

__all__ = ["SCALES", "Tta", "View", "views"]

SCALES = (0.75, 1.0, 1.25)


@dataclass(frozen=True)
class View:
    """A view: flipped left to right, then rotated counter-clockwise by quarters; at a scale."""

    flip: bool = False
    quarters: int = 0
    scale: float = 1.0

    def apply(self, planes: Any) -> Any:
        """Apply the view to a tensor (..., h, w)."""
        flipped = planes.flip(-1) if self.flip else planes
        return flipped.rot90(self.quarters, (-2, -1)) if self.quarters else flipped

    def undo(self, planes: Any) -> Any:
        """Undo the view on a tensor (..., h, w)."""
        turned = planes.rot90(-self.quarters, (-2, -1)) if self.quarters else planes
        return turned.flip(-1) if self.flip else turned

    def resolution(self, usual: Resolution) -> Resolution:
        """The size that a photo is resized to; windows keep their size, see `scaled_photo`."""
        if self.scale == 1.0 or usual.mode == "windows":
            return usual
        size = max(STRIDE, STRIDE * round(usual.size * self.scale / STRIDE))
        return msgspec.structs.replace(usual, size=size)


def views(tta: Tta) -> list[View]:
    """The views that are averaged.

    ``flip``: unchanged and mirrored; ``d4``: the eight symmetries of the square; ``scales``: those
    of ``flip`` at each of `SCALES`.

    >>> [len(views(tta)) for tta in ("none", "flip", "d4", "scales")]
    [1, 2, 8, 6]
    """
    if tta == "flip":
        return [View(), View(flip=True)]
    if tta == "d4":
        return [View(flip, quarters) for flip in (False, True) for quarters in range(4)]
    if tta == "scales":
        return [View(flip, 0, scale) for scale in SCALES for flip in (False, True)]
    return [View()]
