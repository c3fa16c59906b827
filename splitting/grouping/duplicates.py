"""Near-duplicate photos of a document."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from trashdata.coco.document import Document
from trashdata.console import Reporter

from .union import join


def existing_photos(document: Document, images: Path, reporter: Reporter) -> list[int]:
    """Indices of the images whose photos exist; warns if some don't."""
    existing = [
        index for index, image in enumerate(document.images) if (images / image.file_name).is_file()
    ]
    missing = len(document.images) - len(existing)
    if missing:
        who = f"{missing} of {len(document.images)} photos are" if existing else "The photos are"
        from trashdata.photos import folder_with

        folder = None if existing else folder_with(images, document.images[0].file_name)
        see = f" They may be those in {folder}: see --images." if folder else ""
        reporter.warn(f"{who} not in {images}: near-duplicates are not looked for among them.{see}")
    return existing


def similar_photos(
    document: Document, images: Path, chosen: Sequence[int], workers: int, reporter: Reporter
) -> list[tuple[int, int]]:
    """Pairs of indices of near-duplicate images, among those at the ``chosen`` indices."""
    if not chosen:
        return []
    from trashdata.duplicates import near_duplicates, read_prints, same_bytes

    # A repeated photo is read once.
    first: dict[str, int] = {}
    for index in chosen:
        first.setdefault(document.images[index].file_name, index)
    indices = list(first.values())
    prints = read_prints(images, list(first), workers=workers, reporter=reporter)
    found = [*same_bytes(prints), *near_duplicates(prints).tolist()]
    pairs = [(indices[one], indices[two]) for one, two in found]
    _note_groups(len(document.images), pairs, len(indices), reporter)
    return pairs


def _note_groups(
    images: int, pairs: Sequence[tuple[int, int]], compared: int, reporter: Reporter
) -> None:
    sizes = np.bincount(join(images, pairs))
    groups, photos = int((sizes > 1).sum()), int(sizes[sizes > 1].sum())
    reporter.note(
        f"{photos} photos are near-duplicates; they form {groups} groups that stay together."
        if groups
        else f"No near-duplicates among {compared} photos."
    )
