"""Predictions as files: label PNGs, COCO results, the competition's CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any, TypeAlias

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from trashdata.coco.document import Document, ImageRecord
from trashdata.coco.regions import class_regions, indices_present, region_segmentation
from trashdata.coco.write import BETWEEN
from trashdata.inference.choices import Format
from trashdata.inference.predictor import Prediction
from trashdata.mask_codec.raster import rasterise
from trashdata.palette import IGNORE_INDEX

CSV_HEADER = ("image_id", "PredictionString")
Labels: TypeAlias = NDArray[np.uint8]

GATHERED = {"coco": "predictions.json", "csv": "predictions.csv"}
"""The one file that the formats other than masks consist of."""


def coco_results(document: Document, image: ImageRecord, found: Prediction) -> bytes:
    """COCO results of one photo: encoded records joined by `BETWEEN`; empty for only background.

    One per 8-connected region of a class, with its compressed RLE; ``score`` is the mean
    confidence of its pixels.
    """
    category_ids = {index: category for category, index in document.class_index.items()}
    shape = (image.height, image.width)
    indices = [index for index in indices_present(found.labels) if index not in (0, IGNORE_INDEX)]
    rows = []
    for index, regions in class_regions(found.labels, indices):
        codes = [region_segmentation([region], "rle", shape) for region in regions]
        counts = [code["counts"].encode("ascii") for code in codes]
        windows = rasterise(counts, image.width, image.height)
        for code, window in zip(codes, windows, strict=True):
            sure = found.confidence[window.slices][window.bitmap.view(np.bool_)]
            # No bbox, since pycocotools would use its area instead of the mask's.
            row: dict[str, Any] = {
                "image_id": image.id,
                "category_id": category_ids[index],
                "segmentation": code,
                "score": round(float(sure.mean(dtype=np.float64)), 4),
            }
            rows.append(msgspec.json.encode(row))
    return BETWEEN.join(rows)


def csv_row(image: ImageRecord, labels: Labels, size: int) -> bytes:
    """A line of the competition's CSV: the file name, and size x size class ids, row by row.

    The label map is resized by nearest pixels.
    """
    small = labels
    if labels.shape != (size, size):
        small = np.asarray(cv2.resize(labels, (size, size), interpolation=cv2.INTER_NEAREST_EXACT))
    stream = io.StringIO()
    ids = " ".join(map(str, small.ravel().tolist()))
    csv.writer(stream, lineterminator="\n").writerow((image.file_name, ids))
    return stream.getvalue().encode()


def gathered(form: Format, blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces of a file with the blocks of all photos, in order."""
    if form == "csv":
        yield (",".join(CSV_HEADER) + "\n").encode()
        yield from blocks
        return
    yield b"["
    before = b"\n"
    for block in blocks:
        yield before + block
        before = BETWEEN
    yield b"\n]\n"
