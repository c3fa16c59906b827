"""Trials: one training each, of an arm on a fold with a seed, as plain data."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from trashdata.coco.read import read_document
from trashdata.comparison.store import key
from trashdata.inference.threads import usable_cores
from trashdata.paths import DataFolders
from trashdata.prove.arms import Arm, switched_on
from trashdata.prove.folds import Fold, Parts
from trashdata.prove.options import ProveOptions
from trashdata.prove.spokes import (
    CopyPasteOptions,
    ModelOptions,
    OversampleOptions,
    PseudoOptions,
    TrainOptions,
)
from trashdata.runs.hashes import file_sha256
from trashdata.versions import versions_of

_MOST_LOADERS = 8
Digests: TypeAlias = dict[tuple[str, str], str]
"""SHA-256 of a COCO file with its photos, by the file and the image root."""
FORM = 1
"""Of what is kept of a trial; another one if its meaning changes."""
_LIBRARIES = ("torch", "segmentation-models-pytorch", "timm", "albumentations",
              "opencv-python-headless", "numpy", "pycocotools")  # fmt: skip
# Where a run is carried out, and what it is called.
_NOT_CONTENT = ("workers", "accelerator", "devices", "strategy", "logger", "name", "train", "val",
                "preset", "resume")  # fmt: skip


class Trial(msgspec.Struct, frozen=True):
    """A training, and the scoring of its last weights on the fold's validation photos.

    ``content``: what decides the result, see `trashdata.comparison.store`; ``data``, ``images``:
    folders; ``train``, ``val``: names of files in ``data``; ``options``: of `TrainOptions`;
    ``tables``: options of what the arm makes, see `Arm.tables`.
    """

    arm: str
    fold: int
    seed: int
    steps: int
    content: dict[str, Any]
    data: str
    images: str
    train: str
    val: str
    options: dict[str, Any]
    tables: dict[str, dict[str, Any]]

    @property
    def key(self) -> str:
        """The name under which its result is kept."""
        return key(self.content)

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return f"{self.arm}, seed {self.seed}"


@dataclass(frozen=True)
class Plan:
    """What trials are made of: the parts, the arms, and what is the same for all.

    ``weights``: SHA-256 of the file that encoders start from, None if there is none; ``gpus``: how
    many this machine has; ``digests``: of files that arms name, as far as they were read.
    """

    folders: DataFolders
    options: ProveOptions
    parts: Parts
    arms: Sequence[Arm]
    weights: str | None
    gpus: int = 0
    digests: Digests = field(default_factory=dict)

    def trials(self, steps: int) -> list[Trial]:
        """All trials of a length, so that those of few seeds come first."""
        return [
            self.trial(arm, fold, seed, steps)
            for seed in self.options.seed_numbers()
            for fold in self.parts.folds
            for arm in self.arms
        ]

    def trial(self, arm: Arm, fold: Fold, seed: int, steps: int) -> Trial:
        """One of them."""
        options = train_options(self.options, arm, fold, seed, steps, self._loaders)
        tables = made_tables(arm, seed, self.options, self.folders)
        content = {
            "form": FORM,
            "versions": versions_of(_LIBRARIES),
            "device": "gpu" if self.gpus else "cpu",
            "weights": self.weights,
            "fold": fold.digests,
            "share": arm.share,
            "train": _content(options),
            "makes": made_content(tables, self.folders, self.digests),
        }
        return Trial(
            arm.name,
            fold.number,
            seed,
            steps,
            content,
            str(fold.data.resolve()),
            str(self.folders.images.resolve()),
            fold.train.name,
            fold.val.name,
            _plain(options),
            {name: _plain(made) for name, made in tables.items()},
        )

    @property
    def _loaders(self) -> int:
        """Processes that load photos; on a CPU a run has one thread for all."""
        return min(usable_cores() // self.gpus, _MOST_LOADERS) if self.gpus else 0

    @property
    def inputs(self) -> dict[str, str]:
        """The SHA-256 of the user's files, by name."""
        return {one.name: one.sha256 for one in self.parts.documents}

    @property
    def described(self) -> dict[str, Any]:
        """All options but the folder of the runs."""
        return {k: v for k, v in switched_on(self.options).items() if k != "out"}

    def seen(self, arms: Sequence[str]) -> str:  # noqa: ARG002
        """Nothing: arms, seeds and steps decide the results."""
        return ""

    def content_of(self, arm: Arm, steps: int) -> dict[str, Any]:
        """What decides an arm's results beside the fold and the seed."""
        content = self.trial(arm, self.parts.folds[0], 0, steps).content
        return {name: value for name, value in content.items() if name != "fold"}


def train_options(
    options: ProveOptions, arm: Arm, fold: Fold, seed: int, steps: int, loaders: int = 0
) -> TrainOptions:
    """The options of an arm's training; those that don't concern its data are the same for all."""
    model = {one.name: getattr(options, one.name) for one in fields(ModelOptions)}
    return TrainOptions(
        **{
            **model,
            "train": (fold.train.name,),
            "val": fold.val.name,
            "paste": arm.share if arm.fresh is not None else 0.0,
            "synthetic_share": arm.share if arm.shows_new_photos and arm.fresh is None else None,
            "steps": steps,
            "keep": "last",
            "allow_look_alikes": options.allow_look_alikes,
            "exif": options.exif,
            "seed": seed,
            "name": "trial",
            "workers": loaders,
            **arm.train,
        }
    )


def made_tables(arm: Arm, seed: int, options: ProveOptions, folders: DataFolders) -> dict[str, Any]:
    """The options of what an arm makes, with the trial's seed and absolute paths of files."""
    made = arm.tables()
    same: dict[str, Any] = {"seed": seed, "exif": options.exif}
    found: dict[str, Any] = {}
    for name, table in made.items():
        changes = dict(same)
        if isinstance(table, PseudoOptions):
            changes["json"] = _absolute(folders, table.json)
        elif table.donors is not None:
            changes["donors"] = _absolute(folders, table.donors)
            # Named always, since the image root of a trial has other photos beside them.
            root = DataFolders.of(folders.data, table.donor_images or folders.images).images
            changes["donor_images"] = str(root.resolve())
        found[name] = replace(table, **changes)
    return found


def made_content(
    tables: Mapping[str, Any], folders: DataFolders, known: Digests
) -> dict[str, dict[str, Any]]:
    """The options of what is made, with the bytes of the files and photos that they name.

    ``known`` : digests of those that were read; new ones are added.
    """
    found = {}
    for table, made in tables.items():
        content = switched_on(made)
        root = content.pop("donor_images", str(folders.images))
        name = "json" if table == "pseudo" else "donors"
        if name in content:
            place = (content[name], root)
            if place not in known:
                known[place] = _bytes_of(Path(content[name]), Path(root))
            content[name] = known[place]
        found[table] = content
    return found


def _bytes_of(json: Path, images: Path) -> str:
    """SHA-256 of a COCO file and of all its photos; missing ones are refused elsewhere."""
    digest = hashlib.sha256(json.read_bytes())
    for image in read_document(json, masks=False).images:
        with suppress(OSError):
            digest.update(file_sha256(images / image.file_name).encode())
    return digest.hexdigest()


def _absolute(folders: DataFolders, json: str) -> str:
    return str(folders.input_json(json).resolve())


def _content(options: TrainOptions) -> dict[str, Any]:
    """The options that decide a training; the user's files by their bytes."""
    content = {k: v for k, v in switched_on(options).items() if k not in _NOT_CONTENT}
    for name in ("encoder_weights", "class_weights"):
        if Path(content[name]).is_file():
            content[name] = file_sha256(Path(content[name]))
    return content


def _plain(options: Any) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(asdict(options)))
    return plain


_KINDS: Mapping[str, type[Any]] = {
    "fresh": CopyPasteOptions,
    "copy-paste": CopyPasteOptions,
    "oversample": OversampleOptions,
    "pseudo": PseudoOptions,
}


def options_of(trial: Trial) -> tuple[TrainOptions, dict[str, Any]]:
    """The options of a trial's training, and of what is made for it, by name."""
    made = {name: msgspec.convert(table, _KINDS[name]) for name, table in trial.tables.items()}
    return msgspec.convert(trial.options, TrainOptions), made
