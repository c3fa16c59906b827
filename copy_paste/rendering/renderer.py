"""Rendering planned photos from the files of their backgrounds and donors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trashdata.coco.document import ImageRecord
from trashdata.photos import Photo, read_photo

from ..planning.candidates import Material
from ..planning.plan import PhotoPlan
from .render import PixelCache, Stencil, paste_donor, render_background

# Bytes of decoded donor crops, and as much again of photos, over all workers. Photos of small
# sets are used several times; for large sets the bound limits memory.
CACHE_BYTES = 256 << 20


@dataclass(frozen=True)
class Renderer:
    """Renders planned photos, and keeps decoded photos and crops for the next ones.

    Parameters
    ----------
    donor_photos : the images that donors are cut from, by `Donor.photo`.
    donor_file : the name of the donors' COCO file, if it is another one than the input.
    cache_bytes : bound for decoded donor crops, and another one of the same size for photos.
    """

    material: Material
    image_root: Path
    donor_root: Path
    donor_photos: Sequence[ImageRecord]
    donor_file: str | None
    cache_bytes: int

    @cached_property
    def _crops(self) -> PixelCache:
        """Decoded donors by their index."""
        return PixelCache(self.cache_bytes)

    @cached_property
    def _photos(self) -> PixelCache:
        """Decoded photos."""
        return PixelCache(self.cache_bytes)

    @property
    def root_of_donors(self) -> str:
        """What the names of donors' photos begin with, in records of what was read."""
        return "images" if self.donor_file is None else "donors"

    def donor_image(self, donor: int) -> ImageRecord:
        """The image that a donor, by its index, is cut from."""
        return self.donor_photos[self.material.donors[donor].photo]

    def render(
        self, plan: PhotoPlan, stencils: Sequence[Stencil], read: dict[str, str]
    ) -> NDArray[np.uint8]:
        """Render a planned photo, (H, W, 3) BGR.

        ``stencils``: the pixels of each paste; ``read`` gets the SHA-256 of each photo that is
        read, by name.
        """
        image = self.material.backgrounds[plan.background].image
        background = self._photo(self.image_root, image)
        read[f"images:{image.file_name}"] = background.sha256
        size = self.material.size_on(plan.background)
        canvas = render_background(background.pixels, plan.jitter, size)
        root = self.root_of_donors
        for paste, stencil in zip(plan.pastes, stencils, strict=True):
            crop = self._crops.get(paste.donor, partial(self._load_crop, paste.donor))
            read[f"{root}:{self.donor_image(paste.donor).file_name}"] = crop.sha256
            blend = self.material.options.blend
            paste_donor(canvas, crop.pixels, paste.transform, stencil, blend, paste.warp)
        return canvas

    def _photo(self, root: Path, image: ImageRecord) -> Photo:
        """A photo, for a background or a donor."""
        key = root, image.file_name, image.width, image.height
        return self._photos.get(key, partial(read_photo, root, image, self.material.options.exif))

    def _load_crop(self, number: int) -> Photo:
        donor = self.material.donors[number]
        photo = self._photo(self.donor_root, self.donor_image(number))
        x, y, width, height = donor.crop
        return Photo(photo.pixels[y : y + height, x : x + width].copy(), photo.sha256)
