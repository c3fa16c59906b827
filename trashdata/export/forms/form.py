"""The protocol of a form: paths of photos and labels, and their content."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trashdata.coco.document import Document, ImageRecord


@dataclass(frozen=True)
class Split:
    """A COCO file, and its name in the export."""

    name: str
    document: Document


@dataclass(frozen=True)
class Labels:
    """The content of a photo's label file, and a record of it.

    ``record``: JSON to be gathered over all photos of a split, or None.
    """

    content: bytes
    record: dict[str, Any] | None = None


class Form(ABC):
    """A form. Its methods are pure and touch no file; paths are relative to the export."""

    @abstractmethod
    def photo_path(self, split: Split, image: ImageRecord) -> str:
        """The path that a photo is copied to."""

    @abstractmethod
    def label_path(self, split: Split, image: ImageRecord) -> str:
        """The path of a photo's labels."""

    @abstractmethod
    def labels(self, split: Split, image: ImageRecord) -> Labels:
        """The labels of a photo."""

    @abstractmethod
    def files(
        self, splits: Sequence[Split], records: Sequence[Sequence[Mapping[str, Any]]]
    ) -> dict[str, bytes]:
        """Contents of the files about all photos, by path.

        Parameters
        ----------
        records : those of the photos' `Labels`, for each split in order. The set of paths must not
            depend on them.
        """
