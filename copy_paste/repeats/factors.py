"""Repeat factors of photos: how often each is in the set, so that rare classes are seen more often.

See `trashdata.repeat_factors` for those of classes, and the paper. Departure: fractions are rounded
once for the file and not for every epoch.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trashdata.coco.document import Document

_STREAM = 3


def photo_frequency(document: Document) -> NDArray[np.float64]:
    """Share of the photos with each class, (classes,), 0 to 1."""
    return document.photos_with_class() / max(1, len(document.images))


def photo_factors(document: Document, factors: NDArray[np.float64]) -> NDArray[np.float64]:
    """The largest factor of a photo's classes, (photos,) by rising image id; 1 for an empty one."""
    index_of = {image.id: index for index, image in enumerate(document.images)}
    of_photo = np.ones(len(document.images))
    for annotation in document.annotations:
        if annotation.category_id not in document.ignore_ids:
            factor = factors[document.class_index[annotation.category_id] - 1]
            index = index_of[annotation.image_id]
            of_photo[index] = max(of_photo[index], factor)
    return of_photo


def draw_repeats(factors: NDArray[np.float64], seed: int) -> NDArray[np.int64]:
    """Draw the number of repeats of each photo, not counting the photo itself, (photos,).

    Systematic sampling: the photos, by rising factor and in random order among equal ones, form
    intervals of length factor - 1 on a line, and marks at distance 1 with one random offset are
    counted. A factor is rounded up with the probability of its fraction, and all photos of one
    factor together miss their sum by less than 1; rounding each independently would leave small
    classes to chance.
    """
    rng = np.random.default_rng([seed, _STREAM])
    order = np.lexsort((rng.permutation(len(factors)), factors))
    marks = np.floor(np.cumsum(factors[order] - 1) + rng.random())
    repeats = np.zeros(len(factors), dtype=np.int64)
    repeats[order] = np.diff(marks, prepend=0)
    return repeats
