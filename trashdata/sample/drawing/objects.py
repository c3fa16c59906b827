"""The table of kinds, and drawing one object for its photo: drawn, turned, scaled down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trashdata.sample.drawing.kinds.bag import draw_bag
from trashdata.sample.drawing.kinds.battery import draw_battery
from trashdata.sample.drawing.kinds.clothing import draw_clothing
from trashdata.sample.drawing.kinds.general import draw_general
from trashdata.sample.drawing.kinds.glass import draw_glass
from trashdata.sample.drawing.kinds.metal import draw_metal
from trashdata.sample.drawing.kinds.pack import draw_pack
from trashdata.sample.drawing.kinds.paper import draw_paper
from trashdata.sample.drawing.kinds.plastic import draw_plastic
from trashdata.sample.drawing.kinds.styrofoam import draw_styrofoam
from trashdata.sample.drawing.noise import value_noise
from trashdata.sample.drawing.raster import Gray, Picture, clipped, sampled, shrunk
from trashdata.sample.drawing.sprite import Frame, Sprite, make_frame

# Objects are drawn this much larger than they end up, and averaged down.
_SUPERSAMPLING = 2
# Below this a drawing has too few pixels for its details; above, there is no visible gain.
_LEAST_DRAWN, _MOST_DRAWN = 96, 640
# Objects of small photos are drawn larger than their scale, so that they have at least the
# required 40 pixels, even with a part beyond the border.
_LEAST_AREA = 85


@dataclass(frozen=True)
class Kind:
    """How one category is drawn.

    Attributes
    ----------
    draw
        Draws one upright object.
    scale
        Range of the frame's side as a share of the photo's side.
    limp
        How far its outline is bent, as a share of the frame's side; 0 for stiff things.
    """

    draw: Callable[[Frame, np.random.Generator], Sprite]
    scale: tuple[float, float]
    limp: float


KINDS: dict[str, Kind] = {
    "General trash": Kind(draw_general, (0.2, 0.42), 0.01),
    "Paper": Kind(draw_paper, (0.22, 0.48), 0.012),
    "Paper pack": Kind(draw_pack, (0.26, 0.44), 0.006),
    "Metal": Kind(draw_metal, (0.24, 0.4), 0.012),
    "Glass": Kind(draw_glass, (0.36, 0.56), 0.0),
    "Plastic": Kind(draw_plastic, (0.28, 0.48), 0.014),
    "Styrofoam": Kind(draw_styrofoam, (0.22, 0.48), 0.004),
    "Plastic bag": Kind(draw_bag, (0.28, 0.6), 0.02),
    "Battery": Kind(draw_battery, (0.18, 0.28), 0.0),
    "Clothing": Kind(draw_clothing, (0.32, 0.58), 0.02),
}
"""For each category how it is drawn."""


@dataclass(frozen=True)
class Cutout:
    """An object at its final size, cut out, to be drawn over a photo.

    Attributes
    ----------
    light
        What the object adds, (h, w, 3) float32 BGR, 0 to 1, already multiplied by `alpha`.
    alpha
        How much it hides of the ground, (h, w) float32, 0 to 1.
    cover
        How much of each pixel is the object, see-through or not, (h, w) float32, 0 to 1.
    """

    light: Picture
    alpha: Gray
    cover: Gray

    @property
    def mask(self) -> NDArray[np.bool_]:
        """The pixels that are at least half object, (h, w)."""
        return self.cover >= 0.5


def draw_cutout(
    category: str,
    *,
    size: int,
    shrink: float,
    light: tuple[float, float],
    rng: np.random.Generator,
) -> Cutout:
    """Draw one object, turned and scaled at random.

    Parameters
    ----------
    category
        One of the keys of :data:`KINDS`.
    size
        Side of the photo in pixels.
    shrink
        Factor on the object's usual size, for crowded photos.
    light
        Direction towards the light in the photo, a unit vector (x, y), y down.
    rng
        The only source of chance; it is advanced.
    """
    if category not in KINDS:
        raise ValueError(f"{category!r} is not a category of the sample: {', '.join(KINDS)}")
    kind = KINDS[category]
    side = size * shrink * rng.uniform(*kind.scale)
    drawn = min(_MOST_DRAWN, max(_LEAST_DRAWN, round(_SUPERSAMPLING * side)))
    turn = _turn(rng)
    sprite = kind.draw(make_frame(drawn, light=_seen_upright(light, turn)), rng)
    planes, cover = _turned(sprite, turn, limp=kind.limp, rng=rng)
    scale = max(side / drawn, (_LEAST_AREA / float(cover.sum())) ** 0.5)
    shape = (max(1, round(cover.shape[0] * scale)), max(1, round(cover.shape[1] * scale)))
    return _cut_out(shrunk(planes, shape), shrunk(cover, shape))


def _turn(rng: np.random.Generator) -> NDArray[np.float64]:
    """A rotation after a slight squeeze, as if seen at a slant; (2, 2), upright to photo."""
    tilt, angle = rng.uniform(0, 2 * np.pi, 2)
    squeeze = _rotation(tilt) @ np.diag([1.0, rng.uniform(0.82, 1.0)]) @ _rotation(-tilt)
    return _rotation(angle) @ squeeze


def _rotation(angle: float) -> NDArray[np.float64]:
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def _seen_upright(light: tuple[float, float], turn: NDArray[np.float64]) -> tuple[float, float]:
    """The light's direction in the frame of the upright object, the same for all in the photo."""
    x, y = np.linalg.inv(turn) @ np.asarray(light)
    length = float(np.hypot(x, y))
    return (float(x) / length, float(y) / length)


def _turned(
    sprite: Sprite, turn: NDArray[np.float64], *, limp: float, rng: np.random.Generator
) -> tuple[NDArray[np.float32], Gray]:
    """Light and alpha of a sprite, turned and bent, as planes (h, w, 4), and its cover (h, w)."""
    side = sprite.cover.shape[0]
    height, width = (int(np.ceil(side * (abs(row[0]) + abs(row[1])))) for row in turn[::-1])
    back = np.linalg.inv(turn).astype(np.float32)
    x = np.arange(width, dtype=np.float32)[None, :] - np.float32((width - 1) / 2)
    y = np.arange(height, dtype=np.float32)[:, None] - np.float32((height - 1) / 2)
    centre = np.float32((side - 1) / 2)
    source_x = x * back[0, 0] + y * back[0, 1] + centre
    source_y = x * back[1, 0] + y * back[1, 1] + centre
    if limp:
        reach = np.float32(limp * side)
        source_x = source_x + reach * value_noise((height, width), (4, 4), rng)
        source_y = source_y + reach * value_noise((height, width), (4, 4), rng)
    alpha = sprite.cover * sprite.opacity
    painted = np.dstack([clipped(sprite.colour, 0, 1) * alpha[..., None], alpha])
    turned = sampled(painted.astype(np.float32), source_x, source_y)
    return turned, sampled(sprite.cover, source_x, source_y)


def _cut_out(planes: NDArray[np.float32], cover: Gray) -> Cutout:
    """Cut light and alpha, planes (h, w, 4), and cover down to where there is an object."""
    present = cover > 0
    rows, columns = np.flatnonzero(present.any(axis=1)), np.flatnonzero(present.any(axis=0))
    kept = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return Cutout(light=planes[kept][..., :3], alpha=planes[kept][..., 3], cover=cover[kept])
