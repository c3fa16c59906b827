"""Planning one synthetic photo: a pure function of the sources, the options and its number."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from trashdata.copy_paste.donors import Donor
from trashdata.copy_paste.geometry import Transform, bounds, map_polygons
from trashdata.copy_paste.jitter import draw_background, draw_donor
from trashdata.copy_paste.options import CopyPasteOptions
from trashdata.copy_paste.scene import (
    Rules,
    Scene,
    add_objects,
    build_scene,
    fault_of_placement,
    pasted_objects,
)
from trashdata.copy_paste.sources import SourcePhoto
from trashdata.errors import UserError

# A placement that breaks a rule is drawn again so many times before another background is tried.
DRAWS = 50
BACKGROUNDS = 10
# ``--place row``: how far from its old height an object may land, as a share of the photo's.
ROW_SPREAD = 0.05
# Keeps the streams of the backgrounds' order apart from those of the photos.
_ORDER_STREAM = 1


class Paste(msgspec.Struct, frozen=True, array_like=True):
    """A donor, by its place in the list of donors, and where it comes to lie."""

    donor: int
    transform: Transform


class PhotoPlan(msgspec.Struct, frozen=True, array_like=True):
    """How a synthetic photo is made: its background, by its place in the list, and the pastes."""

    index: int
    background: int
    jitter: Transform
    pastes: tuple[Paste, ...]


@dataclass(frozen=True)
class Material:
    """What photos are planned from. ``donors_by_class``: places in ``donors``, a list a class."""

    backgrounds: Sequence[SourcePhoto]
    donors: Sequence[Donor]
    donors_by_class: Sequence[Sequence[int]]
    rules: Rules
    options: CopyPasteOptions


def scheduled_background(index: int, count: int, seed: int) -> int:
    """The background of photo ``index``: shuffled rounds, so that each serves equally often."""
    turn, place = divmod(index, count)
    order = np.random.default_rng([seed, _ORDER_STREAM, turn]).permutation(count)
    return int(order[place])


def plan_photo(index: int, material: Material) -> tuple[PhotoPlan, Scene]:
    """Plan photo ``index`` on labels alone.

    Returns
    -------
    The plan, and the scene that it makes: exactly what the photo will hold.

    Raises
    ------
    UserError : nothing could be placed within the bounded number of draws; it says why.
    """
    options = material.options
    rng = np.random.default_rng([options.seed, 0, index])
    count = len(material.backgrounds)
    reasons: Counter[str] = Counter()
    background = scheduled_background(index, count, options.seed)
    room = max((len(donor.objects) for donor in material.donors), default=1)
    room = room if not options.extract_patch else options.max_objects
    for _ in range(BACKGROUNDS):
        photo = material.backgrounds[background]
        jitter = draw_background(photo, options, rng)
        scene = build_scene(photo, jitter, room)
        wanted = int(rng.integers(1, options.max_objects + 1)) if options.extract_patch else 1
        pastes = []
        for _ in range(wanted):
            paste = _paste_one(scene, material, rng, reasons)
            if paste is None:
                break
            pastes.append(paste)
        if pastes:
            return PhotoPlan(index, background, jitter, tuple(pastes)), scene
        background = int(rng.integers(0, count))
    raise _nothing_fits(index, reasons)


def _paste_one(
    scene: Scene, material: Material, rng: np.random.Generator, reasons: Counter[str]
) -> Paste | None:
    """Draw donors and places until one keeps to the rules, and add it to the scene."""
    options = material.options
    height, width = scene.instances.shape
    for _ in range(DRAWS):
        of_class = material.donors_by_class[int(rng.integers(0, len(material.donors_by_class)))]
        number = of_class[int(rng.integers(0, len(of_class)))]
        donor = material.donors[number]
        transform = draw_donor(donor, (width, height), options, rng)
        place = _draw_place(scene, donor, transform, options, rng)
        if place is None:
            reasons["larger than the photo"] += 1
            continue
        transform = transform.at(*place)
        pasted = pasted_objects(donor, transform, width, height)
        fault = fault_of_placement(scene, pasted, material.rules)
        if fault is None:
            add_objects(scene, pasted, number)
            return Paste(number, transform)
        reasons[fault] += 1
    return None


def _draw_place(
    scene: Scene,
    donor: Donor,
    transform: Transform,
    options: CopyPasteOptions,
    rng: np.random.Generator,
) -> tuple[int, int] | None:
    """Where the donor lies whole inside the photo, or None if it is too large."""
    polygons = [
        polygon for item in donor.objects for polygon in map_polygons(item.polygons, transform)
    ]
    left, top, right, bottom = bounds(polygons)
    x, y, width, height = scene.valid_box
    first_x, last_x = math.ceil(x - left), math.floor(x + width - right)
    first_y, last_y = math.ceil(y - top), math.floor(y + height - bottom)
    if first_x > last_x or first_y > last_y:
        return None
    if options.place == "row":
        share = (donor.crop[1] + donor.crop[3] / 2) / donor.photo_size[1]
        share += rng.uniform(-ROW_SPREAD, ROW_SPREAD)
        centre = y + share * height - (top + bottom) / 2
        row = min(max(round(centre), first_y), last_y)
    else:
        row = int(rng.integers(first_y, last_y + 1))
    return int(rng.integers(first_x, last_x + 1)), row


def _nothing_fits(index: int, reasons: Counter[str]) -> UserError:
    common = ", ".join(f"{reason} ({count} times)" for reason, count in reasons.most_common(2))
    return UserError(
        f"photo {index}",
        expected=f"a place for one object within {BACKGROUNDS} backgrounds of {DRAWS} draws each",
        found=f"none, most were {common}",
        advice="loosen that option, or choose other donors or backgrounds",
    )
