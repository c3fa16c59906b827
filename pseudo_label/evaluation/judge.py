"""``--report``: the labels that thresholds would keep, against those that are known."""

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
class JudgeContext:
    """What the shards share; ``kept``: by index, whether the photo itself would be kept."""

    document: Document
    source: LabelSource
    options: PseudoOptions
    channels: int
    kept: Sequence[bool]


def judge(context: JudgeContext, images: Sequence[ImageRecord], work: Work) -> TruthCounts:
    """Count true and chosen labels over all photos.

    What a shard counts is held in memory only: to count again takes less than the first pass.
    """
    counts = TruthCounts(context.channels)
    shards = [named.shard for named in split_photos(images, "judge-{:09}")]
    with work.reporter.progress("Comparing", len(images)) as tick:
        for number, part in work.workers.run(judge_shard, shards, context):
            counts.add(part)
            tick(len(shards[number].photos))
    return counts


def judge_shard(context: JudgeContext, shard: PhotoShard[ImageRecord]) -> TruthCounts:
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
