"""The training and validation parts that arms are compared on, and what counts as one photo."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from trashdata.coco.document import Document
from trashdata.coco.read import read_document
from trashdata.comparison import numbered
from trashdata.comparison.store import key
from trashdata.console import Reporter
from trashdata.duplicates import SIDE
from trashdata.errors import UserError, nearest, printable
from trashdata.fingerprints import Fingerprints
from trashdata.inference.predictor import evaluated_images
from trashdata.paths import DataFolders
from trashdata.photos import check_present
from trashdata.prove.options import ProveOptions
from trashdata.prove.spokes import KfoldOptions
from trashdata.prove.validation_groups import videos, with_blocks
from trashdata.provenance import Provenance
from trashdata.runs.files import make_folders
from trashdata.runs.hashes import file_sha256

if TYPE_CHECKING:
    import splitting
else:
    from trashdata import splitting

FOLDS = "folds"
_FROM_PHOTOS = "auto"
FRAMES_IN_FOLDS = (
    "The photos are frames of a video, and folds have neighbours on both sides, so that all scores"
    " are too high: pass --val, or --group-by with a key of videos."
)


@dataclass(frozen=True)
class Fold:
    """A training and a validation part.

    ``data``: the folder of both files; ``photos_sha256``: of all their photos.
    """

    number: int
    data: Path
    train: Document
    val: Document
    photos_sha256: str

    @property
    def digests(self) -> dict[str, str]:
        """What decides a run's result, by what it is."""
        return {
            "train": self.train.sha256,
            "val": self.val.sha256,
            "photos": self.photos_sha256,
        }


@dataclass(frozen=True)
class Parts:
    """The folds, and the validation photos of all of them in a row.

    ``photos``: P file names; ``groups``, ``fold_of``: (P,) int64; ``documents``: the user's files;
    ``prints``: of the photos that were read, None if none were.
    """

    folds: Sequence[Fold]
    photos: Sequence[str]
    groups: NDArray[np.int64]
    fold_of: NDArray[np.int64]
    documents: Sequence[Document]
    prints: Fingerprints | None = None

    @property
    def class_names(self) -> list[str]:
        """The names of the classes."""
        return [category.name for category in self.documents[0].class_categories]


def read_parts(
    folders: DataFolders, options: ProveOptions, out: Path, workers: int, reporter: Reporter
) -> Parts:
    """Read the files; without ``val``, make the folds under ``out``.

    Raises
    ------
    UserError : a fault of a file, or folds that can't be made.
    """
    json = folders.input_json(options.json_name)
    document = _read(json, reporter)
    if options.val is not None:
        val_path = folders.input_json(options.val)
        if val_path.exists() and val_path.samefile(json):
            raise UserError(
                f"--json {printable(options.json_name)} and --val {printable(options.val)}",
                expected="two files",
                found="one and the same",
                advice="omit --val, and it is split in folds",
            )
        val = _read(val_path, reporter)
        pairs = [(folders.data, document, val)]
        documents = [document, val]
    else:
        data = _make_folds(folders, options, json, out, workers, reporter)
        pairs = [(data, *_fold_files(data, k)) for k in range(options.fold_count)]
        documents = [document]
    prints = Fingerprints(workers, reporter)
    _read_photos(folders, [one for _, *both in pairs for one in both], prints)
    folds = [
        Fold(number, data, train, val, _together(folders, (train, val), prints))
        for number, (data, train, val) in enumerate(pairs)
    ]
    photos = [image.file_name for fold in folds for image in evaluated_images(fold.val)]
    fold_of = np.repeat(np.arange(len(folds)), [len(evaluated_images(fold.val)) for fold in folds])
    groups = _groups(folders, options, documents[-1], photos, prints)
    return Parts(folds, photos, groups, fold_of, documents, prints)


def _read(path: Path, reporter: Reporter) -> Document:
    document = read_document(path)
    for warning in document.warnings:
        reporter.warn(warning)
    if not document.annotations:
        raise UserError(
            document.name,
            expected="photos with annotations",
            found="no annotation" if document.images else "no photo",
            advice="pass labelled files with --json and --val",
        )
    return document


def _make_folds(
    folders: DataFolders,
    options: ProveOptions,
    json: Path,
    out: Path,
    workers: int,
    reporter: Reporter,
) -> Path:
    """Write the folds, unless they are there; returns their folder."""
    wanted = KfoldOptions(
        json=str(json.resolve()),
        folds=options.fold_count,
        group_by=options.group_by,
        seed=options.seed,
    )
    same = {"json": file_sha256(json), "of": [wanted.folds, wanted.group_by, wanted.seed]}
    data = out / FOLDS / key(same)[:12]
    make_folders([data])
    splitting.write_kfold(
        data, wanted, images=folders.images, workers=workers, reporter=_Quiet(reporter)
    )
    return data


class _Quiet(Reporter):
    """Passes on warnings alone."""

    def __init__(self, other: Reporter) -> None:
        super().__init__()
        self._other = other

    def warn(self, text: str) -> None:
        self._other.warn(text)


def _fold_files(data: Path, number: int) -> tuple[Document, Document]:
    part, val = (read_document(data / f"kfold_{number}_{name}.json") for name in ("train", "val"))
    return part, val


def _read_photos(folders: DataFolders, documents: Sequence[Document], prints: Fingerprints) -> None:
    """Read all photos; a missing one is refused."""
    images = {image.file_name: image for one in documents for image in one.images}
    for image in images.values():
        check_present(folders.images, image)
    prints.read(folders.images.resolve(), sorted(images))


def _together(folders: DataFolders, documents: Sequence[Document], prints: Fingerprints) -> str:
    """SHA-256 of the names and the bytes of all photos."""
    root = folders.images.resolve()
    names = sorted({image.file_name for one in documents for image in one.images})
    lines = "".join(f"{name}\0{prints.sha256(root, name)}\n" for name in names)
    return hashlib.sha256(lines.encode()).hexdigest()


def _groups(
    folders: DataFolders,
    options: ProveOptions,
    document: Document,
    photos: Sequence[str],
    prints: Fingerprints,
) -> NDArray[np.int64]:
    """The group of each validation photo, (P,) int64 from 0."""
    reporter = prints.reporter
    found = splitting.find_groups(
        document,
        options.group_by,
        folders.images,
        workers=prints.workers,
        reporter=_Quiet(reporter),
    )
    by_name: dict[str, Any] = {
        image.file_name: group for image, group in zip(document.images, found.tolist(), strict=True)
    }
    groups = numbered([by_name[name] for name in photos])
    if options.group_by != _FROM_PHOTOS:
        return groups
    root = folders.images.resolve()
    rows = [prints.index[root, name] for name in photos]
    video_of = videos(photos, prints.prints.small[rows].reshape(-1, SIDE, SIDE))
    frames = int((video_of >= 0).sum())
    if frames:
        reporter.note(
            f"{frames} validation photos are frames of a video: neighbours count as one, in"
            " blocks of at least ten. --group-by says otherwise."
        )
        if options.val is None:
            reporter.warn(FRAMES_IN_FOLDS)
    return with_blocks(groups, photos, video_of)


def check_parts(parts: Parts, names: Sequence[str]) -> None:
    """Refuse validation photos that are synthetic or pseudo-labelled, files with different classes,
    and patch classes that they don't have."""
    for fold in parts.folds:
        provenance = Provenance(fold.val)
        for what, ids in (
            ("with pastes", provenance.synthetic),
            ("with pseudo-labels", provenance.pseudo_labelled),
        ):
            if ids:
                raise UserError(
                    f"{fold.val.name}: {printable(fold.val.image_by_id[min(ids)].file_name)}",
                    expected="real photos with labels of people, to validate on",
                    found=f"one {what}, and {len(ids) - 1} more",
                    advice="pass a file without such photos with --val",
                )
    for document in parts.documents[1:]:
        others = [category.name for category in document.class_categories]
        if others != parts.class_names:
            raise UserError(
                f"{parts.documents[0].name} and {document.name}",
                expected="the same classes in the order of their ids",
                found=f"{len(parts.class_names)} and {len(others)} that differ",
                advice="use files of one set",
            )
    refuse_unknown(names, parts, "--patch")


def refuse_unknown(names: Sequence[str], parts: Parts, where: str) -> None:
    """Refuse names that are no class of the files; ``where`` they stand."""
    known = [printable(name) for name in parts.class_names]
    for name in names:
        if name not in parts.class_names:
            raise UserError(
                f"{where} {printable(name)!r}",
                expected=f"a class of {parts.documents[0].name}",
                found="none of that name",
                advice=nearest(name, known),
            )
