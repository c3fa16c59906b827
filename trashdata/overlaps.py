"""Overlaps of two COCO files, which must not be on the two sides of a split."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from trashdata.coco.document import Document, ImageRecord
from trashdata.coco.keys import DONOR_IMAGE_ID, DONOR_JSON, REPEAT_OF
from trashdata.console import Reporter
from trashdata.provenance import Provenance


@dataclass(frozen=True, order=True)
class Overlap:
    """A photo of each file that should not be on two sides of a split.

    ``kind``: ``same image``, ``same bytes``, ``near-duplicate``, ``background``, ``donor`` or
    ``repeat``; for the last three, one photo was made from the other.
    """

    kind: str
    one: int
    one_name: str
    other: int
    other_name: str


def overlaps(
    one: Document,
    other: Document,
    images: Path,
    *,
    workers: int = 1,
    reporter: Reporter | None = None,
) -> list[Overlap]:
    """All overlaps of two documents, sorted; missing photos are not compared."""
    reporter = reporter or Reporter()
    found = [*_same_images(one, other)]
    found += [Overlap(kind, a.id, a.file_name, b.id, b.file_name)
              for kind, a, b in _made_from(one, other)]  # fmt: skip
    found += [Overlap(kind, b.id, b.file_name, a.id, a.file_name)
              for kind, a, b in _made_from(other, one)]  # fmt: skip
    found += _similar_photos(one, other, images, workers, reporter)
    return sorted(set(found))


def _same_images(one: Document, other: Document) -> Iterator[Overlap]:
    # Equal file names are the same photo, since files may have been renumbered.
    by_name = {image.file_name: image for image in other.images}
    for image in one.images:
        same = by_name.get(image.file_name)
        if same is not None:
            yield Overlap("same image", image.id, image.file_name, same.id, same.file_name)


def _made_from(one: Document, other: Document) -> Iterator[tuple[str, ImageRecord, ImageRecord]]:
    """Images of one file that were made from an image of the other."""
    provenance = Provenance(one)
    for image in one.images:
        sources = list(provenance.direct(image))
        for annotation in one.annotations_of.get(image.id, []):
            # With ``donor_json``, the id refers to that file.
            if annotation.trashdata.get(DONOR_JSON) == other.name != one.name:
                sources.append(("donor", annotation.trashdata[DONOR_IMAGE_ID]))
        if REPEAT_OF in image.trashdata:
            sources.append(("repeat", image.trashdata[REPEAT_OF]))
        for kind, source in sources:
            # An id is looked up in its own file first, since two files may use the same ids.
            if source not in one.image_by_id and source in other.image_by_id:
                yield kind, image, other.image_by_id[source]


def _similar_photos(
    one: Document, other: Document, images: Path, workers: int, reporter: Reporter
) -> Iterator[Overlap]:
    from trashdata.duplicates import near_duplicates, read_prints

    known = {image.file_name for image in one.images} & {i.file_name for i in other.images}
    sides: list[Sequence[ImageRecord]] = []
    missing = 0
    for document in (one, other):
        unlike = [image for image in document.images if image.file_name not in known]
        there = [image for image in unlike if (images / image.file_name).is_file()]
        missing += len(unlike) - len(there)
        sides.append(there)
    if missing:
        reporter.warn(f"{missing} photos are not in {images}; they are not compared by content.")
    names = [image.file_name for side in sides for image in side]
    prints = read_prints(images, names, workers=workers, reporter=reporter)
    border = len(sides[0])
    for a, b in near_duplicates(prints).tolist():
        if a < border <= b:
            first, second = sides[0][a], sides[1][b - border]
            equal = prints.sha256[a] == prints.sha256[b]
            kind = "same bytes" if equal else "near-duplicate"
            yield Overlap(kind, first.id, first.file_name, second.id, second.file_name)
