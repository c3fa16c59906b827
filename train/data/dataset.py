"""Datasets of photos and label maps, read directly from COCO files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np
from torch.utils.data import Dataset

from trashdata.coco.document import Document
from trashdata.errors import UserError
from trashdata.inference.resolution import (
    Resolution,
    Rgb,
    content_shape,
    fit_labels,
    fit_photo,
    padded_shape,
)
from trashdata.masks.labelmap import label_map
from trashdata.palette import IGNORE_INDEX
from trashdata.photos import ExifRule, read_rgb

from ..pastes import Pastes
from ..reading.samples import Sample
from .augment import Augmenter, Item, Pixels
from .draws import Draw

Colour: TypeAlias = tuple[int, int, int]
Example: TypeAlias = tuple[Pixels, Pixels, int]
"""Photo (h, w, 3) uint8 RGB, label map (h, w) uint8, and the sample's index."""

KEPT_BYTES = 128 * 2**20
"""Label maps that each process keeps: 500 of 512 x 512 pixels."""
_MOSAIC_STREAM = 1


@dataclass(frozen=True)
class Photos:
    """Reads photos and labels: files, samples, the image root, the EXIF rule."""

    documents: Sequence[Document]
    samples: Sequence[Sample]
    images: Path
    exif: ExifRule

    def read(self, index: int) -> Item:
        """A photo (H, W, 3) uint8 RGB and its label map (H, W), at full size."""
        return self.pixels(index), self.labels(index)

    def pixels(self, index: int) -> Pixels:
        """A photo (H, W, 3) uint8 RGB."""
        return read_rgb(self.images, self.samples[index].image, self.exif)

    def labels(self, index: int) -> Pixels:
        """A label map (H, W) uint8."""
        sample = self.samples[index]
        return label_map(self.documents[sample.source], sample.image)

    def name(self, index: int) -> str:
        """The ``file_name`` of a sample."""
        return self.samples[index].image.file_name


class TrainingSet(Dataset["Example | UserError"]):
    """Training photos: at the model's size, augmented, not yet normalised."""

    def __init__(
        self,
        photos: Photos,
        resolution: Resolution,
        names: Sequence[str],
        mean: Rgb,
        seed: int,
        pastes: Pastes | None = None,
    ) -> None:
        self.photos = photos
        self._pastes = pastes
        self._resolution = resolution
        red, green, blue = (round(255 * channel) for channel in mean)
        self.fill: Colour = (red, green, blue)
        self._names = names
        self._seed = seed
        self._augmenter: Augmenter | None = None
        self._kept: dict[int, Pixels] = {}
        self._room = KEPT_BYTES

    def __getitem__(self, draw: Draw) -> Example | UserError:
        try:
            photo, labels = self._augmented(draw)
        except UserError as error:
            # An exception of a worker loses its type on the way to the main process.
            return error
        return _whole(photo), _whole(labels), -1 if draw.pasted else draw.sample

    def _augmented(self, draw: Draw) -> Item:
        if self._augmenter is None:
            # Made in the worker: it can't be pickled, and its import takes a second.
            self._augmenter = Augmenter(self._names, self._resolution.size, self.fill)
        augmenter = self._augmenter
        rng = np.random.default_rng([self._seed, draw.number])
        item = self._sized(draw, augmenter, rng)
        if augmenter.wants_mosaic:
            item = self._with_others(item, draw, augmenter)
        return augmenter(*item, seed=int(rng.integers(2**31)))

    def _with_others(self, item: Item, draw: Draw, augmenter: Augmenter) -> Item:
        rng = np.random.default_rng([self._seed, draw.number, _MOSAIC_STREAM])
        if rng.random() >= augmenter.mosaic_chance:
            return item
        others = rng.integers(len(self.photos.samples), size=3).tolist()
        items = [item, *(self._sized(Draw(other, 0), augmenter, rng) for other in others)]
        return augmenter.mosaic(items, seed=int(rng.integers(2**31)))

    def _labels(self, sample: int) -> Pixels:
        """The label map of a sample, cached if there is room."""
        kept = self._kept.get(sample)
        if kept is not None:
            return kept.copy()
        labels = self.photos.labels(sample)
        if labels.nbytes <= self._room:
            self._kept[sample] = labels.copy()
            self._room -= labels.nbytes
        return labels

    def _read(self, draw: Draw) -> Item:
        if draw.pasted:
            assert self._pastes is not None
            return self._pastes.item(draw.sample)
        return self.photos.pixels(draw.sample), self._labels(draw.sample)

    def _sized(self, draw: Draw, augmenter: Augmenter, rng: np.random.Generator) -> Item:
        """Resize to the model's size, padded below and on the right as in prediction."""
        photo, labels = self._read(draw)
        resolution, side = self._resolution, self._resolution.size
        square = (side, side)
        if resolution.mode == "windows":
            photo, labels = random_window(photo, labels, side, rng, draw.around)
            content = square
        else:
            content = content_shape((photo.shape[0], photo.shape[1]), resolution)
        photo, labels = augmenter.crop(photo, labels, content, seed=int(rng.integers(2**31)))
        if resolution.mode == "resize":
            photo = fit_photo(photo, resolution)
            labels = fit_labels(labels, resolution)
        shape = square if augmenter.wants_mosaic else padded_shape(content, resolution)
        return pad(photo, labels, shape, self.fill)


class ValidationSet(Dataset["Example | UserError"]):
    """Validation photos and label maps at full size; the labels of fillers are all ignored."""

    def __init__(self, photos: Photos) -> None:
        self.photos = photos

    def __getitem__(self, draw: Draw) -> Example | UserError:
        try:
            photo, labels = self.photos.read(draw.sample)
        except UserError as error:
            return error
        if draw.filler:
            labels = np.full_like(labels, IGNORE_INDEX)
        return _whole(photo), _whole(labels), -1 if draw.filler else draw.sample


def random_window(
    photo: Pixels, labels: Pixels, size: int, rng: np.random.Generator, around: int = 0
) -> Item:
    """A window of at most (size, size) pixels: anywhere in the photo, or with ``around`` one that
    holds a random pixel of this class, if there is one."""
    height, width = labels.shape
    last = max(height - size, 0), max(width - size, 0)
    seen = np.flatnonzero(labels == around) if around else ()
    if len(seen):
        centre = divmod(int(seen[rng.integers(len(seen))]), width)
        top, left = (
            int(rng.integers(max(0, at - size + 1), min(at, end) + 1))
            for at, end in zip(centre, last, strict=True)
        )
    else:
        top, left = (int(rng.integers(end + 1)) for end in last)
    window = (slice(top, top + size), slice(left, left + size))
    return photo[window], labels[window]


def pad(photo: Pixels, labels: Pixels, shape: tuple[int, int], fill: Colour) -> Item:
    """Photo and labels (h, w) padded to ``shape`` with the mean colour and with ignore."""
    height, width = labels.shape
    if (height, width) == shape:
        return photo, labels
    padded = np.empty((*shape, 3), dtype=np.uint8)
    padded[:] = fill
    padded[:height, :width] = photo
    padded_labels = np.full(shape, IGNORE_INDEX, dtype=np.uint8)
    padded_labels[:height, :width] = labels
    return padded, padded_labels


def start_worker(_: int) -> None:
    """A loader's worker has one core: OpenCV's own threads would compete with the others."""
    cv2.setNumThreads(1)


def _whole(array: Pixels) -> Pixels:
    """The array in one piece, as torch takes it."""
    return np.ascontiguousarray(array)
