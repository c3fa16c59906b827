"""Optimizers, and schedules of the learning rate."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import torch

from ..model_options import Optimizer, Scheduler

_DECAY = 0.01
_MOMENTUM = 0.9
_RISE = 0.3
_LOWEST = 0.01


def parameter_groups(net: Any, lr: float, encoder_lr: float | None) -> list[dict[str, Any]]:
    """The trained parameters of a model with their highest learning rates.

    ``encoder_lr`` : of the encoder, None for that of all others, which come first.
    """
    trained = [parameter for parameter in net.parameters() if parameter.requires_grad]
    if encoder_lr is None:
        return [{"params": trained, "lr": lr}]
    pretrained = {id(parameter) for parameter in net.encoder.parameters()}
    return [
        {"params": [p for p in trained if id(p) not in pretrained], "lr": lr},
        {"params": [p for p in trained if id(p) in pretrained], "lr": encoder_lr},
    ]


def make_optimizer(
    name: Optimizer, parameters: Iterable[dict[str, Any]], lr: float
) -> torch.optim.Optimizer:
    """Make the optimizer of this name, with common settings.

    ``parameters`` : see `parameter_groups`.
    """
    if name == "adamw":
        return torch.optim.AdamW(parameters, lr=lr, weight_decay=_DECAY)
    if name == "radam":
        return torch.optim.RAdam(
            parameters, lr=lr, weight_decay=_DECAY, decoupled_weight_decay=True
        )
    if name == "adam":
        return torch.optim.Adam(parameters, lr=lr)
    return torch.optim.SGD(parameters, lr=lr, momentum=_MOMENTUM, weight_decay=1e-4, nesterov=True)


def lr_factor(step: int, total: int, warmup: int, name: Scheduler) -> float:
    """Factor on the learning rate at a step of ``total``.

    ``cosine`` falls to a hundredth along half a cosine, ``onecycle`` first rises along one for 0.3
    of the run, ``step`` is a tenth after 60 % and a hundredth after 85 % of the run. ``warmup`` is
    the number of steps of a linear rise at the start.

    >>> [round(lr_factor(s, 100, 10, "cosine"), 3) for s in (0, 9, 10, 55, 100)]
    [0.1, 1.0, 1.0, 0.505, 0.01]
    """
    if name != "onecycle" and step < warmup:
        return (step + 1) / warmup
    if name == "none":
        return 1.0
    begin = 0 if name == "onecycle" else warmup
    position = min(max((step - begin) / max(total - begin, 1), 0.0), 1.0)
    if name == "step":
        return 1.0 if position < 0.6 else 0.1 if position < 0.85 else 0.01
    if name == "onecycle":
        if position < _RISE:
            return 0.04 + 0.96 * _wave(1 - position / _RISE)
        position = (position - _RISE) / (1 - _RISE)
    return _LOWEST + (1 - _LOWEST) * _wave(position)


def set_rates(schedule: torch.optim.lr_scheduler.LambdaLR) -> None:
    """Set the learning rates of the optimizer to those of the schedule at its present step."""
    rates = [
        highest * factor(schedule.last_epoch)
        for highest, factor in zip(schedule.base_lrs, schedule.lr_lambdas, strict=True)
    ]
    for group, rate in zip(schedule.optimizer.param_groups, rates, strict=True):
        group["lr"] = rate


def _wave(position: float) -> float:
    """From 1 at 0 to 0 at 1, along half a cosine."""
    return (1 + math.cos(math.pi * position)) / 2
