"""Inputs of merge: the files, and the names of their photos in the result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from trashdata.coco.document import Document
from trashdata.coco.read import read_document
from trashdata.console import Reporter
from trashdata.errors import UserError, nearest, printable
from trashdata.merge.options import MergeOptions
from trashdata.merge.relocate import relocated_names
from trashdata.paths import DataFolders, file_labels


@dataclass(frozen=True)
class Inputs:
    """The files in order.

    ``labels``: their names in messages; ``file_names``: for each file the names of its photos in
    the result.
    """

    documents: Sequence[Document]
    labels: Sequence[str]
    file_names: Sequence[Sequence[str]]


def read_inputs(
    folders: DataFolders, options: MergeOptions, reporter: Reporter, *, one_root: bool
) -> Inputs:
    """Read the files.

    Parameters
    ----------
    one_root : the names of all files are relative to ``folders.images``, except those of files
        with a root in ``options.images_of``.
    """
    named = _named_roots(options.files, options.image_roots)
    paths = [folders.input_json(file) for file in options.files]
    read = {path: read_document(path, masks=False) for path in dict.fromkeys(paths)}
    for document in read.values():
        for warning in document.warnings:
            reporter.warn(warning)
    label_of = dict(zip(read, file_labels(list(read)), strict=True))
    labels = [label_of[path] for path in paths]
    documents = [read[path] for path in paths]
    roots = [
        named.get(file, folders.images if one_root else _root_of(document, folders))
        for file, document in zip(options.files, documents, strict=True)
    ]
    names = [
        relocated_names(document.images, label, root, folders.images)
        for document, label, root in zip(documents, labels, roots, strict=True)
    ]
    return Inputs(documents, labels, names)


def _named_roots(files: Sequence[str], roots: Mapping[str, str]) -> dict[str, Path]:
    """The image roots that --images-of gives, by the file as it was named."""
    for file, root in roots.items():
        where = f"--images-of {printable(file)}={printable(root)}"
        if file not in files:
            advice = nearest(file, [printable(name) for name in files])
            raise UserError(where, expected="one of the files", found="another", advice=advice)
        if not Path(root).is_dir():
            found = "a file" if Path(root).exists() else "nothing"
            raise UserError(where, expected="a folder", found=found, advice="check the path")
    return {file: Path(root) for file, root in roots.items()}


def _root_of(document: Document, folders: DataFolders) -> Path:
    """The data folder, or the file's folder if it is outside or has its photos there."""
    folder = document.path.parent
    if folder == folders.data or not document.path.is_relative_to(folders.data):
        return folder
    names = [image.file_name for image in document.images]
    in_data, beside = (sum((root / n).is_file() for n in names) for root in (folders.data, folder))
    return folder if beside > in_data else folders.data
