"""Confusion matrices of label maps, and the scores that follow from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from trashdata.palette import IGNORE_INDEX

Labels: TypeAlias = NDArray[np.uint8]
Matrix: TypeAlias = NDArray[np.int64]


def confusion(
    truth: Labels, prediction: Labels, channels: int, ignore: int = IGNORE_INDEX
) -> Matrix:
    """Count pixels by their true and their predicted class.

    Parameters
    ----------
    truth : uint8 label map of any shape; pixels that are ``ignore`` don't count.
    prediction : of the same shape; where it is ``ignore``, the pixel counts as background.
    channels : number of classes with the background.

    Returns
    -------
    (channels, channels) int64, rows true, columns predicted.

    Raises
    ------
    ValueError : the shapes differ, or a class is not under ``channels``.

    Examples
    --------
    >>> confusion(np.uint8([0, 1, 1, 255]), np.uint8([0, 1, 0, 1]), 2).tolist()
    [[1, 0], [1, 1]]
    """
    if truth.shape != prediction.shape:
        raise ValueError(f"label maps of {truth.shape} and {prediction.shape} don't fit")
    # Counting all pairs in a 256 x 256 table is faster than masking the ignored pixels.
    pairs = truth.ravel().astype(np.uint16) << 8
    pairs |= prediction.ravel()
    table = np.bincount(pairs, minlength=65536).reshape(256, 256)
    table[ignore] = 0
    if ignore >= channels:
        table[:, 0] += table[:, ignore]
        table[:, ignore] = 0
    matrix = table[:channels, :channels].astype(np.int64)
    if matrix.sum() != table.sum():
        raise ValueError(f"a label map holds a class that is not under {channels}")
    return matrix


@dataclass(frozen=True)
class Scores:
    """The scores of a confusion matrix.

    ``iou``: by class name, None where neither truth nor prediction has a pixel of it; ``miou``:
    their mean over all classes with a union, background among them; ``miou_foreground``: without
    the background; ``pixel_accuracy``; ``frequency_weighted_iou``: IoU weighted by true pixels.
    All from 0 to 1; nan if there are no pixels to count.
    """

    iou: dict[str, float | None]
    miou: float
    miou_foreground: float
    pixel_accuracy: float
    frequency_weighted_iou: float


def scores(matrix: Matrix, names: Sequence[str]) -> Scores:
    """Scores of a confusion matrix (C, C); ``names`` of all its classes, background first.

    References
    ----------
    Long, Shelhamer, Darrell 2015, "Fully Convolutional Networks for Semantic Segmentation",
    section 5: the four metrics.
    """
    hits = np.diagonal(matrix).astype(np.float64)
    true = matrix.sum(axis=1).astype(np.float64)
    union = true + matrix.sum(axis=0) - hits
    iou = np.divide(hits, union, out=np.full(len(hits), np.nan), where=union > 0)
    by_name = zip(names, iou.tolist(), strict=True)
    total = true.sum()
    return Scores(
        iou={name: None if np.isnan(value) else value for name, value in by_name},
        miou=_mean(iou),
        miou_foreground=_mean(iou[1:]),
        pixel_accuracy=float(hits.sum() / total) if total else float("nan"),
        frequency_weighted_iou=float(np.nansum(iou * true) / total) if total else float("nan"),
    )


def _mean(values: NDArray[np.float64]) -> float:
    present = values[~np.isnan(values)]
    return float(present.mean()) if len(present) else float("nan")


def channel_names(classes: Sequence[str]) -> list[str]:
    """The names of a model's channels: the background, then the classes.

    A class with the name background keeps it, and channel 0 gets another name.

    >>> channel_names(["Paper", "Battery"])
    ['background', 'Paper', 'Battery']
    """
    background = "background"
    while background in classes:
        background += "_"
    return [background, *classes]
