"""The options of the spokes that arms are made of; imports nothing heavy.

Type checkers know the spokes by the names of their folders.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copy_paste import CopyPasteOptions, OversampleOptions
    from pseudo_label import PseudoOptions
    from splitting import KfoldOptions
    from train import LAPTOP, PRESETS, DataOptions, ModelOptions, TrainOptions
else:
    from trashdata.copy_paste import CopyPasteOptions, OversampleOptions
    from trashdata.pseudo_label import PseudoOptions
    from trashdata.splitting import KfoldOptions
    from trashdata.train import LAPTOP, PRESETS, DataOptions, ModelOptions, TrainOptions

__all__ = [
    "LAPTOP",
    "PRESETS",
    "CopyPasteOptions",
    "DataOptions",
    "KfoldOptions",
    "ModelOptions",
    "OversampleOptions",
    "PseudoOptions",
    "TrainOptions",
]
