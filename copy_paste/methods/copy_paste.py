"""Copy-Paste: jittered donors on jittered backgrounds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from trashdata.coco.document import Document
from trashdata.console import Reporter
from trashdata.mask_codec.raster import rasterise

from ..donors.donors import Donor
from ..donors.sources import SourcePhoto
from ..geometry import Transform, map_points, put
from ..goals.goals import Advice
from ..options import CopyPasteOptions
from ..planning.candidates import Material, draw_placement
from ..planning.jitter import draw_background
from ..planning.plan import Paste, PhotoPlan, plan_photo
from ..planning.scene import Scene, build_scene, map_background, pasted_objects, try_paste


@dataclass(frozen=True)
class CopyPaste:
    """Any photo can be a background, any object a donor; see `Method`."""

    options: CopyPasteOptions

    command: ClassVar[str] = CopyPasteOptions.command
    identity: ClassVar[Mapping[str, Any]] = {}
    first_number: ClassVar[int] = 0
    advice: ClassVar[Advice] = Advice(
        no_donor="allow --cut-donors, drop --remove-patch, or give --donors FILE.json",
        more_donors="allow more donors with --cut-donors, --min-donor-area 1,"
        " --no-filter-donors or --donors FILE.json",
        more_pastes="raise --max-reuse or --max-objects",
    )

    def backgrounds(
        self,
        photos: Sequence[SourcePhoto],
        document: Document,  # noqa: ARG002
        reporter: Reporter,  # noqa: ARG002
    ) -> list[SourcePhoto]:
        return list(photos)

    def donors(self, donors: Sequence[Donor], left_out: Counter[str]) -> list[Donor]:  # noqa: ARG002
        return list(donors)

    def plan_photo(self, index: int, material: Material) -> tuple[PhotoPlan, Scene]:
        return plan_photo(index, material)

    def builder(self, material: Material) -> CopyPasteBuilder:
        return CopyPasteBuilder(material)


class CopyPasteBuilder:
    """Jittered backgrounds and donors, see `PhotoBuilder`."""

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
        candidate = draw_placement(donor, self.material, self.material.surface_of(scene), rng)
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
            points = put(map_points(outlines.points, paste.transform), paste.transform.position)
            fault = self._put(scene, paste.donor, outlines.split(points))
            assert fault is None, fault
        return scene
