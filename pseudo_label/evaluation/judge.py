"""``--report``: the labels that thresholds would keep, against those that are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trashdata.coco.document import Document
from trashdata.console import Reporter
from trashdata.masks.labelmap import label_map
from trashdata.palette import IGNORE_INDEX
from trashdata.runs.workers import run_shards

from ..labels.photo_labels import LabelSource, finish_labels
from ..options import PseudoOptions
from ..writing.second_pass import SHARD, Task
from .truth_counts import TruthTally


@dataclass(frozen=True)
class JudgeContext:
    """What the shards share; ``kept``: by place, whether the photo itself would be kept."""

    document: Document
    source: LabelSource
    options: PseudoOptions
    channels: int
    kept: Sequence[bool]


def judge(
    context: JudgeContext,
    tasks: Sequence[Task],
    workers: int,
    scheduler: str | None,
    reporter: Reporter,
) -> TruthTally:
    """Count true and chosen labels over all photos."""
    tally = TruthTally(context.channels)
    shards = [tuple(tasks[start : start + SHARD]) for start in range(0, len(tasks), SHARD)]
    with reporter.progress("Comparing", len(tasks)) as tick:
        done = run_shards(judge_shard, shards, context, workers=workers, scheduler=scheduler)
        for number, part in done:
            tally.add(part)
            tick(len(shards[number]))
    return tally


def judge_shard(context: JudgeContext, tasks: tuple[Task, ...]) -> TruthTally:
    """Count the photos of one shard."""
    tally = TruthTally(context.channels)
    for task in tasks:
        truth = label_map(context.document, task.image)
        labels, steps = context.source.labels(task.place, task.image)
        assert steps is not None
        if context.kept[task.place]:
            labels = finish_labels(labels, steps, task.image, context.options).labels
        else:
            labels = np.full_like(truth, IGNORE_INDEX)
        tally.add_photo(truth, labels, steps)
    return tally
