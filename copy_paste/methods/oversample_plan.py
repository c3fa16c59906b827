"""Planning one photo: a pure function of the material and the photo's number."""

from __future__ import annotations

from collections import Counter

import numpy as np

from ..planning.candidates import DRAWS, Material, draw_number
from ..planning.plan import BACKGROUNDS, PhotoPlan, nothing_fits, scheduled_background
from ..planning.scene import Scene
from .oversample_maker import OversampleMaker

# Apart from the streams of Copy-Paste.
_PHOTO_STREAM = 2


def plan_photo(index: int, material: Material, *, elastic: float) -> tuple[PhotoPlan, Scene]:
    """Plan photo ``index`` on labels alone: one donor at its own place on a whole background.

    Returns
    -------
    The plan, and the scene that it makes: exactly what the photo will hold.

    Raises
    ------
    UserError : nothing could be placed within the bounded number of draws; it says why.
    """
    maker = OversampleMaker(material, elastic)
    seed, count = material.options.seed, len(material.backgrounds)
    rng = np.random.default_rng([seed, _PHOTO_STREAM, index])
    reasons: Counter[str] = Counter()
    background = scheduled_background(index, count, seed)
    for _ in range(BACKGROUNDS):
        whole, scene = maker.draw(background, rng)
        for _ in range(DRAWS):
            paste = maker.paste(scene, draw_number(material, rng), rng, reasons)
            if paste is not None:
                return PhotoPlan(index, background, whole, (paste,)), scene
        background = int(rng.integers(0, count))
    raise nothing_fits(index, reasons)
