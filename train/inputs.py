"""Inputs of training, read and checked before the first epoch."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
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


@dataclass(frozen=True)
class Inputs:
    """The training data, and the settings of the model.

    ``options``: with architecture and encoder spelled as SMP does; ``card``: the model card;
    ``augment``: of `trashdata.train.augmentations.NAMES`; ``weights``: of the channels in the loss,
    None for equal weights; ``names``: of the channels;
    ``pixels``, ``objects``: (N, channels) and (N, classes) int64, labelled pixels and objects on
    each training sample; ``pastes``: the photos with fresh pastes, None without
    any; ``start``: SHA-256 of the file that the encoder starts from, None if there is none.
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
    arch, encoder = check_pair(options.arch, options.encoder, options.size)
    resolution = Resolution(options.mode, options.size, square=needs_square(encoder))
    decoder = decoder_options(arch, options.decoder_channels)
    options = replace(options, arch=arch, encoder=encoder)
    # A resumed run has all weights in its checkpoint.
    start = None if options.resume else check_weights(encoder, options.encoder_weights)
    sources = read_sources(folders, options, reporter)
    for warning in dict.fromkeys(w for one in sources.documents for w in one.warnings):
        reporter.warn(warning)
    check_classes(sources, reporter)
    check_mixing(options, sources, reporter)
    for note in products_beside(folders, options):
        reporter.note(note)
    names = channel_names(class_names(sources.val))
    pastes = None
    if pasting is not None:
        pastes = open_pastes(folders, pasting, sources.largest_real.name, resolution, reporter)
        check_names(pastes.dataset.documents[0], sources.val)
    pixels = _checked_photos(folders, options, sources, len(names), reporter)
    objects = objects_of(sources.samples, sources.documents)
    weights = class_weights(
        options.class_weights,
        names,
        pixels.sum(axis=0),
        np.concatenate([[len(objects)], objects.sum(axis=0)]).astype(np.int64),
    )
    card = _card(options, sources, resolution, decoder, base)
    augment = parse_augment(options.augment)
    return Inputs(
        options, folders, sources, card, augment, weights, names, pixels, objects, pastes, start
    )


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
    channels: int,
    reporter: Reporter,
) -> NDArray[np.int64]:
    """Check all photos, refuse leaks, and count the pixels of each channel on each sample."""
    workers = max(1, options.workers)
    pixels = check_photos(
        sources, folders.images, options.exif, channels, workers=workers, reporter=reporter
    )
    refuse_leaks(sources, folders.images, workers=workers, reporter=reporter)
    return pixels
