"""Choice of the photos of a contact sheet."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trashdata.classes import find_classes
from trashdata.coco.document import Document, ImageRecord
from trashdata.coco.keys import REPEAT_OF
from trashdata.errors import UserError, printable
from trashdata.preview.labels import annotations_of


def choose_photos(
    document: Document, *, num: int, patch: Sequence[str], seed: int
) -> list[ImageRecord]:
    """Choose at most ``num`` photos at random, sorted by id.

    With the same seed, the photos of a smaller ``num`` are among those of a larger one.
    """
    wanted = {category.id for category in find_classes(document, patch, "--patch")}
    candidates = [
        image
        for image in document.images
        # A repeated image is the same photo.
        if REPEAT_OF not in image.trashdata
        and (not patch or any(a.category_id in wanted for a in annotations_of(document, image)))
    ]
    if not candidates:
        which = f" with {' or '.join(printable(name) for name in patch)}" if patch else ""
        advice = "choose another --json" + (" or another --patch" if patch else "")
        expected = f"photos{which} to show"
        raise UserError(document.name, expected=expected, found="none", advice=advice)
    drawn = np.random.default_rng(seed).permutation(len(candidates))[:num]
    return [candidates[index] for index in sorted(drawn.tolist())]
