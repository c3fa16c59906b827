"""Training from files to a run folder: read, check, fit, score."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from trashdata.console import Reporter
from trashdata.inference.architectures import ModelSpec, build_model, check_pair, normalisation
from trashdata.inference.backend import import_smp
from trashdata.inference.confusion import channel_names
from trashdata.inference.predictor import evaluated_images
from trashdata.inference.resolution import Resolution
from trashdata.inference.saved import RUNS, ModelCard, classes_of
from trashdata.interrupts import say_when_interrupted
from trashdata.outcome import Outcome
from trashdata.paths import DEFAULT_DATA, Places

from .data.augment import parse_augment
from .losses.class_weights import class_weights
from .options import TrainOptions
from .reading.checks import check_classes, check_photos, class_names
from .reading.leaks import refuse_leaks
from .reading.sources import Sources, products_beside, read_sources
from .run_folder import (
    LAST,
    about_run,
    check_resumable,
    find_resumable,
    new_folder,
    resumed_options,
    start_folder,
)

if TYPE_CHECKING:
    from .fitting.module import Segmenter


@dataclass(frozen=True)
class Prepared:
    """All that is known before the first epoch. ``names``: of the channels."""

    options: TrainOptions
    places: Places
    sources: Sources
    card: ModelCard
    augment: tuple[str, ...]
    weights: list[float] | None
    names: list[str]

    @property
    def inputs(self) -> dict[str, str]:
        """SHA-256 of the JSON files by name."""
        return {document.name: document.sha256 for document in self.sources.documents}


def train(
    data: Path | str = DEFAULT_DATA,
    options: TrainOptions | None = None,
    *,
    images: Path | str | None = None,
    runs: Path = RUNS,
    resume: str | None = None,
    stated: frozenset[str] = frozenset(),
    dry_run: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Train a model on COCO files; what comes of it is a folder under ``runs``.

    Parameters
    ----------
    data : folder with the COCO files.
    options : how to train; the defaults of the command if left out.
    images : the root that every ``file_name`` is relative to; the data folder by default.
    runs : folder that the run's own is made in.
    resume : a run that was stopped, to go on with; its options count, those of ``options`` that
        are named in ``stated`` must agree with them.
    dry_run : check all, write nothing.

    Returns
    -------
    ``figures``: the ``run`` folder, its ``options``, and the scores of its best weights on the
    validation file (IoU from 0 to 1, by class name, None without a union; the confusion matrix).

    Raises
    ------
    UserError : anything that the user can mend; before the first epoch, nothing is written.
    """
    import_smp()
    options, reporter = options or TrainOptions(), reporter or Reporter()
    folder = None if resume is None else find_resumable(resume, runs)
    if folder is not None:
        options = resumed_options(folder, options, stated)
    places = Places.of(data, images)
    prepared = prepare(places, options, reporter)
    if folder is not None:
        check_resumable(folder, prepared.inputs, class_names(prepared.sources.val))
    target = new_folder(options.name, runs) if folder is None else folder
    if dry_run:
        reporter.note(f"Would train in {target}.")
        return _outcome(prepared, target, {}, [], reporter)
    return _train(prepared, target, reporter, resumed=folder is not None)


def prepare(places: Places, options: TrainOptions, reporter: Reporter) -> Prepared:
    """Read and check everything; nothing is written.

    Raises
    ------
    UserError : anything that the user can mend.
    """
    resolution = Resolution(options.mode, options.size)
    augment = parse_augment(options.augment)
    arch, encoder = check_pair(options.arch, options.encoder, options.size)
    options = replace(options, arch=arch, encoder=encoder)
    sources = read_sources(places, options)
    for warning in dict.fromkeys(w for one in sources.documents for w in one.warnings):
        reporter.warn(warning)
    check_classes(sources, reporter)
    for note in products_beside(places, options):
        reporter.note(note)
    names = channel_names(class_names(sources.val))
    workers = max(1, options.workers)
    pixels = check_photos(
        sources, places.images, options.exif, len(names), workers=workers, reporter=reporter
    )
    refuse_leaks(sources, places.images, workers=workers, reporter=reporter)
    weights = class_weights(options.class_weights, names, pixels, _object_counts(sources))
    spec = ModelSpec(arch, encoder, options.encoder_weights, len(names))
    mean, std = normalisation(encoder)
    card = ModelCard(spec, classes_of(sources.val), resolution, mean, std)
    return Prepared(options, places, sources, card, augment, weights, names)


def _object_counts(sources: Sources) -> Any:
    """Objects of each channel in the training files; the background counts as one a photo."""
    objects = np.sum([source.document.class_counts() for source in sources.train], axis=0)
    return np.concatenate([[len(sources.samples)], objects]).astype(np.int64)


def _train(prepared: Prepared, folder: Path, reporter: Reporter, *, resumed: bool) -> Outcome:
    from pytorch_lightning import seed_everything

    from .fitting.callbacks import History
    from .fitting.fit import fit, make_trainer, quiet_lightning
    from .report import finish_run

    options = prepared.options
    with quiet_lightning():
        seed_everything(options.seed, verbose=False)
    # A checkpoint holds all weights; those of the encoder need not be fetched again.
    checkpoint = folder / LAST if resumed and (folder / LAST).is_file() else None
    spec = prepared.card.spec
    if checkpoint is not None:
        spec = msgspec.structs.replace(spec, encoder_weights="none")
    net = build_model(spec)
    history = History(folder, reporter, by_difficulty=options.loss == "cdb")
    data = _data(prepared)
    with quiet_lightning():
        trainer = make_trainer(options, folder, history, reporter)
    if trainer.is_global_zero and not resumed:
        about = about_run(
            options, prepared.inputs, class_names(prepared.sources.val), prepared.weights
        )
        start_folder(folder, about)
    reporter.note(f"Training {options.arch} with {options.encoder} in {folder}.")
    module = _module(prepared, net, data.steps(trainer.world_size))
    go_on = f"'trashdata train --resume {folder.name}' goes on after the last whole epoch."
    say_when_interrupted(go_on)
    fit(trainer, module, data, checkpoint=checkpoint)
    folder = Path(trainer.strategy.broadcast(str(folder)))
    figures, outputs = finish_run(prepared, folder, history, trainer, reporter)
    return _outcome(prepared, folder, figures, outputs, reporter)


def _data(prepared: Prepared) -> Any:
    from .data.dataset import Photos
    from .data.loading import Data, Loading
    from .reading.sources import Sample

    options, sources = prepared.options, prepared.sources
    root = prepared.places.images
    documents = [source.document for source in sources.train]
    val = [Sample(0, image) for image in evaluated_images(sources.val)]
    loading = Loading(
        weights=[source.weight for source in sources.train],
        resolution=prepared.card.resolution,
        augment=prepared.augment,
        mean=prepared.card.mean,
        batch_size=options.batch_size,
        workers=options.workers,
        seed=options.seed,
    )
    return Data(
        Photos(documents, sources.samples, root, options.exif),
        Photos([sources.val], val, root, options.exif),
        loading,
    )


def _module(prepared: Prepared, net: Any, epoch_steps: int) -> Segmenter:
    from .fitting.module import Names, Segmenter

    sources, options = prepared.sources, prepared.options
    names = Names(
        [sample.image.file_name for sample in sources.samples],
        [image.file_name for image in evaluated_images(sources.val)],
        prepared.names,
    )
    return Segmenter(
        net,
        prepared.card,
        options,
        names,
        class_weights=prepared.weights,
        total=options.epochs * epoch_steps,
        epoch_steps=epoch_steps,
    )


def is_first_process() -> bool:
    """Whether this is the one process that speaks, where several train."""
    ranks = (
        os.environ.get(name, "0") for name in ("RANK", "LOCAL_RANK", "NODE_RANK", "SLURM_PROCID")
    )
    return all(rank in ("", "0") for rank in ranks)


def _outcome(
    prepared: Prepared,
    folder: Path,
    figures: dict[str, Any],
    outputs: list[str],
    reporter: Reporter,
) -> Outcome:
    sources = prepared.sources
    return Outcome(
        command="train",
        inputs=prepared.inputs,
        outputs=outputs,
        counts={
            "photos": len(sources.samples),
            "validation_photos": len(sources.val.images),
            "classes": len(prepared.names) - 1,
        },
        warnings=reporter.warnings,
        figures={"run": str(folder), "options": asdict(prepared.options), **figures},
    )
