"""Inputs of training, read and checked before the first epoch."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from trashdata.console import Reporter
from trashdata.inference.architectures import ModelSpec, check_pair, normalisation
from trashdata.inference.confusion import channel_names
from trashdata.inference.encoder_weights import check_weights
from trashdata.inference.resolution import Resolution
from trashdata.inference.saved import ModelCard, classes_of
from trashdata.paths import DataFolders

from .augmentations import parse_augment
from .losses.class_weights import class_weights
from .options import TrainOptions
from .reading.checks import check_classes, check_photos, class_names
from .reading.leaks import refuse_leaks
from .reading.sources import Sources, products_beside, read_sources
from .run_folder.photos import TrainedPhotos, trained_photos


@dataclass(frozen=True)
class Inputs:
    """The training data, and the settings of the model.

    ``options``: with architecture and encoder spelled as SMP does; ``card``: the model card;
    ``augment``: of `trashdata.train.augmentations.NAMES`; ``weights``: of the channels in the loss,
    None for equal weights; ``names``: of the channels;
    ``start``: SHA-256 of the file that the encoder starts from, None if there is none; ``photos``:
    the photos that are trained on.
    """

    options: TrainOptions
    folders: DataFolders
    sources: Sources
    card: ModelCard
    augment: tuple[str, ...]
    weights: list[float] | None
    names: list[str]
    start: str | None = None
    photos: TrainedPhotos = field(default_factory=TrainedPhotos)

    @property
    def digests(self) -> dict[str, str]:
        """SHA-256 of the JSON files by name."""
        return {document.name: document.sha256 for document in self.sources.documents}

    @property
    def classes(self) -> list[str]:
        """The classes in the order of their channels, without the background."""
        return class_names(self.sources.val)


def read_inputs(folders: DataFolders, options: TrainOptions, reporter: Reporter) -> Inputs:
    """Read and check all inputs; nothing is written.

    Raises
    ------
    UserError : anything that the user can fix.
    """
    resolution = Resolution(options.mode, options.size)
    arch, encoder = check_pair(options.arch, options.encoder, options.size)
    options = replace(options, arch=arch, encoder=encoder)
    # A resumed run has all weights in its checkpoint.
    start = None if options.resume else check_weights(encoder, options.encoder_weights)
    sources = read_sources(folders, options)
    for warning in dict.fromkeys(w for one in sources.documents for w in one.warnings):
        reporter.warn(warning)
    check_classes(sources, reporter)
    for note in products_beside(folders, options):
        reporter.note(note)
    names = channel_names(class_names(sources.val))
    weights, photos = _checked_photos(folders, options, sources, names, reporter)
    spec = ModelSpec(arch, encoder, options.encoder_weights, len(names))
    mean, std = normalisation(encoder)
    card = ModelCard(spec, classes_of(sources.val), resolution, mean, std)
    augment = parse_augment(options.augment)
    return Inputs(options, folders, sources, card, augment, weights, names, start, photos)


def _checked_photos(
    folders: DataFolders,
    options: TrainOptions,
    sources: Sources,
    names: list[str],
    reporter: Reporter,
) -> tuple[list[float] | None, TrainedPhotos]:
    """Check all photos; returns the class weights, and what is trained on."""
    workers = max(1, options.workers)
    pixels = check_photos(
        sources, folders.images, options.exif, len(names), workers=workers, reporter=reporter
    )
    prints = refuse_leaks(
        sources,
        folders.images,
        allow_look_alikes=options.allow_look_alikes,
        workers=workers,
        reporter=reporter,
    )
    weights = class_weights(options.class_weights, names, pixels, _object_counts(sources))
    return weights, trained_photos(sources, folders.images, prints)


def _object_counts(sources: Sources) -> Any:
    """Objects of each channel in the training files; the background counts as one a photo."""
    objects = np.sum([source.document.class_counts() for source in sources.train], axis=0)
    return np.concatenate([[len(sources.samples)], objects]).astype(np.int64)
