"""Paper pack: gabled milk cartons and brick-shaped juice boxes, seen at a slant."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trashdata.sample.drawing.colour import flat, painted, random_colour
from trashdata.sample.drawing.raster import Colour, Gray, Picture, blurred, clipped
from trashdata.sample.drawing.shading import crumple, print_lines
from trashdata.sample.drawing.shapes import disc, polygon, soft
from trashdata.sample.drawing.sprite import Frame, Sprite, opaque

Corners = list[tuple[float, float]]


@dataclass(frozen=True)
class _Body:
    """The edges of the box part: x of left, middle and right edge, top and bottom, the slant."""

    left: float
    middle: float
    right: float
    top: float
    bottom: float
    slant: float

    def front(self) -> Corners:
        left, middle = self.left, self.middle
        return [(left, self.top), (middle, self.top), (middle, self.bottom), (left, self.bottom)]

    def flank(self) -> Corners:
        far_top, far_bottom = self.top - self.slant, self.bottom - self.slant
        return [
            (self.middle, self.top),
            (self.right, far_top),
            (self.right, far_bottom),
            (self.middle, self.bottom),
        ]


def draw_pack(frame: Frame, rng: np.random.Generator) -> Sprite:
    """A carton with two printed sides, under a gable or a flat lid with a straw."""
    gabled = rng.random() < 0.65
    body = _Body(
        left=-rng.uniform(0.45, 0.6),
        middle=rng.uniform(0.05, 0.25),
        right=rng.uniform(0.4, 0.58),
        top=rng.uniform(-0.3, -0.1) if gabled else rng.uniform(-0.6, -0.4),
        bottom=rng.uniform(0.75, 0.92),
        slant=rng.uniform(0.08, 0.16),
    )
    base = random_colour(rng, saturation=(0.3, 0.5), value=(0.85, 1.0))
    brand = random_colour(rng, saturation=(0.75, 1.0), value=(0.3, 0.55))
    print_ = _print_on(frame, body, base, brand, rng)
    tops = _gable(body) if gabled else _lid(body)
    lit_flank = 0.72 + 0.2 * max(0.0, frame.light[0])
    faces = [(body.front(), 0.98), (body.flank(), lit_flank), *tops]
    picture, cover = _assembled(frame, print_, faces)
    if gabled and rng.random() < 0.4:
        picture = _with_cap(frame, picture, body, rng)
    if not gabled and rng.random() < 0.8:
        picture, cover = _with_straw(frame, picture, cover, body, rng)
    light = crumple(frame, 7, strength=0.06, rng=rng)
    return opaque(picture * light[..., None], cover)


def _gable(body: _Body) -> list[tuple[Corners, float]]:
    """The sloping roof, its triangular end and the fin along the ridge, each with its light."""
    near, far = body.left + 0.17, (body.middle + body.right) / 2
    ridge = body.top - 0.42
    fin = ridge - 0.17
    eave_left, eave_right = (body.left, body.top), (body.middle, body.top)
    eave_far = (body.right, body.top - body.slant)
    near_end, far_end = (near, ridge), (far, ridge - body.slant / 2)
    fin_ends = [(far, fin - body.slant / 2), (near, fin)]
    return [
        ([eave_right, eave_far, far_end], 0.58),
        ([eave_left, eave_right, far_end, near_end], 0.86),
        ([near_end, far_end, *fin_ends], 1.08),
    ]


def _lid(body: _Body) -> list[tuple[Corners, float]]:
    """A flat lid seen from above."""
    back = body.top - body.slant
    depth = body.right - body.middle
    corners = [(body.left, body.top), (body.middle, body.top), (body.right, back)]
    return [([*corners, (body.left + depth, back)], 1.1)]


def _print_on(
    frame: Frame, body: _Body, base: Colour, brand: Colour, rng: np.random.Generator
) -> Picture:
    """The print that runs around the carton: a wavy brand field, a logo, small lines."""
    picture = flat(frame.shape, base)
    edge = body.top + rng.uniform(0.1, 0.6)
    wave = edge + rng.uniform(0.0, 0.08) * np.sin(frame.x * np.float32(rng.uniform(3, 9)))
    below = rng.random() < 0.6
    picture = painted(picture, brand, soft(frame, wave - frame.y if below else frame.y - wave))
    middle = (body.left + body.middle) / 2
    logo = random_colour(rng, saturation=(0.3, 0.9), value=(0.3, 1.0))
    where = disc(frame, middle, edge, rng.uniform(0.12, 0.22))
    picture = painted(picture, logo, soft(frame, where))
    small = print_lines(frame, 22, rng) * (frame.x > body.middle + 0.06) * (frame.y > edge)
    return painted(picture, base * np.float32(0.45), small * np.float32(0.7))


def _assembled(
    frame: Frame, print_: Picture, faces: list[tuple[Corners, float]]
) -> tuple[Picture, Gray]:
    """Lay the faces over each other, each with its own light and a dark seam around it."""
    picture = flat(frame.shape, np.zeros(3, np.float32))
    cover = np.zeros(frame.shape, np.float32)
    for corners, light in faces:
        where = polygon(frame, corners)
        inner = clipped(2 * blurred(where, frame.side / 90) - 1, 0, 1)
        seam = np.float32(0.8) + np.float32(0.2) * inner
        picture = painted(picture, print_ * (np.float32(light) * seam)[..., None], where)
        cover = np.maximum(cover, where)
    return picture, cover


def _with_cap(frame: Frame, picture: Picture, body: _Body, rng: np.random.Generator) -> Picture:
    """A screw cap on the roof."""
    cap = random_colour(rng, saturation=(0.3, 0.9), value=(0.4, 1.0))
    x, y = (body.left + body.middle) / 2 + 0.1, body.top - 0.2
    picture = painted(picture, cap * np.float32(0.6), soft(frame, disc(frame, x, y, 0.12)))
    return painted(picture, cap, soft(frame, disc(frame, x - 0.01, y - 0.02, 0.09)))


def _with_straw(
    frame: Frame, picture: Picture, cover: Gray, body: _Body, rng: np.random.Generator
) -> tuple[Picture, Gray]:
    """A bent straw that stands out of the lid."""
    straw = random_colour(rng, saturation=(0.0, 0.8), value=(0.7, 1.0))
    x, foot, bend = body.left + 0.35, body.top - body.slant / 2, body.top - 0.3
    tip = (x + rng.uniform(0.2, 0.4), bend - 0.1)
    upright = polygon(frame, [(x, foot), (x, bend), (x + 0.06, bend), (x + 0.06, foot)])
    slanted = polygon(frame, [(x, bend), tip, (tip[0], tip[1] + 0.065), (x + 0.06, bend + 0.05)])
    where = np.maximum(upright, slanted)
    return painted(picture, straw, where), np.maximum(cover, where)
