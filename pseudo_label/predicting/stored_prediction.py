"""A photo's prediction as it is stored on disk between the two stages."""

from __future__ import annotations

import zlib
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from trashdata.runs.files import write_atomically

from .confidence import Steps

# Most values are zeros; higher levels cost more time than they save.
_LEVEL = 1


class StoredPrediction(msgspec.Struct, frozen=True, array_like=True):
    """Compressed: confidences in steps (C, H, W), and a bit for each pixel that views agree on."""

    shape: tuple[int, int, int]
    steps: bytes
    agreed: bytes

    @classmethod
    def of(cls, steps: Steps, agreed: NDArray[np.bool_]) -> StoredPrediction:
        """Compress a prediction; the decoded numbers are the same on every machine."""
        channels, height, width = steps.shape
        return cls(
            (channels, height, width),
            zlib.compress(steps.astype("<u2", copy=False).tobytes(), _LEVEL),
            zlib.compress(np.packbits(agreed).tobytes(), _LEVEL),
        )

    @property
    def size(self) -> int:
        """Approximate bytes on the disk."""
        return len(self.steps) + len(self.agreed)

    def confidences(self) -> Steps:
        """(C, H, W) uint16."""
        flat = np.frombuffer(zlib.decompress(self.steps), dtype="<u2")
        return flat.reshape(self.shape).astype(np.uint16, copy=False)

    def agreement(self) -> NDArray[np.bool_]:
        """(H, W) bool."""
        _, height, width = self.shape
        packed = np.frombuffer(zlib.decompress(self.agreed), dtype=np.uint8)
        flat = np.unpackbits(packed, count=height * width).view(np.bool_)
        return flat.reshape(height, width)


def prediction_path(journal: Path, index: int) -> Path:
    """Path of the prediction of the photo with this index."""
    return journal / f"photo-{index:09}.prediction"


def write_prediction(path: Path, prediction: StoredPrediction) -> None:
    """Write a prediction."""
    write_atomically(path, msgspec.msgpack.encode(prediction))


def read_prediction(path: Path) -> StoredPrediction:
    """Read a prediction."""
    return msgspec.msgpack.decode(path.read_bytes(), type=StoredPrediction)
