"""Report of a sample set: numbers of photos and objects of its files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from trashdata.console import Reporter
from trashdata.sample.documents import FILES, UNLABELLED, photos_in
from trashdata.sample.parts import PhotoPlan
from trashdata.sample.plan import CATEGORIES


def object_counts(photos: Sequence[PhotoPlan], name: str) -> Counter[str]:
    """Number of labelled objects in a file, by class."""
    labelled = [photo for photo in photos_in(photos, name) if photo.part != UNLABELLED]
    return Counter(kind for photo in labelled for kind in photo.kinds)


def show(photos: Sequence[PhotoPlan], where: str, reporter: Reporter) -> None:
    """Show a table of the classes, and one of the files."""
    labelled = [name for name, parts in FILES.items() if UNLABELLED not in parts]
    counts = [object_counts(photos, name) for name in labelled]
    reporter.table(
        "Objects",
        ("class", *labelled),
        [(kind, *(count[kind] for count in counts)) for kind in CATEGORIES],
    )
    reporter.table(
        f"{len(photos)} photos in {where}",
        ("file", "photos", "objects"),
        [
            (name, len(photos_in(photos, name)), object_counts(photos, name).total())
            for name in FILES
        ],
    )
