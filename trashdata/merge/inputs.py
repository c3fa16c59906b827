"""What merge reads: the files, and what their photos are called in the result."""

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
from trashdata.paths import Places, file_labels


@dataclass(frozen=True)
class Inputs:
    """The files in their order.

    ``labels``: what messages call them; ``file_names``: for each the names of its photos in the
    result.
    """

    documents: Sequence[Document]
    labels: Sequence[str]
    file_names: Sequence[Sequence[str]]


def read_inputs(
    places: Places, options: MergeOptions, reporter: Reporter, *, one_root: bool
) -> Inputs:
    """Read the files.

    Parameters
    ----------
    one_root : the names of all files are relative to ``places.images``, but of those that have a
        root of their own.
    """
    named = _named_roots(options.files, options.image_roots)
    paths = [places.input_json(file) for file in options.files]
    read = {path: read_document(path, masks=False) for path in dict.fromkeys(paths)}
    for document in read.values():
        for warning in document.warnings:
            reporter.warn(warning)
    label_of = dict(zip(read, file_labels(list(read)), strict=True))
    labels = [label_of[path] for path in paths]
    documents = [read[path] for path in paths]
    roots = [
        named.get(file, places.images if one_root else _root_of(document, places))
        for file, document in zip(options.files, documents, strict=True)
    ]
    names = [
        relocated_names(document.images, label, root, places.images)
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


def _root_of(document: Document, places: Places) -> Path:
    """The data folder, or the file's own folder if it is elsewhere or has its photos there."""
    folder = document.path.parent
    if folder == places.data or not document.path.is_relative_to(places.data):
        return folder
    names = [image.file_name for image in document.images]
    in_data, beside = (sum((root / n).is_file() for n in names) for root in (places.data, folder))
    return folder if beside > in_data else places.data
