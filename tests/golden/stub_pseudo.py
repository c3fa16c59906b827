"""``pseudo`` with stand-ins for models: ``python -m golden.stub_pseudo DATA WORKERS OPTIONS``.

OPTIONS are the fields of `PseudoOptions` as JSON. It stands on two public names of
`trashdata.pseudo_label`: `PseudoOptions`, and `pseudo` with its parameters ``data``, ``options``,
``workers`` and ``models``. What is given as ``models`` has the attributes of the class that the
function documents there (``predictor``, ``origins``, ``refine``, ``libraries``, ``portable``,
``sent``, ``weights``), and is not of that class, so that the class may move.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from trashdata.pseudo_label import PseudoOptions, pseudo

# The ten classes of the recycling set, and the background.
CHANNELS = 11
VIEWS = 3


def tables() -> list[NDArray[np.float32]]:
    """Probabilities (CHANNELS, 256) of a gray value for each view, without a call of libm."""
    centres = np.linspace(20, 235, CHANNELS)[:, None]
    found = []
    for shift in (0, 2, 5):
        distances = np.arange(256) + shift - centres
        closeness = 1 / (1 + (distances / 8) ** 2)
        found.append((closeness / closeness.sum(axis=0)).astype(np.float32))
    return found


class Stub:
    """Two models, the first with two views: the green of a pixel says its class."""

    def __init__(self) -> None:
        self.tables = tables()

    def __call__(self, photo: NDArray[np.uint8]) -> Iterator[Any]:
        half = photo.shape[0] // 2
        for rows in (photo[:half], photo[half:]):
            # Blocks of 16 x 16 pixels, or photos would be all crumbs.
            greens = rows[::16, ::16, 1].repeat(16, axis=0).repeat(16, axis=1)
            greens = greens[: rows.shape[0], : rows.shape[1]]
            yield [(view // 2, table[:, greens]) for view, table in enumerate(self.tables)]


@dataclass(frozen=True)
class StubOrigin:
    """Name, SHA-256 and weight of a model."""

    name: str
    sha256: str
    weight: float

    @property
    def short(self) -> str:
        return f"{self.name}@{self.sha256[:12]}"


@dataclass(frozen=True)
class StubModels:
    """What predicts, in place of models that were loaded."""

    predictor: Stub = field(default_factory=Stub)
    origins: tuple[StubOrigin, ...] = (
        StubOrigin("exp", "ab" * 32, 0.6),
        StubOrigin("exp2", "cd" * 32, 0.4),
    )
    refine: None = None
    libraries: dict[str, str] = field(default_factory=dict)
    portable: None = None

    @property
    def sent(self) -> Stub:
        return self.predictor

    @property
    def weights(self) -> list[float]:
        return [origin.weight for origin in self.origins]


def main(data: str, workers: str, options: str) -> None:
    models: Any = StubModels()
    wanted = PseudoOptions(model=(), **json.loads(options))
    pseudo(Path(data), wanted, workers=int(workers), models=models)


if __name__ == "__main__":
    main(*sys.argv[1:])
