"""Which photos a report shows."""

from __future__ import annotations

from typing import Any

import numpy as np

from trashdata.coco.document import Document, ImageRecord
from trashdata.coco.keys import REPEAT_OF
from trashdata.provenance import Provenance


def choose_photos(document: Document, num: int, seed: int) -> list[ImageRecord]:
    """At most ``num`` photos, by rising id, drawn at random where there are more.

    A synthetic photo brings those that it was made of. A repeat of a photo is the same once more,
    and is left out.
    """
    images = [image for image in document.images if REPEAT_OF not in image.trashdata]
    if len(images) <= num:
        return images
    known = {image.id for image in images}
    provenance = Provenance(document)
    chosen: set[int] = set()
    for index in np.random.default_rng(seed).permutation(len(images)).tolist():
        image = images[index]
        # What is no id, in a file that others wrote, leads to no photo.
        found: list[Any] = [source for _, source in provenance.direct(image)]
        sources = known.intersection(source for source in found if isinstance(source, int))
        together = chosen | sources | {image.id}
        if len(together) <= num:
            chosen = together
        if len(chosen) == num:
            break
    return [image for image in images if image.id in chosen]
