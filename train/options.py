"""The options of training, with their defaults and their limits; plain types all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from trashdata.errors import UserError

Loss: TypeAlias = Literal["ce", "focal", "dice", "dice-focal", "jaccard", "lovasz", "cdb"]
Optimizer: TypeAlias = Literal["adamw", "adam", "sgd", "radam"]
Scheduler: TypeAlias = Literal["cosine", "onecycle", "step", "none"]
Mode: TypeAlias = Literal["resize", "windows"]
Exif: TypeAlias = Literal["auto", "apply", "ignore"]

# Where a run is carried out, not what it is: a resumed run may change them.
MACHINE_OPTIONS = ("accelerator", "devices", "strategy", "workers", "logger")
LOGGERS = ("csv", "tensorboard", "wandb")


@dataclass(frozen=True)
class TrainOptions:
    """How a model is trained; every field is the command's option of the same name.

    ``train``: COCO files, each with ``:weight`` behind it or not; ``fold``: take the files of that
    fold instead; ``epochs``: how often all photos are seen; ``lr``: the highest learning rate;
    ``warmup``: epochs in which it rises to that; ``size``: side in pixels of what the model sees;
    ``early_stop``: epochs without a better mIoU after which training ends, 0 for never.
    """

    train: tuple[str, ...] = ("train.json",)
    val: str = "val.json"
    fold: int | None = None
    arch: str = "UnetPlusPlus"
    encoder: str = "efficientnet-b0"
    encoder_weights: str = "imagenet"
    loss: Loss = "dice-focal"
    class_weights: str = "none"
    label_smoothing: float = 0.0
    epochs: int = 40
    batch_size: int = 8
    lr: float = 1e-3
    optimizer: Optimizer = "adamw"
    scheduler: Scheduler = "cosine"
    warmup: float = 1.0
    size: int = 512
    mode: Mode = "resize"
    augment: str = "light"
    precision: str = "auto"
    ema: bool = False
    early_stop: int = 0
    exif: Exif = "auto"
    seed: int = 42
    name: str = "exp"
    accelerator: str = "auto"
    devices: str = "auto"
    strategy: str = "auto"
    logger: str = "csv"
    workers: int = 2

    def __post_init__(self) -> None:
        _choice("loss", self.loss, get_args(Loss))
        _choice("optimizer", self.optimizer, get_args(Optimizer))
        _choice("scheduler", self.scheduler, get_args(Scheduler))
        for name in self.loggers:
            _choice("logger", name, LOGGERS)
        _check("epochs", self.epochs >= 1, "at least 1", self.epochs)
        _check("batch-size", self.batch_size >= 1, "at least 1", self.batch_size)
        _check("lr", 0 < self.lr < float("inf"), "a positive number", self.lr)
        _check("warmup", 0 <= self.warmup < float("inf"), "0 or more epochs", self.warmup)
        _check("early-stop", self.early_stop >= 0, "0 or more", self.early_stop)
        _check("seed", self.seed >= 0, "0 or more", self.seed)
        _check("workers", self.workers >= 0, "0 or more", self.workers)
        smoothing = self.label_smoothing
        _check("label-smoothing", 0 <= smoothing < 1, "from 0 to under 1", smoothing)
        plain = self.loss in ("ce", "cdb") or not smoothing
        _check("label-smoothing", plain, "0, as only ce and cdb smooth labels", smoothing)
        own = self.loss != "cdb" or self.class_weights == "none"
        expected = "none with --loss cdb, which finds its own weights"
        _check("class-weights", own, expected, self.class_weights)

    @property
    def loggers(self) -> tuple[str, ...]:
        """The names in ``logger``."""
        return tuple(name.strip() for name in self.logger.split(",") if name.strip())


def _choice(name: str, value: str, known: tuple[str, ...]) -> None:
    _check(name, value in known, f"one of {', '.join(known)}", repr(value))


def _check(name: str, sound: bool, expected: str, found: object) -> None:
    if not sound:
        raise UserError(
            f"--{name}",
            expected=expected,
            found=str(found),
            advice="see 'trashdata train --help'",
        )
