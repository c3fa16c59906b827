"""The inputs of a run, read and checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from trashdata.classes import check_class_count
from trashdata.coco.document import IGNORE_NAME, Document, ImageRecord
from trashdata.coco.keys import REPEAT_OF
from trashdata.coco.read import read_document
from trashdata.console import Reporter
from trashdata.errors import UserError, printable
from trashdata.inference.confusion import channel_names
from trashdata.inference.ensemble import check_photos
from trashdata.inference.saved import check_names
from trashdata.masks.names import mask_names
from trashdata.paths import DataFolders, refuse_input_as_output

from .labels.source import GivenLabels, LabelRequest, read_given_labels
from .names import mask_folder, output_files
from .options import LABEL_SOURCES, PseudoOptions
from .origin import Origin
from .predicting.models import Models, load_models


@dataclass(frozen=True)
class Inputs:
    """Everything a run reads, checked.

    Parameters
    ----------
    document : the photos; its labels are read for a report only.
    images : the images to label, each photo once; ``indices``: their indices in the document.
    merge_with : the file that the pseudo-labels are merged with.
    ignore_id : the category of unsure pixels, if they get one.
    mask_names : of the label PNGs by image id, where they are written.
    models : the models that predict; None if ``given`` has labels that exist already.
    """

    folders: DataFolders
    options: PseudoOptions
    document: Document
    indices: Sequence[int]
    merge_with: Document | None
    ignore_id: int | None
    mask_names: Mapping[int, str]
    models: Models | None
    given: GivenLabels | None

    @property
    def images(self) -> list[ImageRecord]:
        """The photos to label."""
        return [self.document.images[index] for index in self.indices]

    @property
    def names(self) -> list[str]:
        """Of the classes by index, the background first."""
        return channel_names([row.name for row in self.document.class_categories])

    @property
    def category_ids(self) -> list[int | None]:
        """By class index; None for the background."""
        return [None, *(row.id for row in self.document.class_categories)]

    @property
    def origins(self) -> list[Origin]:
        """The label sources, for provenance."""
        if self.models is not None:
            return list(self.models.origins)
        return [self.given.origin] if self.given is not None else []

    @property
    def documents(self) -> list[Document]:
        """The COCO files that are read."""
        return [self.document] + ([self.merge_with] if self.merge_with is not None else [])

    @property
    def identity_options(self) -> dict[str, Any]:
        """The options that are part of the identity; files by name, without their folders."""
        options = asdict(self.options)
        for key in ("json", "merge_with", *LABEL_SOURCES):
            options[key] = options[key] and Path(options[key]).name
        del options["device"]
        options["model"] = [[o.name, o.sha256, o.weight] for o in self.origins]
        options["libraries"] = dict(self.models.libraries) if self.models else {}
        return options

    def mask_path(self, image: ImageRecord) -> str | None:
        """Path of an image's label PNG, relative to the data folder; None without --masks."""
        if not self.options.masks:
            return None
        return f"{mask_folder(self.options)}/{self.mask_names[image.id]}"

    def files(self) -> Iterator[Path]:
        """Every file that is read."""
        for document in self.documents:
            yield document.path
        for image in self.document.images:
            yield self.folders.images / image.file_name
        if self.given is not None:
            yield from self.given.files


def read_inputs(
    folders: DataFolders,
    options: PseudoOptions,
    reporter: Reporter,
    models: Models | None = None,
    workers: int = 1,
) -> Inputs:
    """Read and check everything.

    Parameters
    ----------
    models : models to use instead of the runs that ``options.model`` names.
    workers : processes that check existing labels.

    Raises
    ------
    UserError : the first fault; everything is checked before the long work begins.
    """
    options = replace(options, out=folders.output_name(options.out))
    document = _read_document(folders, options, reporter)
    indices = _indices_to_label(document, reporter)
    images = [document.images[index] for index in indices]
    if options.report:
        _check_labels(document, images)
    merge_with = _read_merge_with(folders, options, document, images)
    ignore_id = None
    if options.unsure == "ignore" and not options.report:
        ignore_id = ignore_category(document)
    names = mask_names(document) if options.masks else {}
    documents = [document.path] + ([merge_with.path] if merge_with is not None else [])
    for name in output_files(options):
        refuse_input_as_output(folders.data / name, documents)
    given = None
    if options.uses_models:
        models = models or load_models(options, document, reporter)
        _check_members(models, options)
        check_photos(images, folders, options.exif, reporter)
    else:
        models = None
        given = read_given_labels(LabelRequest(document, images, options, workers, reporter))
    return Inputs(folders, options, document, indices, merge_with, ignore_id, names, models, given)


def _read_document(folders: DataFolders, options: PseudoOptions, reporter: Reporter) -> Document:
    """Read the photos' file; its labels are checked only for a report."""
    document = read_document(folders.input_json(options.json), masks=options.report)
    for warning in document.warnings:
        reporter.warn(warning)
    check_class_count(document)
    return document


def ignore_category(document: Document) -> int:
    """The id of the ignore category: the document's own, or a new one.

    Raises
    ------
    UserError : a class has the name of the new category.
    """
    if document.ignore_ids:
        return min(document.ignore_ids)
    if any(category.name == IGNORE_NAME for category in document.categories):
        raise UserError(
            document.name,
            expected=f"no class called {IGNORE_NAME}, which is what unsure pixels become",
            found="one",
            advice="give the class another name, or use --unsure background",
        )
    return max((category.id for category in document.categories), default=0) + 1


def _indices_to_label(document: Document, reporter: Reporter) -> list[int]:
    """Indices in the document of the images to label: each photo once."""
    images = document.images
    chosen = [k for k, image in enumerate(images) if REPEAT_OF not in image.trashdata]
    if not chosen:
        raise UserError(
            document.name,
            expected="photos to label",
            found="none",
            advice="choose another --json",
        )
    if len(chosen) < len(images):
        reporter.note(f"{len(images) - len(chosen)} repeats of photos are omitted.")
    return chosen


def _check_labels(document: Document, images: Sequence[ImageRecord]) -> None:
    """A report needs labels to compare with."""
    labelled = {annotation.image_id for annotation in document.annotations}
    if not labelled & {image.id for image in images}:
        raise UserError(
            document.name,
            expected="a file with labels for --report to compare with",
            found="no annotation",
            advice="pass a labelled file, such as --json val.json",
        )


def _read_merge_with(
    folders: DataFolders, options: PseudoOptions, document: Document, images: Sequence[ImageRecord]
) -> Document | None:
    """Read the file to merge with, which must have the same classes and none of the photos."""
    if options.merge_with is None:
        return None
    labelled = read_document(folders.input_json(options.merge_with), masks=False)
    expected = [row.name for row in document.class_categories]
    found = [row.name for row in labelled.class_categories]
    where = f"--merge-with {printable(labelled.name)}"
    check_names(found, where, expected, document.name)
    known = {image.file_name for image in labelled.images}
    twice = next((image for image in images if image.file_name in known), None)
    if twice is not None:
        raise UserError(
            where,
            expected=f"other photos than those of {document.name}",
            found=f"{printable(twice.file_name)} in both",
            advice="label only photos that have no labels yet",
        )
    return labelled


def _check_members(models: Models, options: PseudoOptions) -> None:
    """Refuse options about agreement if there is only one model and one view."""
    if len(models.origins) > 1 or options.tta != "none":
        return
    given = {
        "--agree": options.agree,
        "--keep-images": options.keep_images is not None,
        "--min-image-score": options.min_image_score is not None,
    }
    for option, is_given in given.items():
        if is_given:
            raise UserError(
                option,
                expected="several models, or one with --tta, to compare",
                found="one model and one view",
                advice="add --tta flip or another --model",
            )
