"""Comparison of the labels that thresholds would keep with the true labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trashdata.coco.document import Document, ImageRecord
from trashdata.masks.labelmap import label_map
from trashdata.palette import IGNORE_INDEX
from trashdata.runs.stage import Work

from ..labels.photo_labels import photo_labels
from ..labels.source import LabelSource
from ..options import PseudoOptions
from ..shards import PhotoShard, split_photos
from .truth_counts import TruthCounts


@dataclass(frozen=True)
class ComparisonContext:
    """Context of the shards; ``kept``: by index, whether the photo would be kept."""

    document: Document
    source: LabelSource
    options: PseudoOptions
    channels: int
    kept: Sequence[bool]


def compare_labels(
    context: ComparisonContext, images: Sequence[ImageRecord], work: Work
) -> TruthCounts:
    """Count true and chosen labels over all photos.

    Counts are held in memory only: counting again takes less time than predicting.
    """
    counts = TruthCounts(context.channels)
    shards = [named.shard for named in split_photos(images, "compare-{:09}")]
    with work.reporter.progress("Comparing", len(images)) as tick:
        for number, part in work.workers.run(compare_shard, shards, context):
            counts.add(part)
            tick(len(shards[number].photos))
    return counts


def compare_shard(context: ComparisonContext, shard: PhotoShard[ImageRecord]) -> TruthCounts:
    """Count the photos of one shard."""
    counts = TruthCounts(context.channels)
    for index, image in enumerate(shard.photos, start=shard.start):
        truth = label_map(context.document, image)
        labels, steps = context.source.labels(index, image)
        assert steps is not None
        if context.kept[index]:
            labels = photo_labels(labels, steps, image, context.options).labels
        else:
            labels = np.full_like(truth, IGNORE_INDEX)
        counts.add_photo(truth, labels, steps)
    return counts
