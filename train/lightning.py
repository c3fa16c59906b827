"""Lightning, imported after what it stands on has been repaired; import it from here alone."""

from __future__ import annotations

from trashdata.inference.backend import import_smp

# Lightning imports torchvision, which fails beside some builds of torch.
import_smp()

import pytorch_lightning as pl  # noqa: E402
from pytorch_lightning.callbacks import (  # noqa: E402
    Callback,
    EarlyStopping,
    ModelCheckpoint,
    WeightAveraging,
)

__all__ = ["Callback", "EarlyStopping", "ModelCheckpoint", "WeightAveraging", "pl"]
