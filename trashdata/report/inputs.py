"""Inputs of a report, except photos: COCO files, folds, a training run, findings."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from trashdata.coco.document import Document, ImageRecord
from trashdata.coco.read import read_document
from trashdata.console import Reporter
from trashdata.paths import DataFolders, file_labels

from .donor_files import DonorFile, find_donor_files
from .folds import FILE, LIST, Folds, read_fold_list, read_folds
from .options import ReportOptions
from .prove import Prove, read_prove
from .shown_photos import choose_photos
from .training import Training, find_run, read_training


@dataclass(frozen=True)
class Inputs:
    """The inputs, read and checked.

    ``documents``: the COCO file, and the one that it is compared with, if any; ``labels``: their
    names; ``chosen``: the photos to show; ``donor_files``: their donors in other files;
    ``fold_of``: by file name; ``hashes``: SHA-256 by name of all files.
    """

    documents: Sequence[Document]
    labels: tuple[str, ...]
    chosen: Sequence[ImageRecord]
    donor_files: Sequence[DonorFile]
    folds: Folds | None
    fold_of: Mapping[str, str]
    training: Training | None
    prove: Prove | None
    hashes: Mapping[str, str]


def read_inputs(folders: DataFolders, options: ReportOptions, reporter: Reporter) -> Inputs:
    """Read and check everything except photos."""
    names = [name for name in (options.json, options.compare) if name is not None]
    paths = [folders.input_json(name) for name in names]
    folder = None if options.run is None else find_run(options.run)
    prove, prove_read = (None, {}) if options.prove is None else read_prove(options.prove)
    labels = file_labels(paths)
    documents = [read_document(path, masks=index == 0) for index, path in enumerate(paths)]
    for document in documents:
        for warning in document.warnings:
            reporter.warn(warning)
    first = documents[0]
    chosen = choose_photos(first, options.num, options.seed)
    donor_files = find_donor_files(first, chosen, len(chosen), reporter)
    folds, folds_read = read_folds(first.path.with_name(FILE)) or (None, None)
    fold_of, list_read = read_fold_list(first.path.with_name(LIST)) or ({}, None)
    training, training_read = (None, {}) if folder is None else _read_training(folder)
    beside = {FILE: folds_read, LIST: list_read, **training_read, **prove_read}
    hashes = {
        **{label: document.sha256 for label, document in zip(labels, documents, strict=True)},
        **{donor_file.document.name: donor_file.document.sha256 for donor_file in donor_files},
        **{name: _sha256(content) for name, content in beside.items() if content is not None},
    }
    return Inputs(documents, labels, chosen, donor_files, folds, fold_of, training, prove, hashes)


def _read_training(folder: Path) -> tuple[Training, dict[str, bytes]]:
    training, files = read_training(folder)
    return training, {f"{folder.name}/{name}": content for name, content in files.items()}


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
