"""The parts of a merge (its files) as columns of numbers, and keys of equal photos."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from trashdata.coco.document import Document
from trashdata.coco.faults import refuse
from trashdata.coco.keys import REPEAT_OF
from trashdata.errors import printable

Ids = NDArray[np.int64]
PhotoKey = tuple[str, int]


@dataclass(frozen=True)
class Part:
    """One of the files.

    ``label``: its name in messages; ``file_names``: the name of each image's photo in the result,
    in the order of ``document.images``.
    """

    document: Document
    label: str
    file_names: Sequence[str]

    @cached_property
    def annotation_ids(self) -> Ids:
        """(M,), rising."""
        return _column([annotation.id for annotation in self.document.annotations])

    @cached_property
    def image_indices(self) -> Ids:
        """For each annotation the index of its image, (M,)."""
        ids = _column([image.id for image in self.document.images])
        return np.searchsorted(ids, _column([a.image_id for a in self.document.annotations]))

    @cached_property
    def category_ids(self) -> Ids:
        """For each annotation its category, (M,)."""
        return _column([annotation.category_id for annotation in self.document.annotations])

    @cached_property
    def marked(self) -> list[int]:
        """Indices of the annotations with values under ``trashdata``, such as provenance."""
        return [k for k, a in enumerate(self.document.annotations) if a.trashdata]

    @cached_property
    def photo_keys(self) -> list[PhotoKey]:
        """Keys by which images of several files are equal: the photo, and the number of the repeat.

        Repeats share the photo of the image that they repeat; they are numbered from 1.
        """
        repeats: dict[str, int] = {}
        owners: dict[str, int] = {}
        keys = []
        for image, file_name in zip(self.document.images, self.file_names, strict=True):
            name = posixpath.normpath(file_name)
            if REPEAT_OF in image.trashdata:
                repeats[name] = repeats.get(name, 0) + 1
                keys.append((name, repeats[name]))
                continue
            if name in owners:
                found = f"file_name {printable(image.file_name)!r}, as image {owners[name]}"
                raise refuse("name-twice", f"{self.label}: image {image.id}", found)
            owners[name] = image.id
            keys.append((name, 0))
        return keys

    @cached_property
    def _by_image(self) -> tuple[Ids, Ids]:
        order = np.argsort(self.image_indices, kind="stable")
        borders = np.arange(len(self.document.images) + 1)
        return order, np.searchsorted(self.image_indices[order], borders)

    def annotations_at(self, index: int) -> list[int]:
        """Indices of the annotations of an image, by rising id."""
        order, borders = self._by_image
        indices: list[int] = order[borders[index] : borders[index + 1]].tolist()
        return indices

    def find_annotation(self, annotation_id: int) -> int | None:
        """The index of an annotation, or None."""
        ids = self.annotation_ids
        index = int(np.searchsorted(ids, annotation_id))
        return index if index < len(ids) and ids[index] == annotation_id else None


def _column(values: list[int]) -> Ids:
    return np.array(values, dtype=np.int64)
