"""How a photo comes about, step by step, for a planner that chooses the steps."""

from __future__ import annotations

from collections import Counter
from typing import Protocol

import numpy as np

from ..geometry import Transform
from .candidates import Material
from .plan import Paste, PhotoPlan
from .scene import Scene


class Maker(Protocol):
    """What a planner needs of a method that makes photos."""

    @property
    def material(self) -> Material: ...

    @property
    def most_pastes(self) -> int:
        """Pastes on one photo."""

    def draw(self, background: int, rng: np.random.Generator) -> tuple[Transform, Scene]:
        """A background, by its index, under a drawn jitter."""

    def paste(
        self, scene: Scene, donor: int, rng: np.random.Generator, reasons: Counter[str]
    ) -> Paste | None:
        """Try one drawn placement of a donor, by its index."""

    def again(self, plan: PhotoPlan) -> Scene:
        """The scene of a plan."""
