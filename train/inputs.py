"""Inputs of training, read and checked before the first epoch."""

from __future__ import annotations

from dataclasses import dataclass, replace
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


@dataclass(frozen=True)
class Inputs:
    """The training data, and the settings of the model.

    ``options``: with architecture and encoder spelled as SMP does; ``card``: the model card;
    ``augment``: of `trashdata.train.augmentations.NAMES`; ``weights``: of the channels in the loss,
    None for equal weights; ``names``: of the channels;
    ``start``: SHA-256 of the file that the encoder starts from, None if there is none.
    """

    options: TrainOptions
    folders: DataFolders
    sources: Sources
    card: ModelCard
    augment: tuple[str, ...]
    weights: list[float] | None
    names: list[str]
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
) -> Inputs:
    """Read and check all inputs; nothing is written.

    Parameters
    ----------
    base : of the model that training starts from, None if it starts from an encoder's weights.

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
    weights = _checked_weights(folders, options, sources, names, reporter)
    card = _card(options, sources, resolution, base)
    augment = parse_augment(options.augment)
    return Inputs(options, folders, sources, card, augment, weights, names, start)


def _card(
    options: TrainOptions, sources: Sources, resolution: Resolution, base: ModelCard | None
) -> ModelCard:
    classes = classes_of(sources.val)
    further = {} if base is None else base.spec.options
    spec = ModelSpec(
        options.arch, options.encoder, options.encoder_weights, 1 + len(classes), further
    )
    mean, std = normalisation(options.encoder) if base is None else (base.mean, base.std)
    return ModelCard(spec, classes, resolution, mean, std)


def _checked_weights(
    folders: DataFolders,
    options: TrainOptions,
    sources: Sources,
    names: list[str],
    reporter: Reporter,
) -> list[float] | None:
    """Check all photos, and compute the class weights."""
    workers = max(1, options.workers)
    pixels = check_photos(
        sources, folders.images, options.exif, len(names), workers=workers, reporter=reporter
    )
    refuse_leaks(sources, folders.images, workers=workers, reporter=reporter)
    return class_weights(options.class_weights, names, pixels, _object_counts(sources))


def _object_counts(sources: Sources) -> Any:
    """Objects of each channel in the training files; the background counts as one a photo."""
    objects = np.sum([source.document.class_counts() for source in sources.train], axis=0)
    return np.concatenate([[len(sources.samples)], objects]).astype(np.int64)
