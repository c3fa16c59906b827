"""The training data of an arm as one COCO file, for trainers that know nothing of arms."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from trashdata.coco.document import Document
from trashdata.coco.read import read_document
from trashdata.coco.records import replaced
from trashdata.coco.write import top_of, write_document
from trashdata.options.limits import toml_key
from trashdata.paths import DataFolders
from trashdata.prove.arms import Arm
from trashdata.prove.exchange import IMAGES, MADE, TRAIN, write_json
from trashdata.prove.files import WORK, discard
from trashdata.prove.folds import Fold
from trashdata.prove.made_files import make_files
from trashdata.prove.photo_links import remove_folders
from trashdata.runs.files import make_folders, open_atomically
from trashdata.runs.hashes import file_sha256

_TRIED = 8
"""New photos that are planned to see whether options fit."""


class Made(msgspec.Struct, frozen=True):
    """What is kept of a training file: ``key`` is of all that decides it.

    ``real``, ``new``: its photos with their repeats, and those that were made.
    """

    key: str
    sha256: str
    real: int
    new: int


@dataclass(frozen=True)
class DataSet:
    """What a training file is made of. ``name``: of the file, and of its folder of new photos;
    ``tables``: the options of what is made; ``key``: of all that decides the file."""

    arm: Arm
    fold: Fold
    name: str
    tables: dict[str, Any]
    key: str

    @property
    def file(self) -> str:
        """The training file in the folder of the export."""
        return f"{TRAIN}/{self.name}.json"

    @property
    def record(self) -> str:
        """The file that is written when all else is there."""
        return f"{MADE}/{self.name}.json"

    @property
    def photo_folders(self) -> tuple[str, str]:
        """Folders of new photos under the image root: of oversampling, of pastes."""
        return f"{self.name}_oversample", self.name


def why_no_data(arm: Arm) -> str | None:
    """Why an arm can't be written as data; None if it can."""
    if arm.train:
        names = ", ".join(map(toml_key, arm.train))
        repeats = "; an arm with [oversample] repeat-factor is data" if "sampler" in names else ""
        return (
            f"{names} can't be written as data, since which photos are shown and how a model"
            f" learns is up to the other trainer{repeats}"
        )
    if arm.pseudo is not None:
        return "its labels come from a model that is trained on its own data first"
    return None


def new_photos(photos: int, share: float) -> int:
    """How many new photos, beside so many others, are a share of all.

    With a share of 1 the others are left out, and as many are made.

    >>> new_photos(30, 0.5), new_photos(30, 0.25), new_photos(30, 1)
    (30, 10, 30)
    """
    return photos if share == 1 else max(1, round(photos * share / (1 - share)))


def check(data: DataSet, folders: DataFolders) -> None:
    """Check that the data can be made of the user's files, as a dry run does.

    Raises
    ------
    UserError : it can't.
    """
    tables = dict(data.tables)
    if "fresh" in tables:
        tables["copy-paste"] = replace(tables.pop("fresh"), num=_TRIED)
    oversampled, pasted = data.photo_folders
    folders = DataFolders(data.fold.data, folders.images)
    name = data.fold.train.name
    make_files(tables, name, folders, oversampled=oversampled, pasted=pasted, dry_run=True)


def make(data: DataSet, export: Path, workers: int) -> Made:
    """Make the training file and its photos; what a killed process left is used.

    Raises
    ------
    UserError : anything that the user can fix.
    """
    work, images = export / WORK / data.key[:16], export / IMAGES
    if not work.exists():
        # Whatever is there is of a file that was deleted, or of other options.
        remove_folders(images, data.photo_folders)
    make_folders([work, export / TRAIN, export / MADE])
    train = data.fold.train
    shutil.copyfile(train.path, work / train.name)
    folders = DataFolders(work, images)
    base, news = _made(data, folders, workers)
    keeps_real = data.arm.share is None or data.arm.share < 1
    new = write_joined(export / data.file, train, base, news, keeps_real=keeps_real)
    made = Made(
        data.key,
        file_sha256(export / data.file),
        len(base.images) if keeps_real else 0,
        new,
    )
    write_json(export / data.record, made)
    discard(work)
    return made


def _made(data: DataSet, folders: DataFolders, workers: int) -> tuple[Document, list[Document]]:
    """The training part, maybe with repeats, and the documents that have new photos after it."""
    tables, name = dict(data.tables), data.fold.train.name
    oversampled, pasted = data.photo_folders
    fresh = tables.pop("fresh", None)
    base, files = make_files(
        tables, name, folders, oversampled=oversampled, pasted=pasted, workers=workers
    )
    document = read_document(folders.data / base)
    if fresh is not None:
        assert data.arm.share is not None
        number = new_photos(len(document.images), data.arm.share)
        table = {"copy-paste": replace(fresh, num=number)}
        _, more = make_files(table, name, folders, pasted=pasted, workers=workers)
        files += more
    return document, [read_document(folders.data / file) for file in files]


def write_joined(
    path: Path, train: Document, base: Document, news: Sequence[Document], *, keeps_real: bool
) -> int:
    """Write one COCO file of several; returns the number of new photos.

    Parameters
    ----------
    train : what all others were made of.
    base : what the file begins with: ``train``, or ``train`` with repeats after it.
    news : each has new photos after those of ``train``; where two use the same ids, the later ones
        are renumbered.
    keeps_real : whether the photos of ``base`` are written.
    """
    images: list[bytes | msgspec.Raw] = [*base.raw_images] if keeps_real else []
    annotations: list[bytes | msgspec.Raw] = [*base.raw_annotations] if keeps_real else []
    before = base
    image_shift = annotation_shift = new = 0
    for document in news:
        image_shift += _last(before.images) - _last(train.images)
        annotation_shift += _last(before.annotations) - _last(train.annotations)
        for image, raw in _after(train.images, document.images, document.raw_images):
            images.append(replaced(raw, {"id": image.id + image_shift}))
            new += 1
        for one, raw in _after(train.annotations, document.annotations, document.raw_annotations):
            ids = {"id": one.id + annotation_shift, "image_id": one.image_id + image_shift}
            annotations.append(replaced(raw, ids))
        before = document
    lists = {"images": images, "annotations": annotations, "categories": base.raw_categories}
    with open_atomically(path) as stream:
        write_document(stream, top_of((news or [base])[-1], "prove --export"), lists)
    return new


def _last(records: Sequence[Any]) -> int:
    return max((record.id for record in records), default=0)


def _after(
    train: Sequence[Any], records: Sequence[Any], raw: Sequence[msgspec.Raw]
) -> Sequence[tuple[Any, msgspec.Raw]]:
    """Those records with larger ids than the training part's, with their bytes."""
    last = _last(train)
    return [(one, its) for one, its in zip(records, raw, strict=True) if one.id > last]
