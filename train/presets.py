"""Presets of training, and which one is meant where none is named; imports nothing heavy."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from typing import Any, TypeVar

from trashdata.errors import UserError

LAPTOP = "laptop"

PRESETS: dict[str, dict[str, Any]] = {
    LAPTOP: {
        "arch": "Segformer",
        "encoder": "tu-tf_efficientnet_lite0",
        "decoder_channels": 64,
        "size": 256,
        "steps": 1200,
        "lr": 3e-3,
        "encoder_lr": 1e-3,
        "loss": "ce",
        "ema": True,
    },
    "gpu": {
        "arch": "UnetPlusPlus",
        "encoder": "efficientnet-b4",
        "size": 512,
        "steps": 12_000,
        "batch_size": 16,
        "lr": 1e-3,
        "encoder_lr": 3e-4,
        "ema": True,
        "augment": "medium",
        "workers": 8,
    },
    "competition": {
        "arch": "UPerNet",
        "encoder": "tu-convnext_large",
        "size": 512,
        "steps": 40_000,
        "batch_size": 8,
        "lr": 3e-4,
        "encoder_lr": 3e-5,
        "ema": True,
        "augment": "strong",
        "workers": 8,
    },
}
# Whoever gives one of these asks for something else than the laptop's training.
_ASKS = frozenset({"epochs", "preset", "resume", "from_", "accelerator", "devices", "strategy"})

Options = TypeVar("Options")


def settled(options: Options, given: Set[str], *, gpu: bool) -> tuple[Options, str | None]:
    """The options with the preset that is meant.

    Without a GPU it is ``laptop``, unless something about the model, the length or the hardware
    was given. ``--epochs`` wins over the steps of a preset.

    Parameters
    ----------
    options : `TrainOptions`.
    given : names of the options that the user gave, also in a TOML file.
    gpu : whether this machine has one.

    Returns
    -------
    The options, and a note on the preset if it was not asked for.

    Raises
    ------
    UserError : both --epochs and --steps were given.
    """
    if {"epochs", "steps"} <= given and "resume" not in given:
        raise UserError(
            "--epochs and --steps",
            expected="one of the two",
            found="both",
            advice="omit --epochs: --steps is the exact one",
        )
    if "epochs" in given and "steps" not in given:
        return replace(options, steps=None), None  # type: ignore[type-var]
    if gpu or given & (_ASKS | PRESETS[LAPTOP].keys()):
        return options, None
    values = PRESETS[LAPTOP]
    note = (
        f"No GPU: training as with --preset {LAPTOP} ({values['arch']},"
        f" {values['encoder']}, {values['size']} pixels, {values['steps']} steps)."
        " Give --arch, --epochs or another --preset for something else."
    )
    return replace(options, preset=LAPTOP, **values), note  # type: ignore[type-var]
