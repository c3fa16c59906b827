"""Summaries of plans: counts per shard, and over all photos."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec
import numpy as np

from .plan import PhotoPlan
from .scene import Scene, SceneObject


class ShardSummary(msgspec.Struct, frozen=True):
    """Summary of a shard: annotations per photo, objects and pixels by class index - 1, and the
    indices of backgrounds and donors, once per use."""

    annotations: list[int]
    added: list[int]
    added_pixels: list[int]
    pasted: list[int]
    backgrounds: list[int]
    donors: list[int]


class PasteSummary(msgspec.Struct, frozen=True):
    """Summary of all photos; objects and pixels by class index - 1."""

    annotations: list[int]  # for each photo
    added: list[int]
    added_pixels: list[int]
    pasted: list[int]
    backgrounds: list[int]  # indices of the backgrounds used
    donors: list[int]
    most_pastes: int = 0  # of one donor
    most_backgrounds: int = 0  # uses of one background


def summary_of_shard(photos: Sequence[tuple[PhotoPlan, Scene]], classes: int) -> ShardSummary:
    """Count objects and pixels of a shard's photos; ``classes``: the number of all classes."""
    added = np.zeros(classes + 1, dtype=np.int64)
    pixels, pasted = np.zeros_like(added), np.zeros_like(added)
    for _, scene in photos:
        for item in _shown_objects(scene):
            added[item.source.class_index] += 1
            pixels[item.source.class_index] += item.visible
            pasted[item.source.class_index] += item.donor is not None
    return ShardSummary(
        annotations=[sum(item.visible > 0 for item in scene.objects) for _, scene in photos],
        added=added[1:].tolist(),
        added_pixels=pixels[1:].tolist(),
        pasted=pasted[1:].tolist(),
        backgrounds=[plan.background for plan, _ in photos],
        donors=[paste.donor for plan, _ in photos for paste in plan.pastes],
    )


def _shown_objects(scene: Scene) -> list[SceneObject]:
    return [item for item in scene.objects if item.visible > 0 and not item.source.ignore]


def add_up(shards: Sequence[ShardSummary], classes: int) -> PasteSummary:
    """Add up shards, in their order; ``classes``: the number of all classes."""
    backgrounds = Counter(index for shard in shards for index in shard.backgrounds)
    donors = Counter(index for shard in shards for index in shard.donors)
    nothing = [0] * classes
    return PasteSummary(
        annotations=[count for shard in shards for count in shard.annotations],
        added=np.sum([nothing, *(shard.added for shard in shards)], axis=0).tolist(),
        added_pixels=np.sum([nothing, *(shard.added_pixels for shard in shards)], axis=0).tolist(),
        pasted=np.sum([nothing, *(shard.pasted for shard in shards)], axis=0).tolist(),
        backgrounds=sorted(backgrounds),
        donors=sorted(donors),
        most_pastes=max(donors.values(), default=0),
        most_backgrounds=max(backgrounds.values(), default=0),
    )
