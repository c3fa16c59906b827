"""Lightning, imported after a fix of torchvision; import it only from here."""

from __future__ import annotations

from trashdata.inference.backend import import_smp

# Lightning imports torchvision, which fails with some builds of torch.
import_smp()

import pytorch_lightning as pl  # noqa: E402
from pytorch_lightning.callbacks import (  # noqa: E402
    Callback,
    EarlyStopping,
    ModelCheckpoint,
    WeightAveraging,
)

__all__ = ["Callback", "EarlyStopping", "ModelCheckpoint", "WeightAveraging", "pl"]
