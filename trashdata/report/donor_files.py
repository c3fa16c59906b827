"""Donors in other COCO files than that of the report."""

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
class DonorFile:
    """A COCO file with donors of shown photos, and their photos; ``donors``: by image id."""

    document: Document
    images: Sequence[ImageRecord]
    donors: Mapping[int, Sequence[AnnotationRecord]]


def find_donor_files(
    document: Document, shown: Sequence[ImageRecord], most: int, reporter: Reporter
) -> list[DonorFile]:
    """Find donors of shown photos in the files named by ``donor_json``, beside the document.

    Donors of a missing file are not shown; a file that can't be read gives a warning.

    Parameters
    ----------
    most : the largest number of photos; they are taken by file and rising id.
    """
    wanted = _wanted(document, shown)
    found: list[DonorFile] = []
    for name in sorted(wanted):
        donor_document = _read(document.path, name, reporter)
        if donor_document is None:
            continue
        room = most - sum(len(part.images) for part in found)
        images = [
            donor_document.image_by_id[k]
            for k in sorted(wanted[name])
            if k in donor_document.image_by_id
        ]
        donors = {
            image.id: _known(document, donor_document, image, wanted[name][image.id])
            for image in images[:room]
        }
        found.append(DonorFile(donor_document, images[:room], donors))
    return found


def _wanted(document: Document, shown: Sequence[ImageRecord]) -> dict[str, dict[int, set[object]]]:
    """Ids of donors by file and image id."""
    provenance = Provenance(document)
    wanted: dict[str, dict[int, set[object]]] = defaultdict(lambda: defaultdict(set))
    for values in _provenances(document, shown):
        name, image_id = values.get(DONOR_JSON), values.get(DONOR_IMAGE_ID)
        if isinstance(name, str) and isinstance(image_id, int) and provenance.is_other_file(name):
            wanted[name][image_id].add(values.get(DONOR_ANNOTATION_ID))
    return wanted


def _provenances(
    document: Document, shown: Sequence[ImageRecord]
) -> Iterator[Mapping[str, object]]:
    for image in shown:
        for row in document.annotations_of.get(image.id, []):
            yield row.trashdata


def _read(beside: Path, name: str, reporter: Reporter) -> Document | None:
    # The name is untrusted: it must be a file in the document's folder.
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
    document: Document, donor_document: Document, image: ImageRecord, ids: set[object]
) -> list[AnnotationRecord]:
    """The donors on a photo whose class, by name, the document has as well."""
    names = {category.name for category in document.class_categories}
    classes = {
        category.id for category in donor_document.class_categories if category.name in names
    }
    rows = donor_document.annotations_of.get(image.id, [])
    return [row for row in rows if row.id in ids and row.category_id in classes]
