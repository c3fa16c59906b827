"""The file, name and id of each photo of the sample set, planned before drawing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from trashdata.sample.plan import plan_categories

Part = Literal["train", "val", "test"]

BATCHES = ("batch_01_vt", "batch_02_vt", "batch_03")
"""The folders of the recycling set; photos are dealt to them in turn."""

# Differs from the streams (seed, index) of the photos.
_PLAN_STREAM = 2**32 - 1


@dataclass(frozen=True)
class PhotoPlan:
    """The plan of a photo.

    ``index`` decides its random stream. ``image_id`` counts from 0 in ``train_all.json`` and again
    in ``test.json``. Its objects are annotations from ``first_annotation_id`` on; those of a test
    photo are in no file.
    """

    index: int
    kinds: tuple[str, ...]
    part: Part
    file_name: str
    image_id: int
    first_annotation_id: int


def plan_photos(images: int, seed: int) -> list[PhotoPlan]:
    """Plan the photos of a sample set, those of ``train_all.json`` first, both by rising id."""
    import numpy as np

    kinds = plan_categories(images, np.random.default_rng([seed, _PLAN_STREAM]))
    parts = deal_parts(kinds)
    numbers = dict.fromkeys(BATCHES, 0)
    next_annotation = 1
    photos: list[PhotoPlan] = []
    for labelled in (True, False):
        lot = [index for index in range(images) if (parts[index] != "test") == labelled]
        for image_id, index in enumerate(lot):
            batch = BATCHES[len(photos) % len(BATCHES)]
            name = f"{batch}/{numbers[batch]:04}.jpg"
            numbers[batch] += 1
            photo = PhotoPlan(
                index, tuple(kinds[index]), parts[index], name, image_id, next_annotation
            )
            next_annotation += len(photo.kinds)
            photos.append(photo)
    return photos


def deal_parts(kinds: Sequence[Sequence[str]]) -> list[Part]:
    """Assign each photo to a part: a fifth for testing, of the rest a fifth for validation.

    Photos are dealt by their rarest class, so that every class is spread over the parts as evenly
    as its number allows; a class's first photo is for training, its second for validation.

    Examples
    --------
    >>> deal_parts([["Paper"], ["Battery", "Paper"], ["Paper"], [], ["Battery"]])
    ['train', 'train', 'test', 'train', 'val']
    """
    counts = Counter(kind for photo in kinds for kind in photo)
    rarity = [min((counts[kind], kind) for kind in photo) if photo else None for photo in kinds]
    order = sorted(range(len(kinds)), key=lambda k: (rarity[k] is None, rarity[k] or (0, ""), k))
    parts: list[Part] = ["train"] * len(kinds)
    for rank, photo in enumerate(order):
        labelled_before = rank - (rank + 1) // 5
        if rank % 5 == 3:
            parts[photo] = "test"
        elif labelled_before % 5 == 1:
            parts[photo] = "val"
    return parts
