"""Quality of the labels that a threshold keeps, on photos with true labels.

Definitions, over pixels with a true label (not ignored), for a class c:

- kept: pixels that are labelled c, as a share of those whose most probable class is c. With
  class-balanced thresholds a pixel can be labelled with another class than its most probable
  one, so that the share can pass 1;
- precision: share of the pixels labelled c that are c;
- recall: share of the pixels that are c which are labelled c;
- iou: pixels that are c and labelled c, over pixels that are c or labelled c, where pixels that
  were left unsure don't count, as they don't in training;
- iou_all: the same with every pixel labelled with its most probable class.

For the foreground, precision and recall pool the pixels of all classes but the background: a
pixel of Paper that is labelled Metal counts against both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from trashdata.palette import IGNORE_INDEX

from ..predicting.confidence import STEPS, Counts, Labels, Steps, confidence_histogram, top_class
from ..predicting.thresholds import Thresholds, balanced_thresholds, equal_thresholds, kept_pixels

Figure: TypeAlias = float | None

THRESHOLDS = (*(k / 20 for k in range(20)), 0.96, 0.97, 0.98, 0.99, 0.995, 0.999)
PORTIONS = tuple(k / 20 for k in range(1, 21))


@dataclass
class TruthCounts:
    """Counts of pixels with a true label; C classes with the background.

    ``labelled`` (C, C + 1): by truth and label, the last column unsure; ``predicted`` (C, C): by
    truth and most probable class; ``confidences``, ``right`` (C, STEPS + 1): by most probable class
    and confidence, all pixels and the correct ones.
    """

    channels: int
    labelled: Counts = field(init=False)
    predicted: Counts = field(init=False)
    confidences: Counts = field(init=False)
    right: Counts = field(init=False)

    def __post_init__(self) -> None:
        channels = self.channels
        self.labelled = np.zeros((channels, channels + 1), dtype=np.int64)
        self.predicted = np.zeros((channels, channels), dtype=np.int64)
        self.confidences = np.zeros((channels, STEPS + 1), dtype=np.int64)
        self.right = np.zeros((channels, STEPS + 1), dtype=np.int64)

    def add_photo(self, truth: Labels, labels: Labels, steps: Steps) -> None:
        """Count a photo: true and chosen labels (H, W), confidences (C, H, W)."""
        top, confidence = top_class(steps)
        known = (truth != IGNORE_INDEX) & (confidence > 0)
        truth, labels, top, confidence = truth[known], labels[known], top[known], confidence[known]
        self.labelled += _pairs(truth, np.minimum(labels, self.channels), self.labelled.shape)
        self.predicted += _pairs(truth, top, self.predicted.shape)
        self.confidences += confidence_histogram(top, confidence, self.channels)
        hit = top == truth
        self.right += confidence_histogram(top[hit], confidence[hit], self.channels)

    def add(self, counts: TruthCounts) -> None:
        """Add the counts of further photos."""
        self.labelled += counts.labelled
        self.predicted += counts.predicted
        self.confidences += counts.confidences
        self.right += counts.right


def _pairs(truth: Labels, labels: NDArray[Any], shape: tuple[int, ...]) -> Counts:
    keys = truth.astype(np.int64) * shape[1] + labels
    return np.bincount(keys, minlength=shape[0] * shape[1]).reshape(shape).astype(np.int64)


def class_rows(
    counts: TruthCounts, names: Sequence[str], thresholds: Sequence[Figure]
) -> list[dict[str, Any]]:
    """A row for each class, as defined above; None where there are no pixels to count.

    Returns
    -------
    Dictionaries with ``class``, ``threshold``, ``pixels`` (true), ``kept``, ``precision``,
    ``recall``, ``iou``, ``iou_all``.
    """
    truth, top = counts.labelled.sum(axis=1), counts.predicted.sum(axis=0)
    labelled = counts.labelled[:, :-1]
    hits, chosen, sure = np.diagonal(labelled), labelled.sum(axis=0), labelled.sum(axis=1)
    hits_all = np.diagonal(counts.predicted)
    return [
        {
            "class": name,
            "threshold": thresholds[k],
            "pixels": int(truth[k]),
            "kept": _share(chosen[k], top[k]),
            "precision": _share(hits[k], chosen[k]),
            "recall": _share(hits[k], truth[k]),
            "iou": _share(hits[k], chosen[k] + sure[k] - hits[k]),
            "iou_all": _share(hits_all[k], truth[k] + top[k] - hits_all[k]),
        }
        for k, name in enumerate(names)
    ]


def foreground_row(counts: TruthCounts) -> dict[str, Any]:
    """The same for all classes but the background together; IoUs are means over the classes."""
    rows = class_rows(counts, [""] * counts.channels, [None] * counts.channels)[1:]
    labelled = counts.labelled[:, 1:-1]
    hits, chosen = int(np.trace(labelled[1:])), int(labelled.sum())
    truth, top = int(counts.labelled[1:].sum()), int(counts.predicted[:, 1:].sum())
    return {
        "class": "all but background",
        "threshold": None,
        "pixels": truth,
        "kept": _share(chosen, top),
        "precision": _share(hits, chosen),
        "recall": _share(hits, truth),
        "iou": _mean(row["iou"] for row in rows),
        "iou_all": _mean(row["iou_all"] for row in rows),
    }


def curve(counts: TruthCounts, kind: str) -> list[dict[str, Any]]:
    """Precision and recall of the foreground over thresholds, or over portions.

    They follow from the confidences alone: `--agree`, `--min-area` and the choice of photos are
    ignored, and every pixel keeps its most probable class.

    Parameters
    ----------
    kind : ``threshold`` or ``portion``.

    Returns
    -------
    Dictionaries with ``kind``'s value, ``kept`` (share of all pixels), ``precision``, ``recall``.
    """
    channels = counts.channels
    if kind == "threshold":
        settings = [(value, equal_thresholds(value, channels)) for value in THRESHOLDS]
    else:
        settings = [(p, balanced_thresholds(counts.confidences, p)) for p in PORTIONS]
    return [{kind: value, **_point(counts, thresholds)} for value, thresholds in settings]


def _point(counts: TruthCounts, thresholds: Thresholds) -> dict[str, Figure]:
    kept = kept_pixels(counts.confidences, thresholds)
    right = kept_pixels(counts.right, thresholds)
    return {
        "kept": _share(kept.sum(), counts.confidences.sum()),
        "precision": _share(right[1:].sum(), kept[1:].sum()),
        "recall": _share(right[1:].sum(), counts.labelled[1:].sum()),
    }


def _share(part: Any, whole: Any) -> Figure:
    return round(int(part) / int(whole), 6) if whole else None


def _mean(values: Iterable[Figure]) -> Figure:
    known = [value for value in values if value is not None]
    return round(sum(known) / len(known), 6) if known else None
