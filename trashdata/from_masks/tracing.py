"""Annotations of masks, one per connected region."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from trashdata.choices import SegmentationForm
from trashdata.coco.document import IGNORE_NAME
from trashdata.coco.regions import (
    NewAnnotation,
    class_regions,
    ignore_annotation,
    indices_present,
    region_annotation,
)
from trashdata.errors import UserError, printable
from trashdata.from_masks.inputs import Inputs
from trashdata.mask_codec.png import read_label_png
from trashdata.palette import IGNORE_INDEX
from trashdata.photo_bytes import PhotoError, read_header
from trashdata.photos import sides_swap


@dataclass(frozen=True)
class Context:
    """Context of the shards."""

    inputs: Inputs
    form: SegmentationForm


@dataclass(frozen=True)
class Traced:
    """Encoded records, one per line, annotations without id; counts by category id."""

    images: bytes
    annotations: bytes
    counts: dict[int, int]


def trace_masks(context: Context, ids: tuple[int, ...]) -> Traced:
    """The images and annotations of the masks with these image ids.

    Raises
    ------
    UserError : a mask is no 8-bit label PNG, has an index without class, or is of another size
        than its photo.
    """
    inputs = context.inputs
    encode = msgspec.json.Encoder().encode
    images: list[bytes] = []
    annotations: list[bytes] = []
    counts: dict[int, int] = {}
    for image_id in ids:
        name = inputs.names[image_id - 1]
        labels = read_label_png(inputs.folder / name)
        height, width = labels.shape
        if name in inputs.found:
            _check_size(inputs, name, width, height)
        photo = inputs.photos[name]
        images.append(
            encode({"id": image_id, "file_name": photo, "width": width, "height": height})
        )
        for annotation in _annotations(context, image_id, labels):
            category = annotation.category_id
            counts[category] = counts.get(category, 0) + 1
            annotations.append(encode(annotation))
    return Traced(_lines(images), _lines(annotations), counts)


def _check_size(inputs: Inputs, name: str, width: int, height: int) -> None:
    """Refuse a mask of another size than its photo, EXIF orientation considered."""
    try:
        photo = read_header(inputs.images / inputs.photos[name])
    except PhotoError:
        return  # No photo is read here, and 'trashdata validate' names those that can't be.
    sizes = [(photo.width, photo.height)]
    if sides_swap(photo):
        sizes.append((photo.height, photo.width))
    if (width, height) not in sizes:
        raise UserError(
            printable(str(inputs.folder / name)),
            expected=f"{photo.width} x {photo.height} pixels, as its photo has",
            found=f"{width} x {height}",
            advice="make the mask again from the photo as it is",
        )


def _lines(records: list[bytes]) -> bytes:
    return b"".join(record + b"\n" for record in records)


def _annotations(context: Context, image_id: int, labels: NDArray[np.uint8]) -> list[NewAnnotation]:
    """The annotations of one mask, by class index, the ignore region last."""
    inputs = context.inputs
    categories = {row.index: row.id for row in inputs.class_file.classes}
    present = indices_present(labels)
    indices = [index for index in present if index not in (0, IGNORE_INDEX)]
    for index in indices:
        if index not in categories:
            raise _unknown_index(inputs, image_id, index)
    height, width = labels.shape
    annotations = [
        region_annotation(
            region,
            context.form,
            (height, width),
            image_id=image_id,
            category_id=categories[index],
        )
        for index, regions in class_regions(labels, indices)
        for region in regions
    ]
    if IGNORE_INDEX in present:
        _check_ignore_name(inputs)
        annotations.append(
            ignore_annotation(labels, image_id=image_id, category_id=inputs.ignore_id)
        )
    return annotations


def _check_ignore_name(inputs: Inputs) -> None:
    if any(row.name == IGNORE_NAME for row in inputs.class_file.classes):
        raise UserError(
            inputs.class_path.name,
            expected=f"no class called {IGNORE_NAME} beside masks that hold {IGNORE_INDEX}, "
            "which becomes that",
            found="one",
            advice="give the class another name",
        )


def _unknown_index(inputs: Inputs, image_id: int, index: int) -> UserError:
    class_name = inputs.class_path.name
    known = sorted(row.index for row in inputs.class_file.classes)
    return UserError(
        printable(str(inputs.folder / inputs.names[image_id - 1])),
        expected=f"0, {IGNORE_INDEX} and the class indices of {class_name} "
        f"({', '.join(map(str, known)) or 'none'})",
        found=f"index {index}",
        advice=f"correct the mask, or add the class to {class_name}",
    )
