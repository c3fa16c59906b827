"""Reading predictions from files of any tool, as label maps to be scored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from trashdata.classes import CLASS_FILE, read_class_file
from trashdata.coco.document import (
    AnnotationRecord,
    Document,
    ImageRecord,
    segmentation_shape,
)
from trashdata.coco.read import check_segmentations, read_document
from trashdata.console import Tick
from trashdata.errors import UserError, printable
from trashdata.inference.confusion import Matrix, confusion
from trashdata.inference.prediction_files import GATHERED
from trashdata.inference.predictor import evaluated_images
from trashdata.inference.saved import check_names
from trashdata.mask_codec.png import read_label_png
from trashdata.mask_codec.raster import rasterise
from trashdata.masks.labelmap import label_map, paint_labels
from trashdata.masks.names import mask_names
from trashdata.palette import IGNORE_INDEX
from trashdata.runs.hashes import file_sha256

Labels: TypeAlias = NDArray[np.uint8]
Predicted: TypeAlias = Callable[[ImageRecord], Labels]
"""The label map (H, W) uint8 of a photo."""


def read_predictions(document: Document, path: Path) -> tuple[Predicted, dict[str, str]]:
    """Read predictions for a document's photos; returns them and the SHA-256 of their files.

    Parameters
    ----------
    path : a folder of label PNGs as `trashdata masks` names them, COCO results, a COCO file of
        the same photos, or the folder of `trashdata predict --format coco`.

    Raises
    ------
    UserError : no such path, a photo without a prediction, other classes, a record that does not
        fit the document.
    """
    if path.is_dir() and (path / GATHERED["coco"]).is_file():
        path /= GATHERED["coco"]
    if path.is_dir():
        return _from_folder(document, path), {}
    if path.is_file() and path.suffix == ".json":
        maps = _from_results if _is_list(path) else _from_document
        return maps(document, path), {path.name: file_sha256(path)}
    raise UserError(
        f"--predictions {printable(str(path))}",
        expected="a folder of label PNGs, or a JSON of COCO results or annotations",
        found="another file" if path.is_file() else "nothing",
        advice="pass what 'trashdata predict' wrote",
    )


def score_predictions(document: Document, predicted: Predicted, tick: Tick | None = None) -> Matrix:
    """The confusion matrix (channels, channels) int64 of predictions; ignored pixels left out."""
    channels = 1 + len(document.class_categories)
    matrix = np.zeros((channels, channels), dtype=np.int64)
    for of_photo in photo_matrices(document, predicted):
        matrix += of_photo
        if tick is not None:
            tick()
    return matrix


def photo_matrices(document: Document, predicted: Predicted) -> Iterator[Matrix]:
    """The confusion matrix of each photo, in the order of `evaluated_images`."""
    channels = 1 + len(document.class_categories)
    for image in evaluated_images(document):
        yield confusion(label_map(document, image), predicted(image), channels)


def _is_list(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(4096).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")


# --- label PNGs -----------------------------------------------------------------------------


def _from_folder(document: Document, folder: Path) -> Predicted:
    names = mask_names(document)
    classes = [category.name for category in document.class_categories]
    if (folder / CLASS_FILE).is_file():
        rows = read_class_file(folder / CLASS_FILE).classes
        listed = [row.name for row in sorted(rows, key=lambda row: row.index)]
        check_names(listed, printable(str(folder / CLASS_FILE)), classes, document.name)
    for image in evaluated_images(document):
        if not (folder / names[image.id]).is_file():
            raise UserError(
                printable(str(folder / names[image.id])),
                expected=f"the prediction for image {image.id} of {document.name}",
                found="no file",
                advice="predict all of its photos, or score a file that holds only these",
            )

    def predicted(image: ImageRecord) -> Labels:
        path = folder / names[image.id]
        labels = read_label_png(path)
        _check_size(path, labels, image)
        highest = int(labels[labels != IGNORE_INDEX].max(initial=0))
        if highest > len(classes):
            raise UserError(
                printable(str(path)),
                expected=f"class indices up to {len(classes)}, and {IGNORE_INDEX}",
                found=f"index {highest}",
                advice=f"use predictions for the classes of {document.name}",
            )
        return labels

    return predicted


def _check_size(path: Path, labels: Labels, image: ImageRecord) -> None:
    if labels.shape != (image.height, image.width):
        raise UserError(
            printable(str(path)),
            expected=f"{image.width} x {image.height} pixels, as the photo has",
            found=f"{labels.shape[1]} x {labels.shape[0]}",
            advice="predict at the photo's own size",
        )


# --- COCO -----------------------------------------------------------------------------------


class _Result(msgspec.Struct, frozen=True):
    """A record of COCO results."""

    image_id: int
    category_id: int
    segmentation: msgspec.Raw
    score: float = 1.0


def _from_results(document: Document, path: Path) -> Predicted:
    try:
        content = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
        results = msgspec.json.decode(content, type=list[_Result])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UserError(
            printable(str(path)),
            expected="COCO results: image_id, category_id, segmentation, score",
            found=printable(str(error)),
            advice="pass what 'trashdata predict --format coco' wrote",
        ) from None
    # As annotations, numbered by their order in the list, they pass the reader's checks.
    annotations = [
        AnnotationRecord(number, result.image_id, result.category_id, result.segmentation)
        for number, result in enumerate(results, start=1)
    ]
    for annotation in annotations:
        _check_ids(document, path, annotation)
    check_segmentations(replace(document, path=path, annotations=annotations))
    by_image: dict[int, list[int]] = defaultdict(list)
    for index in sorted(range(len(results)), key=lambda index: results[index].score):
        by_image[results[index].image_id].append(index)

    def predicted(image: ImageRecord) -> Labels:
        """Paint the objects by rising score, so that the most confident is on top."""
        painted = [annotations[index] for index in by_image[image.id]]
        shapes = [segmentation_shape(annotation, image) for annotation in painted]
        windows = rasterise(shapes, image.width, image.height)
        classes = [document.class_index[annotation.category_id] for annotation in painted]
        return paint_labels(windows, classes, range(len(painted)), (image.height, image.width))

    return predicted


def _check_ids(document: Document, path: Path, annotation: AnnotationRecord) -> None:
    for field, known in (
        ("image_id", document.image_by_id),
        ("category_id", document.class_index),
    ):
        value: int = getattr(annotation, field)
        if value not in known:
            raise UserError(
                f"{printable(path.name)}: annotation {annotation.id}",
                expected=f"one of the {field}s of {document.name}",
                found=str(value),
                advice=f"use predictions for {document.name}",
            )


def _from_document(document: Document, path: Path) -> Predicted:
    predicted = read_document(path)
    found = [category.name for category in predicted.class_categories]
    classes = [category.name for category in document.class_categories]
    check_names(found, predicted.name, classes, document.name)
    by_name = {image.file_name: image for image in evaluated_images(predicted)}
    for image in evaluated_images(document):
        same = by_name.get(image.file_name)
        if same is None or (same.width, same.height) != (image.width, image.height):
            raise UserError(
                f"{predicted.name}",
                expected=f"{printable(image.file_name)} of {image.width} x {image.height} pixels, "
                f"as in {document.name}",
                found="no such photo" if same is None else f"{same.width} x {same.height}",
                advice="use predictions for these photos",
            )
    return lambda image: label_map(predicted, by_name[image.file_name])
