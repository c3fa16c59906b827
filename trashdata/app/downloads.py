"""A prediction as a COCO file for the other commands."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from pycocotools import mask as coco_mask

from trashdata.coco.document import CategoryRecord, Document, ImageRecord
from trashdata.coco.keys import MADE_BY, MODELS
from trashdata.coco.write import write_document
from trashdata.inference.prediction_files import coco_results
from trashdata.inference.predictor import Prediction
from trashdata.inference.saved import ModelCard


def document_of(card: ModelCard) -> Document:
    """A COCO document without photos, with a model's classes."""
    categories = [CategoryRecord(number, name) for number, name in card.classes]
    raw = [msgspec.Raw(msgspec.json.encode(category)) for category in categories]
    return Document(
        path=Path("model"),
        sha256="",
        top={},
        images=[],
        raw_images=[],
        annotations=[],
        raw_annotations=[],
        categories=categories,
        raw_categories=raw,
        ignore_ids=frozenset(),
    )


def coco_file(
    document: Document, image: ImageRecord, found: Prediction, models: Sequence[str]
) -> bytes:
    """A COCO file of one photo: one annotation per 8-connected region of a class, as an RLE.

    Painted by falling area, the annotations give the label map back. The records are those of
    ``trashdata predict --format coco``, with the models under ``trashdata``, so that they are not
    used for validation.

    Parameters
    ----------
    document : has the model's classes.
    models : the models, for the provenance.
    """
    provenance = {MODELS: list(models)}
    rows = msgspec.json.decode(b"[" + coco_results(document, image, found) + b"]")
    annotations = [_annotation(number, row, provenance) for number, row in enumerate(rows, start=1)]
    record = {
        "id": image.id,
        "file_name": image.file_name,
        "width": image.width,
        "height": image.height,
        "trashdata": provenance,
    }
    stream = io.BytesIO()
    write_document(
        stream,
        {"info": msgspec.json.encode({"trashdata": {MADE_BY: "trashdata app", **provenance}})},
        {
            "images": [msgspec.json.encode(record)],
            "annotations": map(msgspec.json.encode, annotations),
            "categories": document.raw_categories,
        },
    )
    return stream.getvalue()


def _annotation(number: int, row: dict[str, Any], provenance: dict[str, Any]) -> dict[str, Any]:
    """An annotation from a record of COCO results."""
    return {
        "id": number,
        **row,
        "area": int(coco_mask.area(row["segmentation"])),
        "bbox": [int(value) for value in coco_mask.toBbox(row["segmentation"])],
        "iscrowd": 0,
        "trashdata": provenance,
    }
