"""``run.json``: the configuration of a run, its files, the versions of libraries."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import msgspec

from trashdata.errors import UserError, printable
from trashdata.runs.files import write_atomically
from trashdata.versions import versions_of

from ..options import TrainOptions

CONFIG = "config.toml"
ABOUT = "run.json"
METRICS = "metrics.csv"
RESULTS = "results.json"
LAST = "last.ckpt"
TENSORBOARD = "tensorboard"
WANDB = "wandb"
LOGGERS = (TENSORBOARD, WANDB)
"""Folders of what loggers write."""

_LIBRARIES = (
    "torch",
    "segmentation-models-pytorch",
    "pytorch-lightning",
    "timm",
    "albumentations",
    "opencv-python-headless",
    "numpy",
    "pycocotools",
)


class Length(msgspec.Struct, frozen=True):
    """A length that a run had until it was resumed with another one.

    ``epochs``, ``steps``: as the options were; ``trained_epochs``, ``trained_steps``: complete when
    it was resumed.
    """

    epochs: int
    steps: int | None
    trained_epochs: int
    trained_steps: int


class About(msgspec.Struct, frozen=True):
    """The content of ``run.json``: the resolved options, and what must not change until a resume.

    ``inputs``: SHA-256 by name; ``classes``: in the order of channels, without the background;
    ``encoder_weights_sha256``: of the file that the encoder started from, if it was one;
    ``pasting``: the options of the photos with fresh pastes, if it has some;
    ``from_sha256``: of the weights of the model that the run started from, if it was one;
    ``earlier_lengths``: before it was resumed with another length, the first one first.
    """

    options: dict[str, Any]
    inputs: dict[str, str]
    classes: list[str]
    versions: dict[str, str]
    commit: str | None = None
    class_weights: list[float] | None = None
    encoder_weights_sha256: str | None = None
    from_sha256: str | None = None
    earlier_lengths: list[Length] = []
    pasting: dict[str, Any] | None = None
    made_by: str = "trashdata train"


def write_json(path: Path, content: object) -> None:
    """Write an indented JSON file."""
    write_atomically(path, msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n")


def config_options(options: dict[str, Any]) -> dict[str, Any]:
    """The options without those that others replace: files where there is a fold, epochs where
    there are steps."""
    unused = {"train", "val"} if options.get("fold") is not None else set()
    unused |= {"epochs"} if options.get("steps") is not None else set()
    return {name: value for name, value in options.items() if name not in unused}


def about_run(
    options: TrainOptions,
    inputs: dict[str, str],
    classes: list[str],
    class_weights: list[float] | None,
    encoder_weights_sha256: str | None = None,
    from_sha256: str | None = None,
    pasting: dict[str, Any] | None = None,
) -> About:
    """Make the content of ``run.json``."""
    return About(
        plain_options(options),
        inputs,
        classes,
        versions_of(_LIBRARIES),
        _commit(),
        class_weights,
        encoder_weights_sha256,
        from_sha256,
        pasting=pasting,
    )


def plain_options(options: TrainOptions) -> dict[str, Any]:
    """The options of a run as JSON has them."""
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(options.of_run()))
    return plain


def _commit() -> str | None:
    """The git commit of the working folder, None outside of a repository."""
    try:
        done = subprocess.run(
            ["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False, timeout=10
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None if done.returncode == 0 else None


def read_about(folder: Path) -> About:
    """Read ``run.json`` of a run."""
    path = folder / ABOUT
    try:
        return msgspec.json.decode(path.read_bytes(), type=About)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UserError(
            printable(str(path)),
            expected="what a run was started with",
            found=printable(str(error)),
            advice="start a new run without --resume",
        ) from None
