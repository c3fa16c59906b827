"""Large-scale jittering: the random draws of scale, crop, flip and turn.

Ghiasi et al. 2021, "Simple Copy-Paste is a Strong Data Augmentation Method for Instance
Segmentation", arXiv 2012.07177: photos are resized by a factor drawn evenly from a wide range,
then cropped or padded to their size. Departures: single objects are jittered instead of whole
donor photos (unless ``--whole``), and objects that are small or large in their photo are brought
to a given share of it first, so that the range does not make them vanish or fill the photo.
"""

from __future__ import annotations

import math

import numpy as np

from ..donors.donors import Donor
from ..donors.sources import SourcePhoto
from ..geometry import Transform, scaled_size
from ..options import CopyPasteOptions

SMALL_SHARE = 0.02
LARGE_SHARE = 0.08


def draw_background(
    photo: SourcePhoto, options: CopyPasteOptions, rng: np.random.Generator
) -> Transform:
    """Draw a background's scale and its crop to the new photo's size, or its padding."""
    width, height = photo.image.width, photo.image.height
    new_width, new_height = scaled_size((width, height), options.size)
    scale = rng.uniform(options.background_lsj_min, options.background_lsj_max)
    hflip = bool(rng.random() < options.hflip)
    if scale >= 1:
        crop_width, crop_height = _side(width / scale), _side(height / scale)
        x = int(rng.integers(0, width - crop_width + 1))
        y = int(rng.integers(0, height - crop_height + 1))
        return Transform((x, y, crop_width, crop_height), (new_width, new_height), (0, 0), hflip)
    size = _side(new_width * scale), _side(new_height * scale)
    x = int(rng.integers(0, new_width - size[0] + 1))
    y = int(rng.integers(0, new_height - size[1] + 1))
    return Transform((0, 0, width, height), size, (x, y), hflip)


def draw_donor(
    donor: Donor,
    photo_size: tuple[int, int],
    options: CopyPasteOptions,
    rng: np.random.Generator,
) -> Transform:
    """Draw scale, flips and rotation of a donor, at position 0, 0.

    A donor keeps its share of the photo's area when the two photos differ in size.
    """
    width, height = photo_size
    scale = math.sqrt(width * height / (donor.photo_size[0] * donor.photo_size[1]))
    if options.extract_patch:
        if options.small_to_large and donor.share < SMALL_SHARE:
            scale *= math.sqrt(SMALL_SHARE / donor.share)
        if options.large_to_small and donor.share > LARGE_SHARE:
            scale *= math.sqrt(LARGE_SHARE / donor.share)
    if options.lsj:
        scale *= rng.uniform(options.lsj_min, options.lsj_max)
    size = _side(donor.crop[2] * scale), _side(donor.crop[3] * scale)
    hflip = bool(rng.random() < options.hflip)
    vflip = bool(rng.random() < options.vflip)
    angle = round(float(rng.uniform(-options.rotate, options.rotate)), 3) if options.rotate else 0.0
    return Transform(donor.crop, size, (0, 0), hflip, vflip, angle)


def _side(length: float) -> int:
    return max(1, round(length))
