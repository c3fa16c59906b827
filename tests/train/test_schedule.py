"""How long a run takes, and which photos its epochs show."""

from __future__ import annotations

import numpy as np
import pytest
from trashdata.train.data.choices import InTurn
from trashdata.train.data.draws import Draws
from trashdata.train.data.passes import Passes
from trashdata.train.data.sampling import EpochSampler, Part
from trashdata.train.data.schedule import Schedule, schedule_for
from trashdata.train.fitting.optimize import make_optimizer, parameter_groups

PASSES = Passes(np.arange(10), np.ones(10), [42])
DRAWS = Draws(42, InTurn(PASSES))


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (None, Schedule(40, 38)),
        (400, Schedule(10, 40)),
        (1200, Schedule(30, 40)),
        (38, Schedule(1, 38)),
        (3, Schedule(1, 3)),
        (401, Schedule(1, 401)),
    ],
)
def test_steps_are_kept_to_the_number(steps: int | None, expected: Schedule) -> None:
    found = schedule_for(40, steps, 305, 8)
    assert found == expected
    assert steps is None or found.steps == steps


def test_a_short_run_is_told_what_that_costs() -> None:
    note = Schedule(10, 40).note
    assert note is not None
    assert note.startswith("400 steps are few")
    assert Schedule(30, 40).note is None


def draws_of(sampler: EpochSampler, epochs: int) -> tuple[list[int], list[int]]:
    samples, numbers = [], []
    for epoch in range(epochs):
        sampler.set_epoch(epoch)
        drawn = list(sampler)
        assert len(drawn) == len(sampler)
        samples += [draw.sample for draw in drawn]
        numbers += [draw.number for draw in drawn]
    return samples, numbers


@pytest.mark.parametrize("length", [3, 10, 14, 25])
def test_epochs_of_any_length_cut_the_same_sequence(length: int) -> None:
    samples, numbers = draws_of(EpochSampler(DRAWS, length, Part()), 3)
    assert samples == PASSES.take(0, 3 * length).tolist()
    assert numbers == list(range(3 * length))


def test_processes_share_the_draws() -> None:
    alone, numbers = draws_of(EpochSampler(DRAWS, 14, Part()), 2)
    parts = [draws_of(EpochSampler(DRAWS, 7, Part(k, 2)), 2) for k in range(2)]
    found = dict(zip(parts[0][1] + parts[1][1], parts[0][0] + parts[1][0], strict=True))
    assert found == dict(zip(numbers, alone, strict=True))


def test_the_encoder_has_its_own_learning_rate() -> None:
    import torch

    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = torch.nn.Conv2d(3, 4, 1)
            self.decoder = torch.nn.Conv2d(4, 2, 1)

    net = Net()
    groups = parameter_groups(net, 1e-3, 1e-4)
    optimizer = make_optimizer("adamw", groups, 1e-3)
    rates = {id(p): group["lr"] for group in optimizer.param_groups for p in group["params"]}
    assert rates == {
        **{id(p): 1e-3 for p in net.decoder.parameters()},
        **{id(p): 1e-4 for p in net.encoder.parameters()},
    }
    (alike,) = parameter_groups(net, 1e-3, None)
    assert (alike["lr"], len(alike["params"])) == (1e-3, 4)
