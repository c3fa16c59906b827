"""Training from files to a run folder: read, check, fit, score."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from trashdata.console import Reporter
from trashdata.inference.architectures import build_model
from trashdata.inference.backend import import_smp
from trashdata.inference.saved import RUNS
from trashdata.inference.threads import suit_threads
from trashdata.interrupts import set_interrupt_message
from trashdata.outcome import Outcome
from trashdata.paths import DEFAULT_DATA, DataFolders

from .inputs import Inputs, read_inputs
from .options import TrainOptions
from .pastes import PasteOptions, as_plain, from_plain, paste_options
from .report import finish_run, plan_note, training_outcome
from .run_folder.about import About, about_run
from .run_folder.folder import TrainingFolder, free_folder
from .run_folder.length import Trained, length_note, with_length
from .run_folder.photos import TrainedPhotos, check_same_photos
from .run_folder.resuming import Resumed, check_resumable, read_resumed
from .seeds import short_seed
from .starting import Start, carry_over, new_start, options_from, start_again, start_note

_SMALL_MEMORY = (
    "Shared memory (/dev/shm) is too small for the photos of the loaders' workers: they go through"
    " pipes, which is slower."
)


def train(
    data: Path | str = DEFAULT_DATA,
    options: TrainOptions | None = None,
    *,
    pasting: PasteOptions | None = None,
    images: Path | str | None = None,
    runs: Path = RUNS,
    stated: frozenset[str] | None = None,
    dry_run: bool = False,
    reporter: Reporter | None = None,
) -> Outcome:
    """Train a model on COCO files; the result is a folder under ``runs``.

    Parameters
    ----------
    data : folder with the COCO files.
    options : how to train. ``resume`` names a run to resume: its options are used, and those named
        in ``stated`` must agree with them; ``epochs`` or ``steps`` give it another length.
        ``from_`` names a model to start from; ``arch`` and ``encoder``, if stated, must be its.
    pasting : the options of the photos with fresh pastes, of which ``options.paste`` is the share;
        by default those of Copy-Paste with the run's seed. ``num`` does nothing.
    images : the root that every ``file_name`` is relative to; the data folder by default.
    runs : parent of the run folder.
    stated : names of the options that were asked for; by default those that differ from their
        defaults.
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
    suit_threads()
    from .data.loading import data_of

    options, reporter = options or TrainOptions(), reporter or Reporter()
    stated = options.changed if stated is None else stated
    resumed = None
    if options.resume is not None:
        resumed = read_resumed(options.resume, options, stated, runs)
        options, pasting = resumed.options, from_plain(resumed.about.pasting)
    elif options.paste and pasting is None:
        pasting = paste_options(options)
    start = _start(options, resumed, runs)
    if start is not None and resumed is None:
        options = options_from(start, options, stated)
    base = None if start is None else start.card
    inputs = read_inputs(DataFolders.of(data, images), options, reporter, base, pasting)
    run = _Run(inputs, resumed, start)
    run.check(reporter)
    folder = _folder(options, resumed, runs)
    if dry_run:
        schedule = data_of(inputs, epoch_steps=run.trained.epoch_steps).schedule(1)
        reporter.note(f"Would train in {folder.path}: {plan_note(inputs, schedule)}")
        return training_outcome(inputs, folder.path, {}, [], reporter)
    return _train(run, folder, reporter)


@dataclass(frozen=True)
class _Run:
    """What is trained: the inputs, the run that is resumed, the model that is started from."""

    inputs: Inputs
    resumed: Resumed | None
    start: Start | None

    @property
    def trained(self) -> Trained:
        return Trained() if self.resumed is None else self.resumed.trained

    @property
    def is_lengthened(self) -> bool:
        return self.resumed is not None and self.resumed.is_lengthened

    def check(self, reporter: Reporter) -> None:
        """Check the files of a resumed run; tell what a run starts from, and a new length."""
        resumed = self.resumed
        if resumed is not None:
            check_resumable(resumed.folder, self.inputs.digests, self.inputs.classes)
            check_same_photos(resumed.folder, self.inputs.photos)
            if resumed.is_lengthened:
                had, wanted = resumed.had, resumed.options
                reporter.note(length_note(resumed.folder, had, wanted, resumed.trained))
        if self.start is not None and self.start.model is not None:
            reporter.note(start_note(self.start.model, self.inputs.card))

    def about(self) -> About | None:
        """``run.json`` of a new run, or of one that gets another length; else None."""
        inputs, resumed = self.inputs, self.resumed
        if resumed is not None:
            had, wanted, trained = resumed.had, resumed.options, resumed.trained
            return with_length(resumed.about, had, wanted, trained) if self.is_lengthened else None
        model = None if self.start is None else self.start.sha256
        return about_run(
            inputs.options,
            inputs.digests,
            inputs.classes,
            inputs.weights,
            inputs.start,
            model,
            None if inputs.pastes is None else as_plain(inputs.pastes.dataset.options),
        )

    def net(self) -> Any:
        """The model to train; with a checkpoint, no weights are fetched."""
        card = self.inputs.card
        weights = "none" if self.trained.epochs else card.spec.encoder_weights
        net = build_model(msgspec.structs.replace(card.spec, encoder_weights=weights))
        if self.start is not None and self.start.model is not None:
            carry_over(net, card, self.start.model)
        return net


def _start(options: TrainOptions, resumed: Resumed | None, runs: Path) -> Start | None:
    if options.from_ is None:
        return None
    return (
        new_start(options.from_, runs)
        if resumed is None
        else start_again(resumed, options.from_, runs)
    )


def _folder(options: TrainOptions, resumed: Resumed | None, runs: Path) -> TrainingFolder:
    if resumed is not None:
        return TrainingFolder(resumed.folder)
    return TrainingFolder(free_folder(options.name, runs), options.name)


def _train(run: _Run, folder: TrainingFolder, reporter: Reporter) -> Outcome:
    from pytorch_lightning import seed_everything

    from .data.loading import data_of
    from .data.transport import shared_memory_left
    from .fitting.callbacks import History
    from .fitting.fit import fit, make_trainer, quiet_lightning
    from .fitting.loggers import started
    from .fitting.module import segmenter_of

    inputs, options = run.inputs, run.inputs.options
    with quiet_lightning():
        seed_everything(short_seed(options.seed), verbose=False)
    net = run.net()
    data = data_of(inputs, epoch_steps=run.trained.epoch_steps)
    with folder:
        history = History(
            folder.path,
            reporter,
            data.set_class_iou,
            keep=options.keep,
            by_difficulty=options.loss == "cdb",
        )
        with quiet_lightning():
            trainer = make_trainer(
                options, folder.path, history, reporter, lengthened=run.is_lengthened
            )
        if trainer.is_global_zero:
            _note_in_folder(folder, run.about(), inputs.photos)
        _note_how_to_resume(folder.path)
        if not data.check_room(trainer.world_size, shared_memory_left()):
            reporter.note(_SMALL_MEMORY)
        schedule = data.schedule(trainer.world_size)
        reporter.note(f"Training in {folder.path}: {plan_note(inputs, schedule)}")
        if schedule.note is not None:
            reporter.note(schedule.note)
        trainer.fit_loop.max_epochs = schedule.epochs
        if options.keep == "last":
            trainer.check_val_every_n_epoch = schedule.epochs
        module = segmenter_of(inputs, net, schedule)
        with started(trainer, folder.path, reporter):
            fit(trainer, module, data, checkpoint=folder.checkpoint)
            path = Path(trainer.strategy.broadcast(str(folder.path)))
            figures, outputs = finish_run(inputs, path, history, trainer, reporter)
    return training_outcome(inputs, path, figures, outputs, reporter)


def _note_in_folder(folder: TrainingFolder, about: About | None, photos: TrainedPhotos) -> None:
    if about is not None:
        (folder.lengthen if folder.resumed else folder.start)(about, photos)


def _note_how_to_resume(folder: Path) -> None:
    set_interrupt_message(
        f"'trashdata train --resume {folder.name}' goes on after the last whole epoch."
    )
