"""A COCO file in memory: typed views of the fields in use, and the bytes of all records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from trashdata.coco.keys import VALID_BOX
from trashdata.mask_codec.raster import Polygons, compress_counts

IGNORE_NAME = "ignore"
IGNORE_SUPERCATEGORY = "void"


# One for all records without our key: one each would take a sixth of a large file's size.
_NOTHING: dict[str, Any] = {}


def _nothing() -> dict[str, Any]:
    return _NOTHING


# Without gc: records form no cycles, and tracking millions of them takes as long as reading.
class ImageRecord(msgspec.Struct, frozen=True, gc=False):
    """An image; ``width`` and ``height`` in pixels."""

    id: int
    file_name: str
    width: int
    height: int
    trashdata: dict[str, Any] = msgspec.field(default_factory=_nothing)

    @property
    def valid_box(self) -> tuple[int, int, int, int] | None:
        """The part that is not padding: x, y, width, height in pixels; None without padding."""
        box = self.trashdata.get(VALID_BOX)
        return (box[0], box[1], box[2], box[3]) if box else None


class RleRecord(msgspec.Struct, frozen=True):
    """A run-length encoded mask; ``size`` is height, width."""

    size: tuple[int, int]
    counts: str | list[int]


class AnnotationRecord(msgspec.Struct, frozen=True, gc=False):
    """An annotation; ``segmentation`` is decoded on demand."""

    id: int
    image_id: int
    category_id: int
    segmentation: msgspec.Raw = msgspec.Raw(b"null")
    area: float | None = None
    iscrowd: Literal[0, 1] = 0
    trashdata: dict[str, Any] = msgspec.field(default_factory=_nothing)


class CategoryRecord(msgspec.Struct, frozen=True):
    """A category."""

    id: int
    name: str


Segmentation = list[list[float]] | RleRecord | None
_segmentation_decoder: msgspec.json.Decoder[Segmentation] = msgspec.json.Decoder(
    list[list[float]] | RleRecord | None
)


def decode_segmentation(annotation: AnnotationRecord) -> Segmentation:
    """Decode a segmentation to lists of coordinates or an RLE record; raises msgspec's errors."""
    return _segmentation_decoder.decode(annotation.segmentation)


def segmentation_shape(annotation: AnnotationRecord, image: ImageRecord) -> Polygons | bytes:
    """The segmentation as `trashdata.mask_codec.raster.rasterise` takes it."""
    segmentation = decode_segmentation(annotation)
    if segmentation is None:
        raise ValueError(f"annotation {annotation.id} has no segmentation")
    if isinstance(segmentation, RleRecord):
        return compress_counts(segmentation.counts, image.width, image.height)
    return segmentation


@dataclass(frozen=True)
class Document:
    """A COCO file. Records are sorted by id, so that their order in the file does not matter.

    ``raw_images[i]`` are the bytes of ``images[i]`` as read, and so on; ``top`` holds the undecoded
    values of all top-level keys.
    """

    path: Path
    sha256: str
    top: dict[str, msgspec.Raw]
    images: Sequence[ImageRecord]
    raw_images: Sequence[msgspec.Raw]
    annotations: Sequence[AnnotationRecord]
    raw_annotations: Sequence[msgspec.Raw]
    categories: Sequence[CategoryRecord]
    raw_categories: Sequence[msgspec.Raw]
    ignore_ids: frozenset[int]
    warnings: Sequence[str] = ()

    @property
    def name(self) -> str:
        """The file's name, for messages."""
        return self.path.name

    @cached_property
    def image_by_id(self) -> dict[int, ImageRecord]:
        return {image.id: image for image in self.images}

    @cached_property
    def annotations_of(self) -> dict[int, list[AnnotationRecord]]:
        """Annotations by image id, each list by rising annotation id."""
        grouped: dict[int, list[AnnotationRecord]] = defaultdict(list)
        for annotation in self.annotations:
            grouped[annotation.image_id].append(annotation)
        return dict(grouped)

    @cached_property
    def class_categories(self) -> list[CategoryRecord]:
        """The categories that are classes: all but the ignore category, by rising id."""
        return [category for category in self.categories if category.id not in self.ignore_ids]

    @cached_property
    def class_index(self) -> dict[int, int]:
        """Category id to class index, 1 for the first; the ignore category is 255."""
        index = {category.id: k for k, category in enumerate(self.class_categories, start=1)}
        return index | dict.fromkeys(self.ignore_ids, 255)

    def class_counts(self) -> NDArray[np.int64]:
        """Objects per class, (number of classes,), in the order of `class_categories`."""
        return self._count([annotation.category_id for annotation in self.annotations])

    def photos_with_class(self) -> NDArray[np.int64]:
        """Photos that hold each class, (number of classes,)."""
        pairs = {(annotation.image_id, annotation.category_id) for annotation in self.annotations}
        return self._count([category for _, category in pairs])

    def _count(self, category_ids: Sequence[int]) -> NDArray[np.int64]:
        counts = np.zeros(len(self.class_categories), dtype=np.int64)
        for category_id in category_ids:
            if category_id not in self.ignore_ids:
                counts[self.class_index[category_id] - 1] += 1
        return counts
