"""Pseudo-labels: what models are sure of on unlabelled photos, as a COCO file to train on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashdata.lazy import exports

if TYPE_CHECKING:
    from .options import PseudoOptions
    from .run import pseudo

__all__ = ["PseudoOptions", "pseudo"]

__getattr__ = exports(__name__, {"PseudoOptions": "options", "pseudo": "run"})
