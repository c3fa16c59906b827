"""The Lovász-Softmax loss."""

from __future__ import annotations

import torch
from torch import Tensor

from trashdata.palette import IGNORE_INDEX


def lovasz(logits: Tensor, labels: Tensor, weights: Tensor | None) -> Tensor:
    """The Lovász extension of 1 - IoU, mean over the classes that are in the batch.

    References
    ----------
    Berman, Rannen Triki, Blaschko 2018, "The Lovász-Softmax loss", arXiv 1705.08790: equation 12,
    with the gradient of algorithm 1.
    """
    valid = labels != IGNORE_INDEX
    shares = logits.softmax(dim=1).movedim(1, -1)[valid]
    classes = labels[valid]
    # An empty sum has a gradient of 0 as well.
    total, counted = shares.sum() * 0, shares.new_zeros(())
    for index in torch.unique(classes).tolist():
        true = (classes == index).to(shares.dtype)
        errors, order = (true - shares[:, index]).abs().sort(descending=True)
        weight = shares.new_ones(()) if weights is None else weights[index]
        total = total + weight * errors.dot(jaccard_gradient(true[order]))
        counted = counted + weight
    return total / counted.clamp(min=1e-6)


def jaccard_gradient(true: Tensor) -> Tensor:
    """Increase of 1 - IoU with each further error, (P,); ``true`` (P,) by falling error.

    >>> [round(step, 4) for step in jaccard_gradient(torch.tensor([1.0, 0.0, 1.0])).tolist()]
    [0.5, 0.1667, 0.3333]
    """
    missed = true.sum() - true.cumsum(0)
    union = true.sum() + (1 - true).cumsum(0)
    losses = 1 - missed / union
    return torch.cat([losses[:1], losses[1:] - losses[:-1]])
