"""Augmentation with albumentations, which is used in this file only.

Photos and label maps keep their size, only the crop changes it. Pixels that an augmentation leaves
empty get the mean colour, and 255 in the labels.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from trashdata.palette import IGNORE_INDEX

from ..augmentations import CROP, MOSAIC, NAMES

Pixels: TypeAlias = NDArray[np.uint8]
Item: TypeAlias = tuple[Pixels, Pixels]
"""A photo (h, w, 3) uint8 RGB and its label map (h, w) uint8."""
_CROP_RATIO = (3 / 4, 4 / 3)


class Augmenter:
    """Applies augmentations; the same seed gives the same pixels.

    Parameters
    ----------
    names : of `NAMES`.
    size : side of the squares of a mosaic, in pixels.
    fill : mean colour, RGB.
    """

    mosaic_chance = 0.5

    def __init__(self, names: Sequence[str], size: int, fill: tuple[int, int, int]) -> None:
        import albumentations as A  # noqa: N812

        makers = _makers(A, size, fill)
        steps = [makers[name]() for name in NAMES if name in names and name not in (CROP, MOSAIC)]
        self.wants_mosaic = MOSAIC in names
        self._compose = A.Compose(steps) if steps else None
        self._crops = CROP in names
        self._crop_to = cache(lambda height, width: A.Compose([_crop(A, height, width)]))
        self._mosaic = A.Compose([makers[MOSAIC]()]) if self.wants_mosaic else None

    def __call__(self, photo: Pixels, labels: Pixels, seed: int) -> Item:
        """Augment a photo and its labels."""
        if self._compose is None:
            return photo, labels
        _seed(self._compose, seed)
        done = self._compose(image=photo, mask=labels)
        return done["image"], done["mask"]

    def crop(self, photo: Pixels, labels: Pixels, shape: tuple[int, int], seed: int) -> Item:
        """Crop a part of a photo (H, W) and resize it to ``shape``; sometimes return the photo
        unchanged.

        It is applied first, at the photo's full size: a crop of a resized photo lacks detail that
        the model will see in prediction.
        """
        if not self._crops:
            return photo, labels
        crop = self._crop_to(*shape)
        _seed(crop, seed)
        done = crop(image=photo, mask=labels)
        return done["image"], done["mask"]

    def mosaic(self, items: Sequence[Item], seed: int) -> Item:
        """Make one photo of four."""
        assert self._mosaic is not None
        (photo, labels), *others = items
        _seed(self._mosaic, seed)
        beside = [{"image": image, "mask": mask} for image, mask in others]
        done = self._mosaic(image=photo, mask=labels, mosaic_metadata=beside)
        return done["image"], done["mask"]


def _seed(compose: Any, seed: int) -> None:
    # One pair of generators for all steps; albumentations makes one per step, 0.15 ms per photo.
    compose.set_random_state(np.random.default_rng(seed), random.Random(seed))


def _crop(A: Any, height: int, width: int) -> Any:  # noqa: N803
    low, high = (factor * width / height for factor in _CROP_RATIO)
    return A.RandomResizedCrop(
        (height, width), scale=(0.4, 1.0), ratio=(low, high), area_for_downscale="image", p=0.7
    )


def _makers(A: Any, size: int, fill: tuple[int, int, int]) -> dict[str, Callable[[], Any]]:  # noqa: N803
    """Constructors by name; the strengths leave small objects visible."""
    empty: dict[str, Any] = {"fill": fill, "fill_mask": IGNORE_INDEX}
    square = (size, size)
    return {
        MOSAIC: lambda: A.Mosaic(target_size=square, cell_shape=square, p=1.0, **empty),
        "flip": lambda: A.HorizontalFlip(p=0.5),
        "vertical-flip": lambda: A.VerticalFlip(p=0.5),
        "rotate": lambda: A.Rotate((-30, 30), p=0.5, **empty),
        "perspective": lambda: A.Perspective((0.02, 0.08), p=0.3, **empty),
        "optical-distortion": lambda: A.OpticalDistortion((-0.2, 0.2), p=0.3, **empty),
        "brightness-contrast": lambda: A.RandomBrightnessContrast(0.2, 0.2, p=0.5),
        "to-gray": lambda: A.ToGray(p=0.1),
        "gauss-noise": lambda: A.GaussNoise((0.02, 0.08), p=0.2),
        "motion-blur": lambda: A.MotionBlur((3, 7), p=0.2),
        # The object is erased, so its pixels are ignored.
        "mask-dropout": lambda: A.MaskDropout((1, 2), fill=128, fill_mask=IGNORE_INDEX, p=0.2),
        # The labels stay: the model should infer them from the surroundings of the hole.
        "cutout": lambda: A.CoarseDropout((1, 4), (0.05, 0.15), (0.05, 0.15), fill=fill, p=0.3),
    }
