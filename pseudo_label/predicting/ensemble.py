"""Combining the predictions of several models and views for one photo."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .agreement import map_agreement, unanimous
from .confidence import Labels, Probabilities, Steps, to_steps, top_class

Photo: TypeAlias = NDArray[np.uint8]
Views: TypeAlias = Iterable[tuple[int, Probabilities]]
"""(number of the model, probabilities (C, rows, W)), a model's views one after the other."""

Predictor: TypeAlias = Callable[[Photo], Iterable[Views]]
"""From a photo (H, W, 3) uint8 RGB to strips of it, from the top to the bottom, and what each
model says on each augmentation of a strip. All strips have the same views in the same order."""

Refine: TypeAlias = Callable[[Photo, Probabilities], Probabilities]
"""From a photo (H, W, 3) uint8 RGB and its probabilities (C, H, W) to better ones."""


@dataclass(frozen=True)
class CombinedPrediction:
    """The combined prediction of a photo.

    ``steps``: confidences (C, H, W) uint16; ``agreed``: (H, W) bool, where all views have the same
    most probable class; ``agreement``: see `map_agreement`, of the models with the ensemble, or of
    the views if there is one model; None if there is one view.
    """

    steps: Steps
    agreed: NDArray[np.bool_]
    agreement: float | None


@dataclass(frozen=True)
class _Strip:
    """Mean probabilities (C, rows, W), and the label maps of the mean, the models, the views."""

    probabilities: Probabilities
    top: Labels
    models: list[Labels]
    views: list[Labels]


def combine(
    strips: Iterable[Views],
    weights: Sequence[float],
    refine: Callable[[Probabilities], Probabilities] | None = None,
) -> CombinedPrediction:
    """Average the views of each model, then the models by their weights, then refine.

    One view at a time is held, and strips are rounded to steps before the next one, so that memory
    does not grow with the number of views. Only `refine` needs the whole photo.
    """
    maps: list[_Strip] = []
    confidences: list[Any] = []
    for views in strips:
        strip = _combine_strip(views, weights)
        confidences.append(strip.probabilities if refine else to_steps(strip.probabilities))
        maps.append(_Strip(strip.probabilities[:, :0], strip.top, strip.models, strip.views))
    whole = _stacked(confidences, axis=1)
    steps = to_steps(refine(whole)) if refine else whole
    views_of = [_stacked(parts, axis=0) for parts in zip(*(s.views for s in maps), strict=True)]
    models_of = [_stacked(parts, axis=0) for parts in zip(*(s.models for s in maps), strict=True)]
    members = models_of if len(models_of) > 1 else views_of
    top = _stacked([strip.top for strip in maps], axis=0)
    agreement = map_agreement(members, top, len(steps)) if len(members) > 1 else None
    return CombinedPrediction(steps, unanimous(views_of), agreement)


def _combine_strip(views: Views, weights: Sequence[float]) -> _Strip:
    total: Any = None
    view_maps: list[Labels] = []
    model_maps: list[Labels] = []
    for model, views_of_model in groupby(views, key=itemgetter(0)):
        mean = _mean(views_of_model, view_maps)
        model_maps.append(top_class(mean)[0])
        mean *= np.float32(weights[model])
        total = mean if total is None else total + mean
    total /= np.float32(sum(weights))
    return _Strip(total, top_class(total)[0], model_maps, view_maps)


def _mean(views: Iterator[tuple[int, Probabilities]], maps: list[Labels]) -> Any:
    """Mean of one model's views; appends their label maps to ``maps``."""
    total: Any = None
    count = 0
    for _, probabilities in views:
        maps.append(top_class(probabilities)[0])
        total = probabilities.copy() if total is None else total + probabilities
        count += 1
    return total / np.float32(count)


def _stacked(parts: Sequence[Any], axis: int) -> Any:
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=axis)
