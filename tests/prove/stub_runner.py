"""A runner that trains nothing: it keeps counts that follow from the arm, seed and photo."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from trashdata.comparison import Result, save
from trashdata.prove.lanes import Answer, Job
from trashdata.prove.trials import Trial

PIXELS = 10_000
SECONDS = 0.5


@dataclass
class StubRunner:
    """A `Runner`.

    ``quality``: by arm, what share of the true pixels its runs find, for each channel;
    ``stop``: is called with the number of trainings so far before each, and may raise.
    ``checked``, ``trained``: keys of the trials.
    """

    quality: Mapping[str, float]
    stop: Callable[[int], None] = lambda _: None
    checked: list[str] = field(default_factory=list)
    trained: list[str] = field(default_factory=list)
    measured: int = 0
    lock: Any = field(default_factory=Lock)

    def __call__(self, job: Job, lane: int) -> Answer:  # noqa: ARG002
        with self.lock:
            if job.check:
                self.checked.append(job.trial.key)
                return Answer(1.0, 2.0)
            training = SECONDS * job.trial.steps
            if not job.keep:
                self.measured += 1
                return Answer(training, training + 3)
            self.stop(len(self.trained))
            self.trained.append(job.trial.key)
        save(Path(job.results), job.trial.content, result(job.trial, self.quality[job.trial.arm]))
        return Answer(training, training + 3)


def result(trial: Trial, quality: float) -> Result:
    """What a run finds: ``quality``, and a little by chance."""
    document = json.loads((Path(trial.data) / trial.val).read_text())
    photos = [image["file_name"] for image in sorted(document["images"], key=lambda i: i["id"])]
    channels = 1 + sum(category["name"] != "ignore" for category in document["categories"])
    rng = np.random.default_rng([trial.seed, trial.fold, int(trial.key[:6], 16)])
    share = quality + 0.01 * rng.standard_normal((len(photos), channels))
    hits = np.rint(PIXELS * share.clip(0, 1)).astype(np.int64)
    whole = np.full_like(hits, PIXELS)
    return Result(
        tuple(photos), np.stack([hits, whole, whole], axis=-1), np.full(channels - 1, 0.5)
    )
