"""Lightning's trainer with our callbacks, and the translation of its errors."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from trashdata.console import Reporter
from trashdata.errors import UserError, printable

from ..data.loading import Data
from ..lightning import Callback, ModelCheckpoint, pl
from ..model_options import Precision
from ..options import TrainOptions
from ..run_folder.about import LAST
from .callbacks import EarlyStop, History, ShowProgress, averaging
from .loggers import make_loggers
from .module import Segmenter


def make_trainer(
    options: TrainOptions,
    folder: Path,
    history: History,
    reporter: Reporter,
    *,
    lengthened: bool = False,
) -> pl.Trainer:
    """Make the trainer of a run in this folder.

    ``lengthened`` : whether a resumed run has got more epochs.

    Raises
    ------
    UserError : devices, a strategy, a precision or a logger that this machine doesn't have.
    """
    from lightning_fabric.utilities.exceptions import MisconfigurationException

    try:
        return pl.Trainer(
            accelerator=options.accelerator,
            devices=options.devices,
            strategy=options.strategy,
            precision=resolve_precision(options.precision, options.accelerator),  # type: ignore[arg-type]
            max_epochs=options.epochs,
            callbacks=_callbacks(options, folder, history, reporter, lengthened),
            logger=make_loggers(options, folder) or False,
            num_sanity_val_steps=0,
            use_distributed_sampler=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            log_every_n_steps=1,
            default_root_dir=folder,
        )
    except (MisconfigurationException, ValueError, RuntimeError) as error:
        raise UserError(
            "--accelerator, --devices, --strategy or --precision",
            expected="what Lightning finds on this machine",
            found=_first_sentence(error),
            advice="omit them to take what there is",
        ) from None


def _callbacks(
    options: TrainOptions, folder: Path, history: History, reporter: Reporter, lengthened: bool
) -> list[Callback]:
    """Callbacks in order: the history sees the averaged weights before they are swapped back."""
    callbacks: list[Callback] = [ShowProgress(reporter), history]
    if options.ema:
        callbacks.append(averaging())
    if options.early_stop:
        callbacks.append(EarlyStop(options.early_stop, again=lengthened))
    callbacks.append(
        ModelCheckpoint(
            dirpath=folder,
            filename=LAST.removesuffix(".ckpt"),
            enable_version_counter=False,
            save_on_train_epoch_end=True,
        )
    )
    return callbacks


def resolve_precision(precision: Precision, accelerator: str) -> Precision:
    """Resolve ``auto``: mixed precision on a GPU, full precision elsewhere."""
    if precision != "auto":
        return precision
    if accelerator == "cpu" or not torch.cuda.is_available():
        return "32-true"
    return "bf16-mixed" if torch.cuda.is_bf16_supported() else "16-mixed"


def fit(
    trainer: pl.Trainer, module: Segmenter, data: Data, *, checkpoint: Path | None = None
) -> None:
    """Train, from a checkpoint if one is given.

    Raises
    ------
    UserError : a loss that is not finite, a photo that can't be read any more, too little memory,
        a loader's worker that was killed.
    """
    try:
        with quiet_lightning():
            trainer.fit(
                module,
                data,
                ckpt_path=None if checkpoint is None else str(checkpoint),
                weights_only=True,
            )
    except SystemExit:
        # Raised by Lightning on Ctrl-C.
        raise KeyboardInterrupt from None
    except torch.cuda.OutOfMemoryError:
        raise UserError(
            "--batch-size",
            expected="a batch that fits into the GPU's memory",
            found="one that doesn't",
            advice="lower --batch-size or --size, or try --precision bf16-mixed",
        ) from None
    except RuntimeError as error:
        full = "allocate shared memory" in str(error)
        if not full and not str(error).startswith("DataLoader worker"):
            raise
        raise UserError(
            "--workers",
            expected="processes that load photos to the end",
            found="too little shared memory" if full else _first_sentence(error),
            advice="make room in the memory or in /dev/shm, or pass --workers 0",
        ) from None
    except ValueError as error:
        if "more than 1 value per channel" not in str(error):
            raise
        raise UserError(
            "--batch-size",
            expected="at least 2 photos in a batch, as this architecture needs",
            found="1",
            advice="raise --batch-size, or pass more photos",
        ) from None


@contextmanager
def quiet_lightning() -> Iterator[None]:
    """Silence Lightning's notes, tips and warnings."""
    loggers = [logging.getLogger(name) for name in ("pytorch_lightning", "lightning_fabric")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _first_sentence(error: Exception) -> str:
    return printable(" ".join(str(error).split()).split(". ")[0].rstrip("."))
