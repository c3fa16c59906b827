"""Contact sheet of the best and worst validation photos: truth beside prediction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from trashdata.coco.document import Document, ImageRecord
from trashdata.inference.predictor import Ensemble
from trashdata.inference.saved import LoadedModel
from trashdata.masks.labelmap import label_map
from trashdata.palette import IGNORE_INDEX
from trashdata.paths import DataFolders
from trashdata.photos import ExifRule, read_photo
from trashdata.preview.contact_sheet import (
    LegendEntry,
    Shown,
    Subject,
    Tile,
    compose,
    draw_photo,
    encode_png,
)

Pixels = NDArray[np.uint8]

# The sheet is square, so that 16 tiles keep each pair in one row.
_PAIRS = 8


def draw_sheet(
    model: LoadedModel,
    document: Document,
    folders: DataFolders,
    scores: Mapping[str, float],
    *,
    exif: ExifRule = "auto",
) -> bytes:
    """Draw the sheet as PNG bytes.

    Parameters
    ----------
    scores : mIoU by ``file_name``; photos with nan, where there is nothing to count, are left out.
    """
    names = [category.name for category in document.class_categories]
    by_name = {image.file_name: image for image in document.images}
    chosen = [name for name in choose(scores) if name in by_name]
    tiles: list[Tile] = []
    seen: set[int] = set()
    for name in chosen:
        image = by_name[name]
        pixels = read_photo(folders.images, image, exif).pixels
        truth = label_map(document, image)
        guess = Ensemble([model]).predict(pixels[..., ::-1]).labels
        seen |= set(np.unique(truth)) | set(np.unique(guess))
        tiles.append(Tile(_picture(pixels, truth, names, image), name, "truth"))
        note = f"model, mIoU {scores[name]:.2f}"
        tiles.append(Tile(_picture(pixels, guess, names, image), "", note))
    legend = [LegendEntry(n, k) for k, n in enumerate(names, start=1) if k in seen]
    if IGNORE_INDEX in seen:
        legend.append(LegendEntry("ignored", IGNORE_INDEX))
    half = len(chosen) // 2
    title = f"{half} best and {half} worst photos of {document.name}"
    return encode_png(compose(title, "truth on the left, model on the right", legend, tiles))


def choose(scores: Mapping[str, float]) -> list[str]:
    """The best photos, then the worst, each by falling score; ties by name.

    >>> choose({"a": 0.5, "b": 0.9, "c": 0.1})
    ['b', 'c']
    """
    known = [name for name, score in scores.items() if not np.isnan(score)]
    order = sorted(known, key=lambda name: (-scores[name], name))
    pairs = _PAIRS if len(order) >= _PAIRS else 2
    half = pairs // 2
    return order if len(order) <= pairs else [*order[:half], *order[-half:]]


def _picture(pixels: Pixels, labels: Pixels, names: Sequence[str], image: ImageRecord) -> Pixels:
    present = [int(index) for index in np.unique(labels) if index]
    numbers = np.zeros(256, dtype=np.uint16)
    numbers[present] = np.arange(1, len(present) + 1)
    objects = [Shown("" if index == IGNORE_INDEX else names[index - 1], index) for index in present]
    return draw_photo(Subject(pixels, numbers[labels], objects, image.valid_box))
