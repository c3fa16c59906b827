"""Every architecture and every loss: a step forward and back, saved, loaded, the same answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import msgspec
import numpy as np
import pytest
import torch
from trashdata.train.fitting.module import Names, Segmenter
from trashdata.train.fitting.optimize import lr_factor, make_optimizer
from trashdata.train.model_options import Loss, Optimizer, Scheduler
from trashdata.train.options import TrainOptions

from trashdata.inference.architectures import ModelSpec, architectures, build_model
from trashdata.inference.predictor import probabilities
from trashdata.inference.resolution import Resolution
from trashdata.inference.saved import LoadedModel, ModelCard, load_model, save_model

CLASSES = ((1, "Paper"), (2, "Battery"))
CARD = ModelCard(
    ModelSpec("Unet", "resnet18", "none", 3),
    CLASSES,
    Resolution("resize", 64),
    (0.5, 0.5, 0.5),
    (0.2, 0.2, 0.2),
)


def segmenter(card: ModelCard, **options: Any) -> Segmenter:
    torch.manual_seed(0)
    names = Names(["a.jpg", "b.jpg"], [], ["background", "Paper", "Battery"])
    return Segmenter(
        build_model(card.spec),
        card,
        TrainOptions(**options),
        names,
        class_weights=None,
        total=10,
        epoch_steps=5,
    )


def one_step(module: Segmenter, size: int) -> None:
    """A training step on two photos, as Lightning would make it."""
    rng = np.random.default_rng(3)
    photos = torch.from_numpy(rng.integers(0, 255, (2, size, size, 3), dtype=np.uint8))
    labels = torch.from_numpy(rng.integers(0, 3, (2, size, size), dtype=np.uint8))
    labels[:, :8] = 255
    before = {name: value.detach().clone() for name, value in module.net.named_parameters()}
    (optimizer,), _ = module.configure_optimizers()
    module.train()
    loss = module.training_step((photos, labels, torch.tensor([0, 1])), 0)
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    after = dict(module.net.named_parameters())
    moved = [name for name, value in after.items() if not torch.equal(value, before[name])]
    for part in ("encoder", "decoder", "segmentation_head"):
        assert any(name.startswith(part) for name in moved), part
    assert all(value.isfinite().all() for value in after.values())


def check_saved(module: Segmenter, folder: Path, size: int) -> None:
    save_model(module.net, module.card, folder)
    loaded = load_model(folder)
    photo = np.random.default_rng(4).integers(0, 255, (size, size, 3), dtype=np.uint8)
    module.eval()
    ours = LoadedModel(module.net, module.card, folder, "", "")
    expected = probabilities([ours], photo)
    assert np.array_equal(probabilities([loaded], photo), expected)
    assert expected.shape == (3, size, size)


@pytest.mark.parametrize("arch", architectures())
def test_architecture(arch: str, tmp_path: Path) -> None:
    size = 128 if arch == "PAN" else 64
    others = {"ocr": "tu-hrnet_w18", "DPT": "tu-vit_tiny_patch16_224"}
    encoder = others.get(arch, "resnet18")
    card = msgspec.structs.replace(
        CARD,
        spec=ModelSpec(arch, encoder, "none", 3),
        resolution=Resolution("resize", size),
    )
    module = segmenter(card)
    one_step(module, size)
    check_saved(module, tmp_path, size)


@pytest.mark.parametrize("loss", get_args(Loss))
def test_loss(loss: Loss, tmp_path: Path) -> None:
    card = msgspec.structs.replace(CARD, spec=ModelSpec("Linknet", "resnet18", "none", 3))
    module = segmenter(card, loss=loss)
    one_step(module, 64)
    check_saved(module, tmp_path, 64)


def test_an_auxiliary_head_has_its_share() -> None:
    module = segmenter(CARD, loss="ce")
    rng = torch.Generator().manual_seed(2)
    one, two = (torch.randn(1, 3, 4, 4, generator=rng) for _ in range(2))
    labels = torch.randint(0, 3, (1, 4, 4), generator=rng)
    both = module.loss((one, two), labels).item()
    alone, other = module.loss(one, labels).item(), module.loss(two, labels).item()
    assert both == pytest.approx(alone + 0.4 * other)


@pytest.mark.parametrize("name", get_args(Optimizer))
def test_optimizers_fall_down_a_bowl(name: Optimizer) -> None:
    place = torch.nn.Parameter(torch.tensor([3.0, -2.0]))
    optimizer = make_optimizer(name, [place], 0.1)
    for _ in range(200):
        optimizer.zero_grad()
        (place**2).sum().backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    assert place.detach().abs().max() < 0.2


@pytest.mark.parametrize("name", get_args(Scheduler))
def test_learning_rate_rises_then_falls(name: Scheduler) -> None:
    factors = [lr_factor(step, 100, 10, name) for step in range(101)]
    assert factors[0] < 0.2
    assert max(factors) == pytest.approx(1)
    top = int(np.argmax(factors))
    assert sorted(factors[: top + 1]) == factors[: top + 1]
    assert sorted(factors[top:], reverse=True) == factors[top:]
    assert factors[-1] == pytest.approx(1.0 if name == "none" else 0.01)
