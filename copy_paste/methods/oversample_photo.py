"""Planning a photo of oversampling: one donor at its original position on a whole background."""

from __future__ import annotations

from collections import Counter

import numpy as np

from trashdata.mask_codec.raster import rasterise

from ..geometry import Transform
from ..planning.candidates import DRAWS, Material, draw_number
from ..planning.plan import BACKGROUNDS, Paste, PhotoPlan, nothing_fits, scheduled_background
from ..planning.scene import Scene, build_scene, map_background, try_paste
from .bent_donor import draw_placed, placed_again

# Differs from the streams of Copy-Paste.
_PHOTO_STREAM = 2


class OversampleBuilder:
    """Untouched backgrounds and bent donors; see `PhotoBuilder`.

    ``elastic``: largest displacement as a share of the donor's longer side.
    """

    most_pastes = 1

    def __init__(self, material: Material, elastic: float) -> None:
        self.material = material
        self.elastic = elastic

    def draw(self, background: int, rng: np.random.Generator) -> tuple[Transform, Scene]:  # noqa: ARG002
        """The whole background, by its index; nothing is drawn."""
        image = self.material.backgrounds[background].image
        size = self.material.size_on(background)
        whole = Transform((0, 0, image.width, image.height), size, (0, 0))
        return whole, self._scene(background, whole)

    def _scene(self, background: int, whole: Transform) -> Scene:
        size = self.material.size_on(background)
        backdrop = map_background(self.material.backgrounds[background], whole, size)
        windows = rasterise([polygons for _, polygons, _ in backdrop.objects], *backdrop.size)
        return build_scene(backdrop, windows, room=1)

    def paste(
        self, scene: Scene, donor: int, rng: np.random.Generator, reasons: Counter[str]
    ) -> Paste | None:
        """Try to paste a donor, by its index, with drawn flips and deformation."""
        material = self.material
        item, options = material.donors[donor], material.options
        if options.donors is None and _stands_in(scene, item.objects[0].annotation_id):
            reasons["an object on its own photo"] += 1
            return None
        height, width = scene.instances.shape
        size = width, height
        placed = draw_placed(item, self.elastic, size, scene.valid_box, options, rng)
        if placed is None:
            reasons["larger than the photo"] += 1
            return None
        fault = try_paste(scene, [placed.pasted], donor, material.rules)
        if fault is not None:
            reasons[fault] += 1
            return None
        return Paste(donor, placed.transform, placed.warp)

    def again(self, plan: PhotoPlan) -> Scene:
        """Build the scene of a plan again."""
        scene = self._scene(plan.background, plan.jitter)
        height, width = scene.instances.shape
        for paste in plan.pastes:
            donor = self.material.donors[paste.donor]
            pasted = placed_again(donor, paste.transform, paste.warp, (width, height))
            fault = try_paste(scene, [pasted], paste.donor, self.material.rules)
            assert fault is None, fault
        return scene


def _stands_in(scene: Scene, annotation_id: int) -> bool:
    return any(item.source.annotation_id == annotation_id for item in scene.objects)


def plan_photo(index: int, material: Material, *, elastic: float) -> tuple[PhotoPlan, Scene]:
    """Plan photo ``index`` on labels alone: one donor at its original position.

    Returns
    -------
    The plan, and the resulting scene: exactly what the photo will hold.

    Raises
    ------
    UserError : nothing could be placed within the bounded number of draws; it says why.
    """
    builder = OversampleBuilder(material, elastic)
    seed, count = material.options.seed, len(material.backgrounds)
    rng = np.random.default_rng([seed, _PHOTO_STREAM, index])
    reasons: Counter[str] = Counter()
    background = scheduled_background(index, count, seed)
    for _ in range(BACKGROUNDS):
        whole, scene = builder.draw(background, rng)
        for _ in range(DRAWS):
            paste = builder.paste(scene, draw_number(material, rng), rng, reasons)
            if paste is not None:
                return PhotoPlan(index, background, whole, (paste,)), scene
        background = int(rng.integers(0, count))
    raise nothing_fits(index, reasons)
