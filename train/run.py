"""Training from files to a run folder: read, check, fit, score."""

from __future__ import annotations

from pathlib import Path

import msgspec

from trashdata.console import Reporter
from trashdata.inference.architectures import ModelSpec, build_model
from trashdata.inference.backend import import_smp
from trashdata.inference.saved import RUNS
from trashdata.interrupts import set_interrupt_message
from trashdata.outcome import Outcome
from trashdata.paths import DEFAULT_DATA, DataFolders

from .inputs import Inputs, read_inputs
from .options import TrainOptions
from .report import finish_run, training_outcome
from .run_folder.about import about_run
from .run_folder.folder import TrainingFolder, free_folder
from .run_folder.photos import check_same_photos
from .run_folder.resuming import check_resumable, find_resumable, resumed_options


def train(
    data: Path | str = DEFAULT_DATA,
    options: TrainOptions | None = None,
    *,
    images: Path | str | None = None,
    runs: Path = RUNS,
    stated: frozenset[str] = frozenset(),
    dry_run: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Train a model on COCO files; the result is a folder under ``runs``.

    Parameters
    ----------
    data : folder with the COCO files.
    options : how to train. ``resume`` names an interrupted run to resume: its options are used, and
        those named in ``stated`` must agree with them.
    images : the root that every ``file_name`` is relative to; the data folder by default.
    runs : parent of the run folder.
    dry_run : make every check, write nothing.

    Returns
    -------
    ``figures``: the ``run`` folder, its ``options``, and the scores of its best weights on the
    validation file (IoU from 0 to 1, by class name, None without a union; the confusion matrix).

    Raises
    ------
    UserError : anything that the user can fix; before the first epoch, nothing is written.
    """
    import_smp()
    options, reporter = options or TrainOptions(), reporter or Reporter()
    resumed = None if options.resume is None else find_resumable(options.resume, runs)
    if resumed is not None:
        options = resumed_options(resumed, options, stated)
    inputs = read_inputs(DataFolders.of(data, images), options, reporter)
    if resumed is not None:
        check_resumable(resumed, inputs.digests, inputs.classes)
        check_same_photos(resumed, inputs.photos)
        folder = TrainingFolder(resumed)
    else:
        folder = TrainingFolder(free_folder(options.name, runs), options.name)
    if dry_run:
        reporter.note(f"Would train in {folder.path}.")
        return training_outcome(inputs, folder.path, {}, [], reporter)
    return _train(inputs, folder, reporter)


def _train(inputs: Inputs, folder: TrainingFolder, reporter: Reporter) -> Outcome:
    from pytorch_lightning import seed_everything

    from .data.loading import data_of
    from .fitting.callbacks import History
    from .fitting.fit import fit, make_trainer, quiet_lightning
    from .fitting.module import segmenter_of

    options = inputs.options
    with quiet_lightning():
        seed_everything(options.seed, verbose=False)
    net = build_model(_spec(inputs, folder))
    data = data_of(inputs)
    with folder:
        history = History(folder.path, reporter, by_difficulty=options.loss == "cdb")
        with quiet_lightning():
            trainer = make_trainer(options, folder.path, history, reporter)
        if trainer.is_global_zero and not folder.resumed:
            folder.start(
                about_run(options, inputs.digests, inputs.classes, inputs.weights, inputs.start),
                inputs.photos,
            )
        reporter.note(f"Training {options.arch} with {options.encoder} in {folder.path}.")
        _note_how_to_resume(folder.path)
        schedule = data.schedule(trainer.world_size)
        trainer.fit_loop.max_epochs = schedule.epochs
        module = segmenter_of(inputs, net, schedule)
        fit(trainer, module, data, checkpoint=folder.checkpoint)
        path = Path(trainer.strategy.broadcast(str(folder.path)))
        figures, outputs = finish_run(inputs, path, history, trainer, reporter)
    return training_outcome(inputs, path, figures, outputs, reporter)


def _spec(inputs: Inputs, folder: TrainingFolder) -> ModelSpec:
    """The model to build; with a checkpoint, the encoder's weights are not fetched again."""
    spec = inputs.card.spec
    if folder.checkpoint is None:
        return spec
    return msgspec.structs.replace(spec, encoder_weights="none")


def _note_how_to_resume(folder: Path) -> None:
    set_interrupt_message(
        f"'trashdata train --resume {folder.name}' goes on after the last whole epoch."
    )
