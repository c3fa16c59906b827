"""Small models with random weights, saved as runs, for tests of what is done with models."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from trashdata.coco.read import read_document
from trashdata.inference.architectures import ModelSpec, build_model
from trashdata.inference.backend import import_torch
from trashdata.inference.resolution import Resolution
from trashdata.inference.saved import LoadedModel, ModelCard, classes_of, load_model, save_model

ENCODER = "tu-test_resnet"
MEAN, STD = (0.5, 0.4, 0.3), (0.2, 0.25, 0.3)


def tiny_card(classes: Sequence[tuple[int, str]], **changes: Any) -> ModelCard:
    """The card of an untrained model; ``arch``, ``encoder``, ``options`` go into its spec."""
    own = {key: changes.pop(key) for key in ("arch", "encoder", "options") if key in changes}
    spec = ModelSpec(
        **{"arch": "Unet", "encoder": ENCODER, **own},
        encoder_weights="none",
        channels=1 + len(classes),
    )
    card = ModelCard(spec, tuple(classes), Resolution("resize", 64), MEAN, STD, val_miou=0.5)
    return msgspec.structs.replace(card, **changes)


def tiny_run(run: Path, json: Path, seed: int = 0, **changes: Any) -> LoadedModel:
    """Save a model for the classes of a COCO file as a run's best, and load it."""
    torch = import_torch()
    card = tiny_card(classes_of(read_document(json)), **changes)
    torch.manual_seed(seed)
    model = build_model(card.spec)
    # Random weights alone give nearly the same class everywhere.
    with torch.no_grad():
        for parameter in model.segmentation_head.parameters():
            parameter.copy_(torch.randn_like(parameter))
    save_model(model.eval(), card, run / "best")
    return load_model(run)
