"""Combining logits of views and models at the photo's full size, a strip of rows at a time.

Full-size maps of all classes for each view of each model would take gigabytes on a large photo.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from trashdata.inference.choices import Voting

if TYPE_CHECKING:
    import torch

Members: TypeAlias = "Sequence[Sequence[torch.Tensor]]"
"""Logits (channels, h, w) of each view of each model; sizes may differ."""

# Numbers in a strip of probabilities: 64 MB as float32.
_STRIP = 2**24
# Votes of float weights count as equal within this.
_TIE = 1e-6


@dataclass(frozen=True)
class Strip:
    """Rows ``start`` to ``stop`` of a photo; ``probabilities`` (channels, stop - start, W)."""

    start: int
    stop: int
    probabilities: torch.Tensor


def enlarge_rows(
    logits: torch.Tensor, shape: tuple[int, int], start: int, stop: int
) -> torch.Tensor:
    """Some rows of the bilinear interpolation of (channels, h, w) to ``shape``.

    Equal to ``torch.nn.functional.interpolate`` without ``align_corners``, which makes all rows.
    """
    height, width = shape
    if logits.shape[-2:] == (height, width):
        return logits[:, start:stop]
    rows = _lerp(logits, 1, height, start, stop)
    return _lerp(rows, 2, width, 0, width)


def _lerp(maps: torch.Tensor, axis: int, length: int, start: int, stop: int) -> torch.Tensor:
    import torch

    given = maps.shape[axis]
    positions = torch.arange(start, stop, device=maps.device, dtype=torch.float64)
    positions = ((positions + 0.5) * (given / length) - 0.5).clamp(0, given - 1)
    below = positions.long()
    above = (below + 1).clamp(max=given - 1)
    share = (positions - below).to(maps.dtype)
    share = share.reshape([-1 if dimension == axis else 1 for dimension in range(3)])
    return torch.lerp(maps.index_select(axis, below), maps.index_select(axis, above), share)


def strips(
    members: Members, weights: Sequence[float], shape: tuple[int, int], voting: Voting = "soft"
) -> Iterator[Strip]:
    """Probabilities of all models together, from top to bottom.

    Parameters
    ----------
    members : see `Members`; the views of a model have equal weights.
    weights : of the models, adding up to 1.
    shape : height and width of the photo.
    voting : ``soft`` averages probabilities; ``hard`` gives each class the weight of the models
        whose surest class it is, ties by their probabilities.
    """
    height, width = shape
    rows = max(1, _STRIP // (members[0][0].shape[0] * width))
    for start in range(0, height, rows):
        stop = min(height, start + rows)
        soft = [_model_probabilities(views, shape, start, stop) for views in members]
        mean = _weighted(soft, weights)
        yield Strip(start, stop, mean if voting == "soft" else _votes(soft, weights, mean))


def _model_probabilities(
    views: Sequence[torch.Tensor], shape: tuple[int, int], start: int, stop: int
) -> torch.Tensor:
    soft = [enlarge_rows(logits, shape, start, stop).softmax(dim=0) for logits in views]
    return _weighted(soft, [1 / len(soft)] * len(soft))


def _weighted(maps: Sequence[torch.Tensor], weights: Sequence[float]) -> torch.Tensor:
    if len(maps) == 1:
        return maps[0]
    total = maps[0] * weights[0]
    for part, weight in zip(maps[1:], weights[1:], strict=True):
        total += part * weight
    return total


def _votes(
    soft: Sequence[torch.Tensor], weights: Sequence[float], mean: torch.Tensor
) -> torch.Tensor:
    """Shares of votes; a tie is broken by a tiny amount in favour of the more probable class."""
    import torch

    votes = torch.zeros_like(mean)
    for part, weight in zip(soft, weights, strict=True):
        votes.scatter_add_(0, part.argmax(dim=0, keepdim=True), torch.full_like(mean[:1], weight))
    tied = votes >= votes.amax(dim=0, keepdim=True) - _TIE
    winner = mean.masked_fill(~tied, -1).argmax(dim=0, keepdim=True)
    return votes.scatter_add_(0, winner, torch.full_like(mean[:1], 2 * _TIE))
