"""Losses of logits against label maps; pixels with label 255 are ignored.

All take logits (N, C, H, W), labels (N, H, W) int64 and class weights (C,) or None, and return one
number: 0, with gradients of 0, if every pixel is ignored.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

import torch
from torch import Tensor
from torch.nn import functional

from trashdata.palette import IGNORE_INDEX

from ..model_options import Loss
from .lovasz import lovasz

LossFunction: TypeAlias = Callable[[Tensor, Tensor, "Tensor | None"], Tensor]

GAMMA = 2.0
AUXILIARY = 0.4
"""Share of an auxiliary head's loss, as in the paper on OCR."""


def make_loss(name: Loss, label_smoothing: float = 0.0) -> LossFunction:
    """The loss of this name. ``cdb`` is cross entropy with weights that change each epoch."""
    entropy = partial(cross_entropy, label_smoothing=label_smoothing)
    functions: dict[str, LossFunction] = {
        "ce": entropy,
        "cdb": entropy,
        "focal": focal,
        "dice": dice,
        "dice-focal": lambda *given: dice(*given) + focal(*given),
        "jaccard": jaccard,
        "lovasz": lovasz,
    }
    return functions[name]


def cross_entropy(
    logits: Tensor, labels: Tensor, weights: Tensor | None, *, label_smoothing: float = 0.0
) -> Tensor:
    """Mean over pixels, weighted by the true class's weight."""
    losses = functional.cross_entropy(
        logits,
        labels,
        weights,
        ignore_index=IGNORE_INDEX,
        label_smoothing=label_smoothing,
        reduction="sum",
    )
    # torch's mean is nan if every pixel is ignored.
    return losses / _pixel_weight(labels, weights)


def focal(logits: Tensor, labels: Tensor, weights: Tensor | None) -> Tensor:
    """Cross entropy of the softmax, times (1 - p)^2 of the true class.

    References
    ----------
    Lin et al. 2017, "Focal Loss for Dense Object Detection", equation 4; there of a sigmoid.
    """
    entropy = functional.cross_entropy(logits, labels, ignore_index=IGNORE_INDEX, reduction="none")
    losses = (1 - torch.exp(-entropy)) ** GAMMA * entropy
    if weights is not None:
        losses = losses * weights[_valid(labels)[1]]
    return losses.sum() / _pixel_weight(labels, weights)


def dice(logits: Tensor, labels: Tensor, weights: Tensor | None) -> Tensor:
    """1 - 2 |A and B| / (|A| + |B|) over the batch, mean over the classes that are in it.

    References
    ----------
    Milletari, Navab, Ahmadi 2016, "V-Net", section 3; with sums instead of squares below.
    """
    overlap, predicted, true = _overlaps(logits, labels)
    both = predicted + true
    losses = (both - 2 * overlap) / both.clamp(min=1e-6)
    return _mean_over_present(losses, true, weights).to(_at_least_single(logits.dtype))


def jaccard(logits: Tensor, labels: Tensor, weights: Tensor | None) -> Tensor:
    """1 - |A and B| / |A or B| over the batch, mean over the classes that are in it.

    References
    ----------
    Rahman, Wang 2016, "Optimizing Intersection-Over-Union in Deep Neural Networks".
    """
    overlap, predicted, true = _overlaps(logits, labels)
    union = predicted + true - overlap
    losses = (union - overlap) / union.clamp(min=1e-6)
    return _mean_over_present(losses, true, weights).to(_at_least_single(logits.dtype))


def _valid(labels: Tensor) -> tuple[Tensor, Tensor]:
    """Mask of the pixels that count, and the labels with 0 for the others."""
    valid = labels != IGNORE_INDEX
    return valid, labels.where(valid, torch.zeros_like(labels))


def _pixel_weight(labels: Tensor, weights: Tensor | None) -> Tensor:
    valid, classes = _valid(labels)
    total = valid.sum() if weights is None else (weights[classes] * valid).sum()
    return total.clamp(min=1e-6)


def _overlaps(logits: Tensor, labels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Sums of pixels that are true and predicted, predicted, and true; (C,) float64 each.

    Computed without the usual one-hot map, which would be the largest tensor of the step.
    """
    valid, classes = _valid(labels)
    shares = logits.to(_at_least_single(logits.dtype)).softmax(dim=1) * valid[:, None]
    right = shares.gather(1, classes[:, None]).flatten()
    # One number after the other is added: in float32, a sum of millions is off by per cents.
    wide = torch.float32 if logits.device.type == "mps" else torch.float64
    zeros = torch.zeros(logits.shape[1], dtype=wide, device=logits.device)
    overlap = zeros.index_add(0, classes.flatten(), right.to(wide))
    true = zeros.index_add(0, classes.flatten(), valid.flatten().to(wide))
    # Rows are short enough for float32, and the whole map as float64 would be twice as large.
    predicted = shares.sum(dim=3).to(wide).sum(dim=(0, 2))
    return overlap, predicted, true


def _at_least_single(dtype: torch.dtype) -> torch.dtype:
    """float32 for half precision, else the type itself."""
    return torch.promote_types(dtype, torch.float32)


def _mean_over_present(losses: Tensor, true: Tensor, weights: Tensor | None) -> Tensor:
    """The mean over the classes that are in the batch; rounding makes no loss less than 0."""
    losses = losses.clamp(min=0)
    counted = (true > 0).to(losses.dtype)
    if weights is not None:
        counted = counted * weights
    return (losses * counted).sum() / counted.sum().clamp(min=1e-6)
