"""Planning one synthetic photo: a pure function of the material and the photo's number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import islice

import msgspec
import numpy as np
from numpy.typing import NDArray

from trashdata.errors import UserError
from trashdata.mask_codec.raster import rasterise
from trashdata.mask_codec.rle import Window

from ..geometry import Transform
from ..options import CopyPasteOptions
from .candidates import DRAWS, Candidate, Material, Surface, draw_candidate
from .elastic import Warp
from .jitter import draw_background
from .scene import Scene, build_scene, map_background, pasted_objects, try_paste

# Backgrounds that are tried, each with its own jitter, before an error.
BACKGROUNDS = 10
# Separates the streams of the photos from that of the backgrounds' order.
_PHOTO_STREAM, _ORDER_STREAM = 0, 1


class Paste(msgspec.Struct, frozen=True, array_like=True):
    """A donor, by its index, its placement, and its deformation."""

    donor: int
    transform: Transform
    warp: Warp | None = None


class PhotoPlan(msgspec.Struct, frozen=True, array_like=True):
    """The plan of a synthetic photo: its background, by its index, and the pastes."""

    index: int
    background: int
    jitter: Transform
    pastes: tuple[Paste, ...]


def scheduled_background(index: int, count: int, seed: int) -> int:
    """The background of photo ``index``: shuffled rounds, so that each is used equally often."""
    turn, position = divmod(index, count)
    return int(_order(turn, count, seed)[position])


@lru_cache(maxsize=2)
def _order(turn: int, count: int, seed: int) -> NDArray[np.intp]:
    return np.random.default_rng([seed, _ORDER_STREAM, turn]).permutation(count)


def plan_photo(index: int, material: Material) -> tuple[PhotoPlan, Scene]:
    """Plan photo ``index`` on labels alone.

    Returns
    -------
    The plan, and the resulting scene: exactly what the photo will hold.

    Raises
    ------
    UserError : nothing could be placed within the bounded number of draws; it says why.
    """
    options = material.options
    rng = np.random.default_rng([options.seed, _PHOTO_STREAM, index])
    count = len(material.backgrounds)
    reasons: Counter[str] = Counter()
    background = scheduled_background(index, count, options.seed)
    for _ in range(BACKGROUNDS):
        jitter = draw_background(material.backgrounds[background], options, rng)
        scene, pastes = _fill(background, jitter, material, rng, reasons)
        if pastes or not options.max_objects:
            return PhotoPlan(index, background, jitter, tuple(pastes)), scene
        background = int(rng.integers(0, count))
    raise nothing_fits(index, reasons)


def _fill(
    background: int,
    jitter: Transform,
    material: Material,
    rng: np.random.Generator,
    reasons: Counter[str],
) -> tuple[Scene, list[Paste]]:
    """Paste a drawn number of donors onto a background; fewer if no more can be placed."""
    backdrop = map_background(
        material.backgrounds[background], jitter, material.size_on(background)
    )
    wanted = _number_of_pastes(material.options, rng)
    room = material.largest_donor * wanted
    shapes = [polygons for _, polygons, _ in backdrop.objects]
    if material.reads_labels:
        scene = build_scene(backdrop, rasterise(shapes, *backdrop.size), room)
        candidates = _first_draws(wanted, material, material.surface_of(scene), rng, reasons)
        windows = iter(rasterise(_shapes_of(candidates), *backdrop.size))
    else:
        surface = Surface(backdrop.size, backdrop.valid_box)
        candidates = _first_draws(wanted, material, surface, rng, reasons)
        # One call for the background's objects and the first draws, since most of its cost is
        # fixed.
        windows = iter(rasterise(shapes + _shapes_of(candidates), *backdrop.size))
        scene = build_scene(backdrop, list(islice(windows, len(backdrop.objects))), room)
    pastes = []
    for candidate in candidates:
        masks = list(islice(windows, len(candidate.polygons)))
        paste = _paste(scene, candidate, masks, material, rng, reasons)
        if paste is not None:
            pastes.append(paste)
    return scene, pastes


def _first_draws(
    wanted: int,
    material: Material,
    surface: Surface,
    rng: np.random.Generator,
    reasons: Counter[str],
) -> list[Candidate]:
    draws = (draw_candidate(material, surface, rng, reasons) for _ in range(wanted))
    return [candidate for candidate in draws if candidate is not None]


def _shapes_of(candidates: Sequence[Candidate]) -> list[list[NDArray[np.float64]]]:
    return [polygons for candidate in candidates for polygons in candidate.polygons]


def _number_of_pastes(options: CopyPasteOptions, rng: np.random.Generator) -> int:
    if not (options.extract_patch and options.max_objects):
        return int(not options.extract_patch)
    return int(rng.integers(1, options.max_objects + 1))


def _paste(
    scene: Scene,
    candidate: Candidate,
    windows: list[Window],
    material: Material,
    rng: np.random.Generator,
    reasons: Counter[str],
) -> Paste | None:
    """Paste a candidate; if a rule forbids it, draw others, a bounded number of times."""
    height, width = scene.instances.shape
    for _ in range(DRAWS):
        donor = material.donors[candidate.donor]
        pasted = pasted_objects(donor, candidate.polygons, windows)
        fault = try_paste(scene, pasted, candidate.donor, material.rules)
        if fault is None:
            return Paste(candidate.donor, candidate.transform)
        reasons[fault] += 1
        another = draw_candidate(material, material.surface_of(scene), rng, reasons)
        if another is None:
            return None
        candidate = another
        windows = rasterise(candidate.polygons, width, height)
    return None


class NothingFitsError(UserError):
    """No placement was found for a photo within the bounded number of draws."""


def nothing_fits(index: int, reasons: Counter[str]) -> NothingFitsError:
    """The error for a photo that nothing could be pasted onto, with the most common reasons."""
    common = ", ".join(f"{reason} ({count} times)" for reason, count in reasons.most_common(2))
    return NothingFitsError(
        f"photo {index}",
        expected=f"a placement for one object in {BACKGROUNDS} backgrounds of {DRAWS} draws each",
        found=f"none, most were {common}",
        advice="relax that option, or choose other donors or backgrounds",
    )
