"""How a photo of Copy-Paste comes about, step by step, for a planner that chooses the steps."""

from __future__ import annotations

from collections import Counter
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from trashdata.mask_codec.raster import rasterise

from ..geometry import Transform, map_points, put
from .candidates import Material, draw_placement
from .jitter import draw_background
from .plan import Paste, PhotoPlan
from .scene import Scene, build_scene, map_background, pasted_objects, try_paste


class Maker(Protocol):
    """What a planner needs of a method that makes photos."""

    @property
    def material(self) -> Material: ...

    @property
    def most_pastes(self) -> int:
        """Pastes on one photo."""

    def draw(self, background: int, rng: np.random.Generator) -> tuple[Transform, Scene]:
        """A background, by its place in the list, under a drawn jitter."""

    def paste(
        self, scene: Scene, donor: int, rng: np.random.Generator, reasons: Counter[str]
    ) -> Paste | None:
        """Try one drawn placement of a donor, by its place in the list."""

    def again(self, plan: PhotoPlan) -> Scene:
        """The scene of a plan."""


class CopyPasteMaker:
    """Jittered backgrounds and donors, see `Maker`."""

    def __init__(self, material: Material) -> None:
        self.material = material
        options = material.options
        self.most_pastes = options.max_objects if options.extract_patch else 1

    def draw(self, background: int, rng: np.random.Generator) -> tuple[Transform, Scene]:
        jitter = draw_background(self.material.backgrounds[background], self.material.options, rng)
        return jitter, self._scene(background, jitter)

    def _scene(self, background: int, jitter: Transform) -> Scene:
        size = self.material.size_on(background)
        backdrop = map_background(self.material.backgrounds[background], jitter, size)
        windows = rasterise([polygons for _, polygons, _ in backdrop.objects], *backdrop.size)
        return build_scene(backdrop, windows, self.material.largest_donor * self.most_pastes)

    def paste(
        self, scene: Scene, donor: int, rng: np.random.Generator, reasons: Counter[str]
    ) -> Paste | None:
        height, width = scene.instances.shape
        size = width, height
        candidate = draw_placement(donor, self.material, size, scene.valid_box, rng)
        if candidate is None:
            reasons["larger than the photo"] += 1
            return None
        fault = self._put(scene, donor, candidate.polygons)
        if fault is not None:
            reasons[fault] += 1
            return None
        return Paste(donor, candidate.transform)

    def _put(
        self, scene: Scene, donor: int, polygons: list[list[NDArray[np.float64]]]
    ) -> str | None:
        height, width = scene.instances.shape
        windows = rasterise(polygons, width, height)
        pasted = pasted_objects(self.material.donors[donor], polygons, windows)
        return try_paste(scene, pasted, donor, self.material.rules)

    def again(self, plan: PhotoPlan) -> Scene:
        scene = self._scene(plan.background, plan.jitter)
        for paste in plan.pastes:
            outlines = self.material.donors[paste.donor].outlines
            points = put(map_points(outlines.points, paste.transform), paste.transform.place)
            fault = self._put(scene, paste.donor, outlines.split(points))
            assert fault is None, fault
        return scene
