"""Inputs of export: COCO files of the same classes, and photos whose names don't clash."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from trashdata.coco.document import Document
from trashdata.coco.read import read_document
from trashdata.console import Reporter
from trashdata.errors import UserError
from trashdata.export.forms.form import Split
from trashdata.export.names import check_names
from trashdata.export.options import ExportOptions
from trashdata.paths import DataFolders
from trashdata.photos import check_photo


@dataclass(frozen=True)
class Inputs:
    """The splits in the order of the options, and the root of their photos."""

    splits: list[Split]
    images: Path

    @property
    def hashes(self) -> dict[str, str]:
        """SHA-256 by file."""
        return {split.document.name: split.document.sha256 for split in self.splits}

    @property
    def photos(self) -> int:
        """Number of photos."""
        return sum(len(split.document.images) for split in self.splits)


def read_inputs(folders: DataFolders, options: ExportOptions, reporter: Reporter) -> Inputs:
    """Read the files, and check the photos if they are copied.

    Raises
    ------
    UserError : a file has a fault, the files' classes differ, two photos would share a name, or a
        photo is broken.
    """
    splits: list[Split] = []
    for file in options.json:
        splits.append(Split(Path(file).stem, read_document(folders.input_json(file))))
        _check_classes(splits[-1].document, splits[0].document)
    documents = [split.document for split in splits]
    check_names(documents)
    for document in documents:
        for warning in document.warnings:
            reporter.warn(warning)
        for image in document.images if options.photos else ():
            check_photo(folders.images, image, "auto")
    return Inputs(splits, folders.images)


def _check_classes(document: Document, first: Document) -> None:
    found, wanted = _class_names(document), _class_names(first)
    if found != wanted:
        differing = (n for n in {**found, **wanted} if found.get(n) != wanted.get(n))
        raise UserError(
            document.name,
            expected=f"the categories of {first.name}",
            found=f"a difference in category {next(differing, 0)}",
            advice="merge the files with 'trashdata merge', or export them separately",
        )


def _class_names(document: Document) -> dict[int, str]:
    return {category.id: category.name for category in document.class_categories}
