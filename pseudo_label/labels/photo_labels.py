"""The labels of a photo, ready to be written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trashdata.coco.document import ImageRecord
from trashdata.palette import IGNORE_INDEX

from ..options import PseudoOptions
from ..predicting.confidence import Labels, Steps
from .regions import SureRegion, sure_regions
from .source import LabelSource


@dataclass(frozen=True)
class PhotoLabels:
    """The labels of a photo as they are written.

    ``labels``: (H, W) uint8, as painting the annotations gives it: 255 is unsure, or outside of the
    photo's valid box; ``unsure``: the same, but 0 outside; ``regions``: one for each object.
    """

    labels: Labels
    unsure: Labels
    regions: Sequence[SureRegion]


def read_photo_labels(
    source: LabelSource, index: int, image: ImageRecord, options: PseudoOptions
) -> PhotoLabels:
    """Read the labels of the photo with this index among those to be labelled."""
    labels, confidence = source.labels(index, image)
    return photo_labels(labels, confidence, image, options)


def photo_labels(
    labels: Labels,
    confidence: Steps | None,
    image: ImageRecord,
    options: PseudoOptions,
) -> PhotoLabels:
    """Drop small regions, resolve unsure pixels, and clear what is outside of the valid box.

    ``labels``: (H, W) uint8 with 255 for unsure, not changed; ``confidence``: (C, H, W) in steps.
    """
    inside = labels if image.valid_box is None else _cleared(labels, image.valid_box, 0)
    left, regions = sure_regions(inside, options.min_area, confidence)
    if options.unsure == "background":
        left[left == IGNORE_INDEX] = 0
    box = image.valid_box
    return PhotoLabels(left if box is None else _cleared(left, box, IGNORE_INDEX), left, regions)


def _cleared(labels: Labels, box: tuple[int, int, int, int], value: int) -> Labels:
    """The labels with ``value`` outside of the box x, y, width, height."""
    x, y, width, height = box
    cleared = labels.copy()
    cleared[:] = value
    rows, columns = slice(y, y + height), slice(x, x + width)
    cleared[rows, columns] = labels[rows, columns]
    return cleared
