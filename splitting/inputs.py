"""Inputs of a split: a COCO file, the labels of its photos, and their groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trashdata.coco.document import Document
from trashdata.coco.read import read_document
from trashdata.console import Reporter
from trashdata.errors import UserError
from trashdata.overlaps import sources_within
from trashdata.paths import DataFolders
from trashdata.provenance import Provenance

from .grouping.groups import find_groups
from .options import KfoldOptions
from .stratifying.labels import Labels, photo_labels


@dataclass(frozen=True)
class Inputs:
    """A COCO file to be split, read and checked.

    ``labels``: a row for each image, in the document's order; ``groups`` (N,) int64: the group of
    each image, 0 to G - 1, numbered by their first image; ``sources``: the ids of the images that
    each synthetic image was made of, where the bytes of their photos say so.
    """

    folders: DataFolders
    options: KfoldOptions
    document: Document
    provenance: Provenance
    labels: Labels
    groups: NDArray[np.int64]
    sources: Mapping[int, frozenset[int]]

    @property
    def group_ids(self) -> NDArray[np.int64]:
        """The smallest image id in the group of each image, (N,)."""
        ids = np.array([image.id for image in self.document.images])
        first = np.unique(self.groups, return_index=True)[1]
        return ids[first[self.groups]]


def read_inputs(
    folders: DataFolders, options: KfoldOptions, reporter: Reporter, *, workers: int = 1
) -> Inputs:
    """Read the file, and the photos if near-duplicates are grouped.

    Raises
    ------
    UserError : a fault of the file, no annotations, an unknown key, a photo that can't be read.
    """
    document = read_document(folders.input_json(options.json), masks=False)
    for warning in document.warnings:
        reporter.warn(warning)
    labels = photo_labels(document)
    if not labels.counts.any():
        raise UserError(
            document.name,
            expected="annotations of at least one class",
            found="none",
            advice="choose another --json",
        )
    groups = find_groups(
        document, options.group_by, folders.images, workers=workers, reporter=reporter
    )
    sources = sources_within(
        document,
        folders.images,
        look_alikes=options.group_by in ("auto", "duplicates"),
        workers=workers,
        reporter=reporter,
    )
    return Inputs(folders, options, document, Provenance(document), labels, groups, sources)
