"""Labels from the predictions that the first stage stored."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from trashdata.coco.document import ImageRecord
from trashdata.palette import IGNORE_INDEX

from ...predicting.confidence import Labels, Steps
from ...predicting.stored_prediction import prediction_path, read_prediction
from ...predicting.thresholds import Thresholds, choose_labels


@dataclass(frozen=True)
class PredictedLabels:
    """``agree``: a pixel on which views disagree is unsure."""

    journal: Path
    thresholds: Thresholds
    agree: bool

    def labels(self, index: int, image: ImageRecord) -> tuple[Labels, Steps | None]:  # noqa: ARG002
        """The label map, (H, W) uint8 with 255 for unsure, and the confidences (C, H, W)."""
        prediction = read_prediction(prediction_path(self.journal, index))
        steps = prediction.confidences()
        labels = choose_labels(steps, self.thresholds)
        if self.agree:
            labels[~prediction.agreement()] = IGNORE_INDEX
        return labels, steps
