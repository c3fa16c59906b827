"""The COCO file that from-masks writes."""

from __future__ import annotations

from pathlib import Path

import msgspec

from trashdata.coco.document import IGNORE_NAME, IGNORE_SUPERCATEGORY
from trashdata.coco.keys import IGNORE_CATEGORY_IDS, MADE_BY
from trashdata.coco.write import write_document
from trashdata.from_masks.inputs import Inputs
from trashdata.runs.files import Spool, open_atomically


def write_traced(
    path: Path, inputs: Inputs, images: Spool, annotations: Spool, *, ignored: bool
) -> None:
    """Write the file.

    Parameters
    ----------
    images, annotations : encoded records in order, one per line; annotations without id.
    ignored : whether there are ignore regions.
    """
    # The keys in the order that COCO files have.
    top = {
        "info": msgspec.json.encode(_info(inputs, ignored=ignored)),
        "licenses": b"[]",
        "images": b"",
        "annotations": b"",
    }
    lists = {
        "images": images.lines(),
        "annotations": (
            b'{"id":%d,%b' % (number, line[1:])
            for number, line in enumerate(annotations.lines(), start=1)
        ),
        "categories": map(msgspec.json.encode, _categories(inputs, ignored=ignored)),
    }
    with open_atomically(path) as stream:
        write_document(stream, top, lists)


def _info(inputs: Inputs, *, ignored: bool) -> dict[str, object]:
    return {
        "description": "Traced from label masks, one annotation per connected region",
        "trashdata": {
            MADE_BY: "trashdata from-masks",
            IGNORE_CATEGORY_IDS: [inputs.ignore_id] if ignored else [],
        },
    }


def _categories(inputs: Inputs, *, ignored: bool) -> list[dict[str, object]]:
    categories: list[dict[str, object]] = [
        {"id": row.id, "name": row.name, "supercategory": row.name}
        for row in sorted(inputs.class_file.classes, key=lambda row: row.id)
    ]
    if ignored:
        ignore = {"name": IGNORE_NAME, "supercategory": IGNORE_SUPERCATEGORY}
        categories.append({"id": inputs.ignore_id, **ignore})
    return categories
