"""Missing objects of each class, and the weight of surplus objects."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..goals.targets import ObjectCounts, Target
from .jitter import LARGE_SHARE, SMALL_SHARE
from .scene import Scene

# Weight of a surplus object of a class with a target for its number, relative to any other one.
_WEIGHT_OF_NUMBER = 100.0


class MissingObjects:
    """Objects missing to the targets, estimated from the mean size of those pasted so far.

    ``weights`` (C,): of an object of a class that has enough. With a target for a share every class
    counts, since all dilute it. ``targeted`` (C,): whether the class has a target.

    Parameters
    ----------
    targets, classes : the targets, and the number of all classes.
    photo_area : pixels of a photo, for a first guess of the size of objects.
    """

    def __init__(self, targets: Sequence[Target], classes: int, photo_area: float) -> None:
        shares = any(target.unit != "objects" for target in targets)
        self.targets = targets
        self.weights = np.full(classes, 1.0 if shares else 0.0)
        self.targeted = np.zeros(classes, dtype=np.bool_)
        self._pasted = np.ones(classes)
        # Donors are scaled into this range before they are jittered.
        self._pasted_pixels = np.full(classes, photo_area * (SMALL_SHARE + LARGE_SHARE) / 2)
        for target in targets:
            exact = target.unit == "objects" and not target.soft
            self.weights[target.class_index - 1] = _WEIGHT_OF_NUMBER if exact else 1.0
            self.targeted[target.class_index - 1] = True

    def objects(self, counts: ObjectCounts) -> NDArray[np.float64]:
        """Objects that each class lacks, (C,)."""
        lacking = np.zeros(len(self.weights))
        for target in self.targets:
            index = target.class_index - 1
            lacking[index] = target.missing(counts)
            if target.unit == "share of pixels":
                lacking[index] *= self._pasted[index] / self._pasted_pixels[index]
        return lacking

    def saw_pasted(self, scene: Scene, since: int) -> None:
        """Update the mean sizes with the scene's objects from index ``since`` on."""
        for item in scene.objects[since:]:
            if not item.source.ignore:
                self._pasted[item.source.class_index - 1] += 1
                self._pasted_pixels[item.source.class_index - 1] += item.visible
