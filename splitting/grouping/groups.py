"""Groups of photos by a key, by folder, by near-duplicates, and of repeats."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trashdata.coco.document import Document
from trashdata.coco.keys import REPEAT_OF
from trashdata.console import Reporter

from .duplicates import existing_photos, similar_photos
from .keys import values_of
from .union import join, same_values


def find_groups(
    document: Document,
    group_by: str,
    images: Path,
    *,
    workers: int = 1,
    reporter: Reporter | None = None,
) -> NDArray[np.int64]:
    """Group of each image, (N,), 0 to G - 1, numbered by their first image.

    A repeat (``repeat_of``) is always in the group of the image that it repeats.

    Parameters
    ----------
    group_by : ``none``, ``folder``, ``duplicates``, ``auto`` (near-duplicates if the photos are
        there), or a key of the image records.
    images : the root of the photos.

    Raises
    ------
    UserError : no image has the key, or a photo can't be read.
    """
    reporter = reporter or Reporter()
    pairs = repeats(document)
    if group_by == "folder":
        folders = [str(PurePosixPath(image.file_name).parent) for image in document.images]
        pairs += same_values(folders)
    elif group_by == "auto":
        existing = existing_photos(document, images, reporter)
        pairs += similar_photos(document, images, existing, workers, reporter)
    elif group_by == "duplicates":
        every = range(len(document.images))
        pairs += similar_photos(document, images, every, workers, reporter)
    elif group_by != "none":
        pairs += same_values(values_of(document, group_by, reporter))
    return join(len(document.images), pairs)


def repeats(document: Document) -> list[tuple[int, int]]:
    """Pairs of a repeat and the image that it repeats, by their indices in the document."""
    index_of: dict[Any, int] = {image.id: k for k, image in enumerate(document.images)}
    pairs = same_values([image.file_name for image in document.images])
    for index, image in enumerate(document.images):
        repeated = index_of.get(image.trashdata.get(REPEAT_OF))
        if repeated is not None:
            pairs.append((repeated, index))
    return pairs
