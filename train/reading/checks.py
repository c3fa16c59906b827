"""Checks of the input before the first epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trashdata.classes import check_class_count
from trashdata.coco.document import Document, ImageRecord
from trashdata.console import Reporter
from trashdata.errors import UserError, printable
from trashdata.photos import ExifRule
from trashdata.runs.stage import SHARD_SIZE
from trashdata.runs.workers import run_shards

from .sources import Sources


@dataclass(frozen=True)
class _Context:
    documents: Sequence[Document]
    images: Path
    exif: ExifRule


def check_classes(sources: Sources, reporter: Reporter) -> None:
    """Refuse files whose classes differ; warn of classes without a training object.

    Raises
    ------
    UserError : classes differ between files, or are more than label maps hold.
    """
    val = sources.val
    check_class_count(val)
    expected = class_names(val)
    for source in sources.train:
        check_names(source.document, val)
    objects = np.sum([source.document.class_counts() for source in sources.train], axis=0)
    lacking = [name for name, count in zip(expected, objects.tolist(), strict=True) if not count]
    if lacking:
        names = ", ".join(map(printable, lacking))
        reporter.warn(f"Nothing to train on for {names}: no object in the training files.")
    if not val.class_counts().sum():
        reporter.warn(f"{val.name} holds no object: scores on it say nothing about the classes.")


def check_names(document: Document, val: Document) -> None:
    """Refuse a file whose classes differ from those of the validation file."""
    expected, found = class_names(val), class_names(document)
    if found != expected:
        raise UserError(
            document.name,
            expected=f"the {len(expected)} classes of {val.name}, in their order",
            found=_difference(expected, found),
            advice="'trashdata merge' and 'trashdata filter' make class lists equal",
        )


def class_names(document: Document) -> list[str]:
    """The classes in the order of their channels, without the background."""
    return [category.name for category in document.class_categories]


def _difference(expected: list[str], found: list[str]) -> str:
    for number, (one, other) in enumerate(zip(expected, found, strict=False), start=1):
        if one != other:
            return f"{printable(other)!r} as number {number}, where that is {printable(one)!r}"
    return f"{len(found)}"


def check_photos(
    sources: Sources,
    images: Path,
    exif: ExifRule,
    *,
    workers: int = 1,
    reporter: Reporter | None = None,
) -> NDArray[np.int64]:
    """Check every photo without decoding its pixels, and count the training pixels of each class.

    Returns
    -------
    (N, channels) int64: labelled pixels of each channel on each of the training samples.

    Raises
    ------
    UserError : the first photo that is missing, truncated, or of another size.
    """
    channels = 1 + len(class_names(sources.val))
    context = _Context(sources.documents, images, exif)
    val = len(context.documents) - 1
    photos = [(sample.source, sample.image) for sample in sources.samples]
    photos += [(val, image) for image in sources.val.images]
    starts = range(0, len(photos), SHARD_SIZE)
    shards = [tuple(photos[start : start + SHARD_SIZE]) for start in starts]
    counts = np.zeros((len(photos), channels), dtype=np.int64)
    with (reporter or Reporter()).progress("Checking photos", len(photos)) as tick:
        for index, found in run_shards(_check_shard, shards, context, workers=workers):
            counts[starts[index] : starts[index] + len(found)] = found[:, :channels]
            tick(len(found))
    return counts[: len(sources.samples)]


def _check_shard(
    context: _Context, shard: tuple[tuple[int, ImageRecord], ...]
) -> NDArray[np.int64]:
    from trashdata.masks.labelmap import label_map
    from trashdata.photos import check_photo

    counts = np.zeros((len(shard), 256), dtype=np.int64)
    for index, (source, image) in enumerate(shard):
        check_photo(context.images, image, context.exif)
        labels = label_map(context.documents[source], image)
        counts[index] = np.bincount(labels.ravel(), minlength=256)
    return counts
