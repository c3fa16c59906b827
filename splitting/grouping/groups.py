"""Which photos stay together: equal values of a key, folders, near-duplicates, repeats."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from trashdata.coco.document import Document
from trashdata.coco.keys import REPEAT_OF
from trashdata.console import Reporter
from trashdata.errors import UserError, nearest, printable


def find_groups(
    document: Document,
    group_by: str,
    images: Path,
    *,
    workers: int = 1,
    reporter: Reporter | None = None,
) -> NDArray[np.int64]:
    """Group of each image, (N,), 0 to G - 1, numbered by their first image.

    Repeats (``repeat_of``) are with what they repeat in any case.

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
    elif group_by in ("auto", "duplicates"):
        pairs += _similar(document, images, group_by, workers, reporter)
    elif group_by != "none":
        pairs += same_values(_values_of(document, group_by, reporter))
    return join(len(document.images), pairs)


def join(size: int, pairs: Iterable[tuple[int, int]]) -> NDArray[np.int64]:
    """Group of each of 0 to ``size`` - 1, (size,): all that pairs connect is one group.

    >>> join(5, [(1, 3), (4, 3)]).tolist()
    [0, 1, 2, 1, 1]
    """
    parent = list(range(size))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for one, two in pairs:
        low, high = sorted((root(one), root(two)))
        parent[high] = low
    roots = np.array([root(index) for index in range(size)], dtype=np.int64)
    return np.unique(roots, return_inverse=True)[1].astype(np.int64)


def same_values(values: Sequence[object]) -> list[tuple[int, int]]:
    """Pairs of indices with equal values, each with the first of its kind; None equals nothing."""
    first: dict[object, int] = {}
    known = ((first.setdefault(v, i), i) for i, v in enumerate(values) if v is not None)
    return [(one, two) for one, two in known if one != two]


def repeats(document: Document) -> list[tuple[int, int]]:
    """Pairs of a repeated image and what it repeats, by their places in the document."""
    place = {image.id: index for index, image in enumerate(document.images)}
    pairs = same_values([image.file_name for image in document.images])
    for index, image in enumerate(document.images):
        other = place.get(image.trashdata.get(REPEAT_OF))  # type: ignore[arg-type]
        if other is not None:
            pairs.append((other, index))
    return pairs


# --- a key of the image records -------------------------------------------------------------


def _values_of(document: Document, key: str, reporter: Reporter) -> list[bytes | None]:
    """The encoded value of the key of each image; None where it is missing or null."""
    records = [msgspec.json.decode(raw, type=dict[str, Any]) for raw in document.raw_images]
    values = [
        None if record.get(key) is None else msgspec.json.encode(record[key], order="sorted")
        for record in records
    ]
    missing = sum(value is None for value in values)
    if missing == len(values):
        known = sorted({name for record in records for name in record})
        raise UserError(
            f"--group-by {printable(key)!r}",
            expected=f"auto, none, folder, duplicates or a key of the images of {document.name}",
            found="a key that no image has a value for",
            advice=nearest(key, [printable(name) for name in known]),
        )
    if missing:
        reporter.warn(f"{missing} images have no {printable(key)}; each is a group of its own.")
    return values


# --- near-duplicates ------------------------------------------------------------------------


def _similar(
    document: Document, images: Path, group_by: str, workers: int, reporter: Reporter
) -> list[tuple[int, int]]:
    chosen = list(range(len(document.images)))
    if group_by == "auto":
        chosen = [k for k in chosen if (images / document.images[k].file_name).is_file()]
        missing = len(document.images) - len(chosen)
        if missing:
            who = f"{missing} of {len(document.images)} photos are" if chosen else "The photos are"
            from trashdata.photos import folder_with

            folder = None if chosen else folder_with(images, document.images[0].file_name)
            see = f" They may be those in {folder}: see --images." if folder else ""
            reporter.warn(
                f"{who} not in {images}: near-duplicates are not looked for among them.{see}"
            )
    return _similar_among(document, images, chosen, workers, reporter)


def _similar_among(
    document: Document, images: Path, chosen: Sequence[int], workers: int, reporter: Reporter
) -> list[tuple[int, int]]:
    if not chosen:
        return []
    from trashdata.duplicates import near_duplicates, read_prints, same_bytes

    # A repeated photo is read once.
    first: dict[str, int] = {}
    for index in chosen:
        first.setdefault(document.images[index].file_name, index)
    places = list(first.values())
    prints = read_prints(images, list(first), workers=workers, reporter=reporter)
    found = [*same_bytes(prints), *near_duplicates(prints).tolist()]
    pairs = [(places[one], places[two]) for one, two in found]
    clusters = join(len(document.images), pairs)
    sizes = np.bincount(clusters)
    groups, photos = int((sizes > 1).sum()), int(sizes[sizes > 1].sum())
    reporter.note(
        f"{photos} photos look like another one; they form {groups} groups that stay together."
        if groups
        else f"No near-duplicates among {len(places)} photos."
    )
    return pairs
