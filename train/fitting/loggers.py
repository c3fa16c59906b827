"""What loggers are told besides our own table: TensorBoard, and Weights & Biases."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from trashdata.console import Reporter, is_first_process
from trashdata.errors import UserError, printable
from trashdata.inference.confusion import Scores

from ..lightning import pl
from ..options import TrainOptions
from ..run_folder.about import METRICS, TENSORBOARD, WANDB

_PATIENCE_S = 20
"""How long wandb tries to reach its server; by default one and a half minutes."""


def make_loggers(options: TrainOptions, folder: Path) -> list[Any]:
    """Lightning's loggers; ``csv`` is our own table, as Lightning's deletes the rows of epochs
    before a resume.

    Raises
    ------
    UserError : a package that is not installed, or no login.
    """
    makers = {TENSORBOARD: _tensorboard, WANDB: _wandb}
    found = []
    for name, make in makers.items():
        if name not in options.loggers:
            continue
        if find_spec(name) is None:
            raise UserError(
                f"--logger {name}",
                expected=f"{name} to be installed",
                found="no such module",
                advice=f"run pip install {name}, or {_without(folder)}",
            )
        found.append(make(folder))
    return found


def _tensorboard(folder: Path) -> Any:
    from pytorch_lightning.loggers import TensorBoardLogger

    return TensorBoardLogger(folder, name="", version=TENSORBOARD)


def _wandb(folder: Path) -> Any:
    from pytorch_lightning.loggers import WandbLogger

    wandb: Any = import_module(WANDB)
    settings = wandb.Settings(init_timeout=_PATIENCE_S, silent=True)
    with _in_one_sentence(folder):
        online = wandb.setup(settings).settings.mode in ("online", "run")
        if online and is_first_process() and not _has_login(wandb):
            raise _refused(folder, "no login")
    project = os.environ.get("WANDB_PROJECT", "trashdata")
    return WandbLogger(name=folder.name, save_dir=folder, project=project, settings=settings)


def _has_login(wandb: Any) -> bool:
    try:
        return bool(wandb.login(prompt=False))
    except TypeError:
        # Earlier versions would ask for it.
        return wandb.api.api_key is not None


@contextmanager
def started(trainer: pl.Trainer, folder: Path, reporter: Reporter) -> Iterator[None]:
    """Context in which the loggers take metrics: they are reached before the first epoch, and
    closed at the end.

    Raises
    ------
    UserError : wandb's server can't be reached.
    """
    runs: list[Any] = [logger for logger in trainer.loggers if _is_wandb(logger)]
    for logger in runs:
        with _in_one_sentence(folder):
            url = getattr(logger.experiment, "url", None)
        if url:
            reporter.note(f"Logs to {url}.")
    code = 1
    try:
        yield
        code = 0
    finally:
        for logger in runs if trainer.is_global_zero else ():
            # Otherwise the next run of this process would be logged to the same one.
            logger.experiment.finish(exit_code=code)


def log_scores(trainer: pl.Trainer, loss: float, result: Scores) -> None:
    """Log an epoch: the loss, learning rates, mIoU, and the IoU of each class that has one."""
    rates = [group["lr"] for group in trainer.optimizers[0].param_groups]
    metrics = {
        "loss": loss,
        "val_miou": result.miou,
        **dict(zip(("lr", "lr_encoder"), rates, strict=False)),
        **{f"iou/{name}": iou for name, iou in result.iou.items() if iou is not None},
    }
    for logger in trainer.loggers:
        logger.log_metrics(metrics, step=trainer.global_step)


def log_sheet(trainer: pl.Trainer, path: Path) -> None:
    """Log the contact sheet of validation photos, a PNG file."""
    import cv2

    loggers: list[Any] = trainer.loggers
    for logger in loggers:
        if _is_wandb(logger):
            logger.log_image("photos", [str(path)])
        elif hasattr(logger.experiment, "add_image"):
            pixels: Any = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
            logger.experiment.add_image("photos", pixels, trainer.global_step, dataformats="HWC")
            logger.experiment.close()


def _is_wandb(logger: Any) -> bool:
    from pytorch_lightning.loggers import WandbLogger

    return isinstance(logger, WandbLogger)


@contextmanager
def _in_one_sentence(folder: Path) -> Iterator[None]:
    try:
        yield
    except UserError:
        raise
    # wandb raises errors of many types.
    except Exception as error:
        text = " ".join(str(error).split()) or type(error).__name__
        raise _refused(folder, text[:160].split(". ")[0].rstrip(".")) from None


def _refused(folder: Path, found: str) -> UserError:
    return UserError(
        "--logger wandb",
        expected="a login, and a connection to its server",
        found=printable(found),
        advice="run 'wandb login', set WANDB_MODE=offline to log into the run folder, or "
        + _without(folder),
    )


def _without(folder: Path) -> str:
    return f"omit it: {folder.name}/{METRICS} is written in any case"
