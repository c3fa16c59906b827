"""Losses against slow references on flat arrays, and what ignored pixels do to them."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from trashdata.train.losses.class_weights import (
    class_weights,
    difficulty_weights,
    effective,
    inverse,
)
from trashdata.train.losses.losses import GAMMA, make_loss
from trashdata.train.model_options import Loss

from trashdata.errors import UserError

LOSSES = get_args(Loss)
CHANNELS = 4
Flat = NDArray[np.float64]


@pytest.fixture
def batch() -> tuple[torch.Tensor, torch.Tensor]:
    """Logits and labels; class 3 is in no label, some pixels are ignored."""
    rng = np.random.default_rng(7)
    logits = torch.from_numpy(rng.normal(size=(2, CHANNELS, 6, 5)))
    labels = torch.from_numpy(rng.integers(0, 3, size=(2, 6, 5)))
    labels[:, :2, :3] = 255
    return logits.requires_grad_(), labels


def slow(name: str, shares: Flat, classes: NDArray[np.int64], weights: Flat) -> float:
    """The loss of softmax shares (P, C) against classes (P,), one pixel and class at a time."""
    own = shares[np.arange(len(classes)), classes]
    pixel = weights[classes]
    if name in ("ce", "cdb"):
        return float((pixel * -np.log(own)).sum() / pixel.sum())
    if name == "focal":
        return float((pixel * (1 - own) ** GAMMA * -np.log(own)).sum() / pixel.sum())
    if name == "dice-focal":
        both = (slow(part, shares, classes, weights) for part in ("dice", "focal"))
        return sum(both)
    present = sorted(set(classes.tolist()))
    losses = [slow_region(name, shares[:, k], classes == k) for k in present]
    return float(np.average(losses, weights=weights[present]))


def slow_region(name: str, share: Flat, true: NDArray[np.bool_]) -> float:
    overlap = share[true].sum()
    if name == "dice":
        return float(1 - 2 * overlap / (share.sum() + true.sum()))
    if name == "jaccard":
        return float(1 - overlap / (share.sum() + true.sum() - overlap))
    # Lovász: errors from large to small, each times what 1 - IoU grows by when it joins them.
    errors = np.where(true, 1 - share, share)
    total, before = 0.0, 0.0
    wrong = np.zeros(len(true), dtype=bool)
    for index in np.argsort(-errors, kind="stable"):
        wrong[index] = True
        union = (true | wrong).sum()
        now = wrong.sum() / union
        total += errors[index] * (now - before)
        before = now
    return total


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", LOSSES)
def test_loss_is_that_of_the_slow_reference(
    name: Loss, weighted: bool, batch: tuple[torch.Tensor, torch.Tensor]
) -> None:
    logits, labels = batch
    weights = np.array([1.0, 2.0, 0.5, 3.0]) if weighted else np.ones(CHANNELS)
    given = torch.from_numpy(weights) if weighted else None
    valid = (labels != 255).numpy()
    shares = logits.detach().softmax(dim=1).movedim(1, -1).numpy()[valid]
    expected = slow(name, shares, labels.numpy()[valid], weights)
    assert make_loss(name)(logits, labels, given).item() == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("name", ["dice", "jaccard"])
def test_millions_of_pixels_are_summed_exactly(name: Loss, dtype: torch.dtype) -> None:
    """A class on four fifths of 8 x 512 x 512 pixels, and a model that is nearly right."""
    generator = torch.Generator().manual_seed(5)
    labels = torch.randint(0, CHANNELS - 1, (8, 512, 512), generator=generator)
    labels[:, :, 100:] = 0
    labels[:, :20] = 255
    logits = 0.5 * torch.randn(8, CHANNELS, 512, 512, generator=generator)
    logits.scatter_(1, labels.where(labels != 255, 0)[:, None], 9.0)
    logits = logits.to(dtype)
    expected = make_loss(name)(logits.double(), labels, None).item()
    found = make_loss(name)(logits, labels, None)
    assert 1e-4 < expected < 1e-2
    assert found.item() == pytest.approx(expected, rel=1e-5)
    assert found.dtype == torch.float32


@pytest.mark.parametrize("name", ["dice", "jaccard", "dice-focal"])
def test_a_perfect_prediction_has_no_negative_loss(name: Loss) -> None:
    labels = torch.randint(0, CHANNELS, (4, 256, 256), generator=torch.Generator().manual_seed(5))
    logits = torch.zeros(4, CHANNELS, 256, 256)
    for height in (12.0, 17.0, 40.0):
        logits.scatter_(1, labels[:, None], height)
        assert 0 <= make_loss(name)(logits, labels, None).item() < 1e-3


@pytest.mark.parametrize("name", LOSSES)
def test_ignored_pixels_have_no_part(name: Loss, batch: tuple[torch.Tensor, torch.Tensor]) -> None:
    logits, labels = batch
    loss = make_loss(name)
    before = loss(logits, labels, None)
    before.backward()
    assert logits.grad is not None
    assert (logits.grad.movedim(1, -1)[labels == 255] == 0).all()
    assert (logits.grad.movedim(1, -1)[labels != 255] != 0).any()
    changed = logits.detach().clone()
    changed.movedim(1, -1)[labels == 255] += 5.0
    assert loss(changed, labels, None).item() == pytest.approx(before.item())


@pytest.mark.parametrize("name", LOSSES)
def test_a_batch_that_is_all_ignored_gives_zero(name: Loss) -> None:
    logits = torch.randn(1, CHANNELS, 4, 4, requires_grad=True)
    labels = torch.full((1, 4, 4), 255)
    weights = torch.ones(CHANNELS)
    for given in (None, weights):
        loss = make_loss(name)(logits, labels, given)
        assert loss.item() == 0
        loss.backward()
        assert logits.grad is not None
        assert torch.equal(logits.grad, torch.zeros_like(logits))


@pytest.mark.parametrize("name", LOSSES)
def test_descent_finds_the_labels(name: Loss) -> None:
    torch.manual_seed(1)
    labels = torch.randint(0, CHANNELS, (1, 8, 8))
    logits = torch.zeros(1, CHANNELS, 8, 8, requires_grad=True)
    optimizer = torch.optim.Adam([logits], lr=0.3)
    for _ in range(60):
        optimizer.zero_grad()
        make_loss(name)(logits, labels, None).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    assert torch.equal(logits.argmax(dim=1), labels)


def test_label_smoothing_is_torchs_own(batch: tuple[torch.Tensor, torch.Tensor]) -> None:
    logits, labels = batch
    ours = make_loss("ce", 0.1)(logits, labels, None)
    torchs = torch.nn.CrossEntropyLoss(ignore_index=255, label_smoothing=0.1)(logits, labels)
    assert ours.item() == pytest.approx(torchs.item())


def test_weights_by_effective_number() -> None:
    counts = np.array([1, 10, 1000, 0])
    expected = np.array([(1 - 0.999) / (1 - 0.999**n) for n in (1, 10, 1000)])
    expected *= 3 / expected.sum()
    assert effective(counts)[:3] == pytest.approx(expected)
    assert effective(counts)[3] == 0
    assert inverse(counts)[0] == pytest.approx(10 * inverse(counts)[1])


def test_weights_by_difficulty() -> None:
    weights = difficulty_weights(np.array([0.9, 0.5, 0.1, np.nan]))
    assert weights[0] < weights[1] < weights[2]
    assert weights[3] == pytest.approx(weights[1])
    assert weights.mean() == pytest.approx(1)
    tau = 2 / (1 + np.exp(-(0.9 / 0.11 - 1)))
    assert weights[2] / weights[1] == pytest.approx((0.9 / 0.5) ** tau)
    assert difficulty_weights(np.ones(3)).tolist() == [1, 1, 1]


def test_weights_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "weights.json"
    names = ["background", "Paper", "Metal"]
    nothing = np.zeros(3, dtype=np.int64)

    def read(text: str) -> list[float] | None:
        path.write_text(text, encoding="utf-8")
        return class_weights(str(path), names, nothing, nothing)

    assert read('{"Paper": 2, "Metal": 0.5}') == [1.0, 2.0, 0.5]
    wrong = {
        '{"Paper": 2}': "none for Metal",
        '{"Papr": 2, "Metal": 1}': "did you mean 'Paper'",
        '{"Paper": -1, "Metal": 1}': "under 0",
        "[1, 2]": "a JSON file such as",
    }
    for text, said in wrong.items():
        with pytest.raises(UserError, match="--class-weights") as caught:
            read(text)
        assert said in str(caught.value)
    with pytest.raises(UserError, match="no file"):
        class_weights("invers", names, nothing, nothing)
