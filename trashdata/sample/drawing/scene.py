"""One photo of the sample: a ground, objects with their shadows, light and a camera's noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trashdata.sample.drawing.objects import Cutout, draw_cutout
from trashdata.sample.drawing.placement import Placements, lay_out, window
from trashdata.sample.drawing.raster import Gray, Picture, blurred, clipped
from trashdata.sample.drawing.textures import draw_background

SMALLEST_SIZE = 64
"""Smaller photos have no room for objects that can be told apart."""

# With more objects than this, each is drawn smaller.
_USUAL_OBJECTS = 6


@dataclass(frozen=True)
class DrawnObject:
    """One object of a scene.

    Attributes
    ----------
    category
        One of :data:`trashdata.sample.CATEGORIES`.
    mask
        (size, size) bool: the whole object as drawn inside the photo, including the part covered by
        smaller objects.
    """

    category: str
    mask: NDArray[np.bool_]


@dataclass(frozen=True)
class SampleScene:
    """A drawn photo and what is on it.

    Attributes
    ----------
    photo
        (size, size, 3) uint8, BGR.
    objects
        In order of painting: by falling mask area, so that smaller ones lie on top.
    """

    photo: NDArray[np.uint8]
    objects: list[DrawnObject]


def draw_scene(categories: Sequence[str], *, size: int, rng: np.random.Generator) -> SampleScene:
    """Draw one photo.

    Parameters
    ----------
    categories
        What to draw, one object per entry, each one of :data:`trashdata.sample.CATEGORIES`; may
        be empty, and may hold a category several times.
    size
        Side of the photo in pixels, at least 64.
    rng
        The only source of chance; it is advanced.

    Returns
    -------
    The photo and its objects. The same categories, size and state of `rng` give the same bytes.
    """
    if size < SMALLEST_SIZE:
        raise ValueError(f"size must be at least {SMALLEST_SIZE}, got {size}")
    angle = rng.uniform(0, 2 * np.pi)
    light = (float(np.cos(angle)), float(np.sin(angle)))
    ground = draw_background(size, rng=rng)
    shrink = min(1.0, _USUAL_OBJECTS / max(1, len(categories))) ** 0.35
    cutouts = [
        draw_cutout(category, size=size, shrink=shrink, light=light, rng=rng)
        for category in categories
    ]
    placements = lay_out([cutout.mask for cutout in cutouts], size=size, rng=rng)
    picture = _composed(ground, cutouts, placements, light)
    objects = [
        DrawnObject(categories[index], _whole_mask(cutouts[index], placements.corners[index], size))
        for index in placements.order
    ]
    return SampleScene(photo=_photographed(picture, light, rng), objects=objects)


def _composed(
    ground: Picture, cutouts: Sequence[Cutout], placements: Placements, light: tuple[float, float]
) -> Picture:
    """Draw the objects over the ground, each with its shadow on those below."""
    picture = ground.copy()
    size = picture.shape[0]
    for index in placements.order:
        cutout, corner = cutouts[index], placements.corners[index]
        shaded_part, kept_light = _shadow(cutout, corner, size=size, light=light)
        picture[shaded_part] *= kept_light
        there, here = window((cutout.alpha.shape[0], cutout.alpha.shape[1]), corner, size)
        seen_through = (1 - cutout.alpha[here])[..., None]
        picture[there] = picture[there] * seen_through + cutout.light[here]
    return picture


def _shadow(
    cutout: Cutout, corner: tuple[int, int], *, size: int, light: tuple[float, float]
) -> tuple[tuple[slice, slice], Picture]:
    """The part of the photo in an object's shadow, and the share of light there."""
    reach = max(1.0, 0.012 * size)
    margin = int(np.ceil(2.5 * reach))
    shadow = blurred(np.pad(cutout.alpha, margin), reach)
    shadow_corner = (
        corner[0] - margin - round(light[1] * reach),
        corner[1] - margin - round(light[0] * reach),
    )
    there, here = window((shadow.shape[0], shadow.shape[1]), shadow_corner, size)
    return there, (1 - np.float32(0.5) * shadow[here])[..., None]


def _whole_mask(cutout: Cutout, corner: tuple[int, int], size: int) -> NDArray[np.bool_]:
    """A cutout's mask (h, w) at its position in the photo (size, size)."""
    mask = cutout.mask
    whole = np.zeros((size, size), np.bool_)
    there, here = window((mask.shape[0], mask.shape[1]), corner, size)
    whole[there] = mask[here]
    return whole


def _photographed(
    picture: Picture, light: tuple[float, float], rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Uneven light, a lens that is a little soft, and the noise of the sensor."""
    size = picture.shape[0]
    seen = picture * _uneven_light(size, light, rng)[..., None]
    seen = blurred(seen, rng.uniform(0, 0.6) * size / 256)
    noise = rng.standard_normal(picture.shape, dtype=np.float32)
    seen = seen + np.float32(rng.uniform(0.008, 0.028)) * noise
    levels: NDArray[np.uint8] = np.rint(clipped(seen, 0, 1) * 255).astype(np.uint8)
    return levels


def _uneven_light(size: int, light: tuple[float, float], rng: np.random.Generator) -> Gray:
    """Brighter towards the light, darker in the corners, (size, size)."""
    axis = np.linspace(-1, 1, size, dtype=np.float32)
    x, y = axis[None, :], axis[:, None]
    slope = np.float32(rng.uniform(0.05, 0.25))
    vignette = np.float32(rng.uniform(0.0, 0.15))
    exposure = np.float32(rng.uniform(0.85, 1.15))
    towards = x * np.float32(light[0]) + y * np.float32(light[1])
    return exposure * (1 + slope * towards) * (1 - vignette * (x**2 + y**2))
