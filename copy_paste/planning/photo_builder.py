"""The protocol of a photo builder: makes a photo in steps that a planner chooses."""

from __future__ import annotations

from collections import Counter
from typing import Protocol

import numpy as np

from ..geometry import Transform
from .candidates import Material
from .plan import Paste, PhotoPlan
from .scene import Scene


class PhotoBuilder(Protocol):
    """Makes photos step by step."""

    @property
    def material(self) -> Material: ...

    @property
    def most_pastes(self) -> int:
        """The largest number of pastes on one photo."""

    def draw(self, background: int, rng: np.random.Generator) -> tuple[Transform, Scene]:
        """Start a photo: a background, by its index, with a drawn jitter."""

    def paste(
        self, scene: Scene, donor: int, rng: np.random.Generator, reasons: Counter[str]
    ) -> Paste | None:
        """Try to paste a donor, by its index, at one drawn placement."""

    def again(self, plan: PhotoPlan) -> Scene:
        """Build the scene of a plan again."""
