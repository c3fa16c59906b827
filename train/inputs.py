"""Inputs of training, read and checked before the first epoch."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from trashdata.console import Reporter
from trashdata.inference.architectures import (
    ModelSpec,
    OptionValue,
    check_pair,
    decoder_options,
    needs_square,
    normalisation,
)
from trashdata.inference.confusion import channel_names
from trashdata.inference.encoder_weights import check_weights
from trashdata.inference.resolution import Resolution
from trashdata.inference.saved import ModelCard, classes_of
from trashdata.paths import DataFolders

from .augmentations import parse_augment
from .losses.class_weights import class_weights
from .options import TrainOptions
from .pastes import PasteOptions, Pastes, open_pastes
from .reading.checks import check_classes, check_names, check_photos, class_names
from .reading.leaks import refuse_leaks
from .reading.mixing import check_mixing
from .reading.samples import objects_of
from .reading.sources import Sources, products_beside, read_sources
from .run_folder.photos import TrainedPhotos, trained_photos


@dataclass(frozen=True)
class Inputs:
    """The training data, and the settings of the model.

    ``options``: with architecture and encoder spelled as SMP does; ``card``: the model card;
    ``augment``: of `trashdata.train.augmentations.NAMES`; ``weights``: of the channels in the loss,
    None for equal weights; ``names``: of the channels;
    ``pixels``, ``objects``: (N, channels) and (N, classes) int64, labelled pixels and objects on
    each training sample; ``photos``: the photos that are trained on; ``pastes``: the photos with
    fresh pastes, None without any; ``start``: SHA-256 of the file that the encoder starts from,
    None if there is none.
    """

    options: TrainOptions
    folders: DataFolders
    sources: Sources
    card: ModelCard
    augment: tuple[str, ...]
    weights: list[float] | None
    names: list[str]
    pixels: NDArray[np.int64]
    objects: NDArray[np.int64]
    pastes: Pastes | None = None
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


def read_inputs(
    folders: DataFolders,
    options: TrainOptions,
    reporter: Reporter,
    base: ModelCard | None = None,
    pasting: PasteOptions | None = None,
) -> Inputs:
    """Read and check all inputs; nothing is written.

    Parameters
    ----------
    base : of the model that training starts from, None if it starts from an encoder's weights.
    pasting : the options of the fresh pastes, needed with ``options.paste``.

    Raises
    ------
    UserError : anything that the user can fix.
    """
    resolution = Resolution(options.mode, options.size)
    arch, encoder = check_pair(options.arch, options.encoder, options.size)
    resolution = structs.replace(resolution, square=needs_square(encoder))
    decoder = decoder_options(arch, None if base is not None else options.decoder_channels)
    options = replace(options, arch=arch, encoder=encoder)
    # A resumed run has all weights in its checkpoint.
    start = None if options.resume else check_weights(encoder, options.encoder_weights)
    sources = _checked_sources(folders, options, reporter)
    names = channel_names(class_names(sources.val))
    pastes = None
    if pasting is not None:
        pastes = open_pastes(folders, pasting, sources.largest_real.name, resolution, reporter)
        check_names(pastes.dataset.documents[0], sources.val)
    pixels, photos = _checked_photos(folders, options, sources, pastes, reporter)
    objects = objects_of(sources.samples, sources.documents)
    weights = class_weights(
        options.class_weights,
        names,
        pixels.sum(axis=0),
        np.concatenate([[len(objects)], objects.sum(axis=0)]).astype(np.int64),
    )
    return Inputs(
        options,
        folders,
        sources,
        _card(options, sources, resolution, decoder, base),
        parse_augment(options.augment),
        weights,
        names,
        pixels,
        objects,
        pastes,
        start,
        photos,
    )


def _checked_sources(folders: DataFolders, options: TrainOptions, reporter: Reporter) -> Sources:
    sources = read_sources(folders, options, reporter)
    for warning in dict.fromkeys(w for one in sources.documents for w in one.warnings):
        reporter.warn(warning)
    check_classes(sources, reporter)
    check_mixing(options, sources, reporter)
    for note in products_beside(folders, options):
        reporter.note(note)
    return sources


def _card(
    options: TrainOptions,
    sources: Sources,
    resolution: Resolution,
    decoder: dict[str, OptionValue],
    base: ModelCard | None,
) -> ModelCard:
    classes = classes_of(sources.val)
    further = decoder if base is None else base.spec.options
    spec = ModelSpec(
        options.arch, options.encoder, options.encoder_weights, 1 + len(classes), further
    )
    mean, std = normalisation(options.encoder) if base is None else (base.mean, base.std)
    return ModelCard(spec, classes, resolution, mean, std)


def _checked_photos(
    folders: DataFolders,
    options: TrainOptions,
    sources: Sources,
    pastes: Pastes | None,
    reporter: Reporter,
) -> tuple[NDArray[np.int64], TrainedPhotos]:
    """Check all photos and refuse leaks; returns the pixels of each channel on each sample, and
    the photos that are trained on."""
    workers = max(1, options.workers)
    pixels = check_photos(sources, folders.images, options.exif, workers=workers, reporter=reporter)
    further = [] if pastes is None else pastes.sides(beside=sources.train)
    prints = refuse_leaks(
        sources,
        folders.images,
        further,
        allow_look_alikes=options.allow_look_alikes,
        workers=workers,
        reporter=reporter,
    )
    return pixels, trained_photos(sources, folders.images, further, prints)
