"""Values of a key of the image records."""

from __future__ import annotations

from typing import Any

import msgspec

from trashdata.coco.document import Document
from trashdata.console import Reporter
from trashdata.errors import UserError, nearest, printable


def values_of(document: Document, key: str, reporter: Reporter) -> list[bytes | None]:
    """The encoded value of the key of each image; None where it is missing or null.

    Raises
    ------
    UserError : no image has a value for it.
    """
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
