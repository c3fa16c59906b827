"""Donors that are in another COCO file than the report is of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from trashdata.coco.document import AnnotationRecord, Document, ImageRecord
from trashdata.coco.keys import DONOR_ANNOTATION_ID, DONOR_IMAGE_ID, DONOR_JSON
from trashdata.coco.read import read_document
from trashdata.console import Reporter
from trashdata.errors import UserError
from trashdata.names import leaves_root
from trashdata.provenance import Provenance


@dataclass(frozen=True)
class OtherFile:
    """Another file's photos that donors of shown photos came from; ``donors``: by image id."""

    document: Document
    images: Sequence[ImageRecord]
    donors: Mapping[int, Sequence[AnnotationRecord]]


def find_other_files(
    document: Document, shown: Sequence[ImageRecord], most: int, reporter: Reporter
) -> list[OtherFile]:
    """The donors of shown photos in the files beside the document that its ``donor_json`` name.

    A file that is not there leaves its donors unshown; one that can't be read is warned of.

    Parameters
    ----------
    most : photos in all, by file and rising id.
    """
    wanted = _wanted(document, shown)
    found: list[OtherFile] = []
    for name in sorted(wanted):
        other = _read(document.path, name, reporter)
        if other is None:
            continue
        room = most - sum(len(part.images) for part in found)
        images = [other.image_by_id[k] for k in sorted(wanted[name]) if k in other.image_by_id]
        donors = {
            image.id: _known(document, other, image, wanted[name][image.id])
            for image in images[:room]
        }
        found.append(OtherFile(other, images[:room], donors))
    return found


def _wanted(document: Document, shown: Sequence[ImageRecord]) -> dict[str, dict[int, set[object]]]:
    """Ids of donors by file and image id."""
    provenance = Provenance(document)
    wanted: dict[str, dict[int, set[object]]] = defaultdict(lambda: defaultdict(set))
    for own in _provenances(document, shown):
        name, image_id = own.get(DONOR_JSON), own.get(DONOR_IMAGE_ID)
        if isinstance(name, str) and isinstance(image_id, int) and provenance.foreign(name):
            wanted[name][image_id].add(own.get(DONOR_ANNOTATION_ID))
    return wanted


def _provenances(
    document: Document, shown: Sequence[ImageRecord]
) -> Iterator[Mapping[str, object]]:
    for image in shown:
        for row in document.annotations_of.get(image.id, []):
            yield row.trashdata


def _read(beside: Path, name: str, reporter: Reporter) -> Document | None:
    # A name from a file leads nowhere but to the folder that the file is in.
    if leaves_root(name) or "/" in name or "\\" in name:
        return None
    path = beside.with_name(name)
    if not path.is_file():
        return None
    try:
        return read_document(path)
    except UserError as error:
        reporter.warn(f"Donors of {name} are not shown: {error}")
        return None


def _known(
    document: Document, other: Document, image: ImageRecord, ids: set[object]
) -> list[AnnotationRecord]:
    """The donors on a photo whose class the document has as well, by name."""
    names = {category.name for category in document.class_categories}
    classes = {category.id for category in other.class_categories if category.name in names}
    rows = other.annotations_of.get(image.id, [])
    return [row for row in rows if row.id in ids and row.category_id in classes]
