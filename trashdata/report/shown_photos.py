"""Choice of the photos of a report."""

from __future__ import annotations

from typing import Any

import numpy as np

from trashdata.coco.document import Document, ImageRecord
from trashdata.coco.keys import REPEAT_OF
from trashdata.provenance import Provenance


def choose_photos(document: Document, num: int, seed: int) -> list[ImageRecord]:
    """Choose at most ``num`` photos at random, sorted by id.

    Photos that a chosen synthetic photo was made of are added. Repeats are left out.
    """
    images = [image for image in document.images if REPEAT_OF not in image.trashdata]
    if len(images) <= num:
        return images
    known = {image.id for image in images}
    provenance = Provenance(document)
    chosen: set[int] = set()
    for index in np.random.default_rng(seed).permutation(len(images)).tolist():
        image = images[index]
        # Values that are not ids, in files of other tools, are ignored.
        found: list[Any] = [source for _, source in provenance.direct(image)]
        sources = known.intersection(source for source in found if isinstance(source, int))
        together = chosen | sources | {image.id}
        if len(together) <= num:
            chosen = together
        if len(chosen) == num:
            break
    return [image for image in images if image.id in chosen]
