"""What a form says: where a photo and its labels are, and what is in them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trashdata.coco.document import Document, ImageRecord


@dataclass(frozen=True)
class Split:
    """A COCO file under the name that it has in the export."""

    name: str
    document: Document


@dataclass(frozen=True)
class Labels:
    """The content of a photo's file of labels, and a record of it.

    ``record``: JSON to be gathered over all photos of a split; None where there is none.
    """

    content: bytes
    record: dict[str, Any] | None = None


class Form(ABC):
    """One form. Its methods are pure: no file is touched; paths are relative to the export."""

    @abstractmethod
    def photo_path(self, split: Split, image: ImageRecord) -> str:
        """Where a photo is copied to."""

    @abstractmethod
    def label_path(self, split: Split, image: ImageRecord) -> str:
        """Where its labels are written."""

    @abstractmethod
    def labels(self, split: Split, image: ImageRecord) -> Labels:
        """Its labels."""

    @abstractmethod
    def files(
        self, splits: Sequence[Split], records: Sequence[Sequence[Mapping[str, Any]]]
    ) -> dict[str, bytes]:
        """What is written about all photos, by path.

        Parameters
        ----------
        records : of the photos' `Labels`, for each split in the order in which they were written.
            Their content must not decide which paths there are.
        """
