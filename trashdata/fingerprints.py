"""Fingerprints of the photos of COCO files, and of the photos that synthetic ones were made of."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

from trashdata.coco.document import Document, ImageRecord
from trashdata.console import Reporter
from trashdata.duplicates import Prints, near_duplicates, read_prints
from trashdata.names import leaves_root
from trashdata.provenance import MadeOf, Provenance


@dataclass(frozen=True)
class Side:
    """A COCO file and the root of its photos."""

    document: Document
    images: Path

    @cached_property
    def root(self) -> Path:
        """The root, without links."""
        return self.images.resolve()

    @cached_property
    def made_of(self) -> list[tuple[ImageRecord, MadeOf]]:
        """Each synthetic image with each photo that it was made of."""
        provenance = Provenance(self.document)
        synthetic = (image for image in self.document.images if image.trashdata)
        return [(image, source) for image in synthetic for source in provenance.made_of(image)]


@dataclass
class Fingerprints:
    """Fingerprints of photo files, each read once; missing files have none.

    ``index``: of a file in ``prints``, by its root and its name.
    """

    workers: int
    reporter: Reporter
    index: dict[tuple[Path, str], int] = field(default_factory=dict)
    _parts: list[Prints] = field(default_factory=list)

    @property
    def prints(self) -> Prints:
        """The fingerprints of all files that were read."""
        if len(self._parts) > 1:
            self._parts = [Prints.joined(self._parts)]
        return self._parts[0] if self._parts else Prints.joined([])

    def read(self, root: Path, names: Iterable[str]) -> None:
        """Read those files under a root that exist and were not read.

        Raises
        ------
        UserError : a photo can't be decoded.
        """
        # Unlike Path.is_file, isfile raises no error for names that are too long.
        new = [
            name
            for name in dict.fromkeys(names)
            if (root, name) not in self.index and os.path.isfile(root / name)  # noqa: PTH113
        ]
        if new:
            first = len(self.index)
            self.index |= {(root, name): k for k, name in enumerate(new, start=first)}
            self._parts.append(read_prints(root, new, workers=self.workers, reporter=self.reporter))

    def sha256(self, root: Path, name: str) -> str | None:
        """SHA-256 of a file; None if it is missing."""
        row = self.index.get((root, name))
        return None if row is None else self.prints.sha256[row]

    def read_sources(self, side: Side, roots: Sequence[Path]) -> None:
        """Read the photos that a file's synthetic photos were made of, as far as they are known
        by their bytes alone and exist under their names in one of the roots."""
        known = set(self.prints.sha256)
        unknown = {
            name
            for image, source in side.made_of
            if source.sha256 not in known and not leaves_root(source.file_name)
            for name in _possible_names(source, image)
        }
        for root in dict.fromkeys(roots):
            self.read(root, sorted(unknown))

    def source_rows(self, side: Side) -> dict[MadeOf, int]:
        """The index in ``prints`` of each source photo that was found."""
        by_hash = {digest: row for row, digest in enumerate(self.prints.sha256)}
        found = {}
        for _, source in side.made_of:
            row = (
                self.index.get((side.root, source.file_name))
                if source.sha256 is None
                else by_hash.get(source.sha256)
            )
            if row is not None:
                found[source] = row
        return found

    def look_alikes(self, ones: Iterable[int], others: Iterable[int]) -> Iterator[tuple[int, int]]:
        """Pairs of near-duplicates with other bytes, each of one of the two lists of indices."""
        import numpy as np

        first, second = sorted(set(ones)), sorted(set(others))
        rows = [*first, *second]
        sides = np.arange(len(rows)) >= len(first)
        digests = self.prints.sha256
        for a, b in near_duplicates(self.prints.rows(rows), sides).tolist():
            if digests[rows[a]] != digests[rows[b]]:
                yield rows[a], rows[b]


def _possible_names(source: MadeOf, image: ImageRecord) -> Iterator[str]:
    """The name of a source photo, also in each of the folders above the synthetic photo.

    A merge renames the photos of a file whose root was one of those folders.
    """
    for folder in PurePosixPath(image.file_name).parents:
        yield str(folder / source.file_name)


def by_bytes(side: Side, prints: Fingerprints) -> Mapping[str, list[ImageRecord]]:
    """The images of a file by the SHA-256 of their photos."""
    found: dict[str, list[ImageRecord]] = {}
    for image in side.document.images:
        digest = prints.sha256(side.root, image.file_name)
        if digest is not None:
            found.setdefault(digest, []).append(image)
    return found
