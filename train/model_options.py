"""Options of the model and of how it learns, which every command that trains has."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

import typer

from trashdata.inference.mode import Mode
from trashdata.options.limits import Above, Below, check

from .augmentations import LEVELS, parse_augment

Loss: TypeAlias = Literal["ce", "focal", "dice", "dice-focal", "jaccard", "lovasz", "cdb"]
Optimizer: TypeAlias = Literal["adamw", "adam", "sgd", "radam"]
Scheduler: TypeAlias = Literal["cosine", "onecycle", "step", "none"]
Precision: TypeAlias = Literal["auto", "32-true", "16-mixed", "bf16-mixed", "bf16-true", "64-true"]
WEIGHT_KINDS = ("none", "inverse", "effective")


@dataclass(frozen=True)
class ModelOptions:
    """Options of the model, the loss, the optimizer and the augmentation."""

    arch: str = "UnetPlusPlus"
    """Architecture: any of SMP's, or ocr."""

    decoder_channels: Annotated[
        int | None, typer.Option(metavar="N", min=8, max=4096, show_default="the architecture's")
    ] = None
    """Channels of the decoder; fewer are faster."""

    encoder: str = "efficientnet-b0"
    """Encoder: any of SMP's, or of timm's with tu- before."""

    encoder_weights: Annotated[str, typer.Option(metavar="imagenet|none|FILE")] = "imagenet"
    """Weights that the encoder starts from."""

    loss: Loss = "dice-focal"
    """Loss."""

    class_weights: Annotated[str, typer.Option(metavar="|".join((*WEIGHT_KINDS, "FILE")))] = "none"
    """Weights of the classes: equal, by pixels, by objects, or from a JSON file."""

    label_smoothing: Annotated[float, typer.Option(min=0), Below(1)] = 0.0
    """Label smoothing of ce and cdb, from 0 to under 1."""

    batch_size: Annotated[int, typer.Option(min=1)] = 8
    """Photos a step."""

    lr: Annotated[float, Above(0), Below(math.inf)] = 1e-3
    """Highest learning rate."""

    encoder_lr: Annotated[
        float | None, Above(0), Below(math.inf), typer.Option(show_default="that of --lr")
    ] = None
    """Highest learning rate of the encoder."""

    optimizer: Optimizer = "adamw"
    """Optimizer."""

    scheduler: Scheduler = "cosine"
    """Schedule of the learning rate."""

    warmup: Annotated[float, typer.Option(metavar="EPOCHS", min=0), Below(math.inf)] = 1.0
    """Epochs in which the learning rate rises."""

    size: int = 512
    """Side of the model's input, in pixels; a multiple of 32."""

    mode: Mode = "resize"
    """Resize photos to --size, or read them in windows of it."""

    augment: Annotated[str, typer.Option(metavar="|".join((*LEVELS, "LIST")))] = "light"
    """Augmentation: a level, or names such as flip,rotate,cutout."""

    precision: Precision = "auto"
    """Precision, by Lightning's names; auto: mixed on a GPU."""

    ema: bool = False
    """Average the weights over steps."""

    def check_model(self) -> None:
        """Check what depends on several of these options.

        Raises
        ------
        UserError : they don't fit each other.
        """
        parse_augment(self.augment)
        plain = self.loss in ("ce", "cdb") or not self.label_smoothing
        check(self, "label_smoothing", plain, "0, as only ce and cdb smooth labels")
        alike = self.loss != "cdb" or self.class_weights == WEIGHT_KINDS[0]
        expected = f"{WEIGHT_KINDS[0]} with --loss cdb, which finds its own weights"
        check(self, "class_weights", alike, expected)
