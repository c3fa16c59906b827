"""``train --keep last``: one validation, at the end, and the weights of the last step."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from helpers.training import history, interrupt, run_tiny
from safetensors.torch import load_file
from trashdata.train import TrainOptions
from trashdata.train.fitting.module import Segmenter

from trashdata.errors import UserError


@pytest.fixture
def data(sample_set: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sample_set, tmp_path / "data"))


def test_it_validates_once_and_keeps_the_last_weights(data: Path) -> None:
    outcome = run_tiny(data, keep="last", epochs=3)
    folder = data.parent / "runs" / "exp"
    (row,) = history(folder)
    assert row["epoch"] == "3"
    assert outcome.figures["epochs"] == outcome.figures["best_epoch"] == 3
    kept = load_file(folder / "best" / "model.safetensors")
    last = torch.load(folder / "last.ckpt", weights_only=True, map_location="cpu")["state_dict"]
    assert all(torch.equal(kept[name], last[f"net.{name}"]) for name in kept)


def test_it_keeps_the_averaged_weights_of_the_last_step(data: Path) -> None:
    run_tiny(data, keep="last", epochs=2, ema=True)
    folder = data.parent / "runs" / "exp"
    kept = load_file(folder / "best" / "model.safetensors")
    content = torch.load(folder / "last.ckpt", weights_only=True, map_location="cpu")
    averaged, raw = content["state_dict"], content["current_model_state"]
    assert all(torch.equal(kept[name], averaged[f"net.{name}"]) for name in kept)
    assert any(not torch.equal(kept[name], raw[f"net.{name}"]) for name in kept)


def test_training_is_that_of_a_run_which_validates_each_epoch(data: Path) -> None:
    run_tiny(data, keep="last", epochs=2)
    run_tiny(data, keep="best", epochs=2)
    states = [
        torch.load(data.parent / "runs" / name / "last.ckpt", weights_only=True)["state_dict"]
        for name in ("exp", "exp2")
    ]
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


def test_an_interrupted_run_goes_on_without_a_validation(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = Segmenter.training_step
    with monkeypatch.context() as patched:
        patched.setattr(
            Segmenter,
            "training_step",
            lambda self, *a: interrupt() if self.global_step > 5 else step(self, *a),
        )
        with pytest.raises(KeyboardInterrupt):
            run_tiny(data, keep="last", epochs=3)
    assert not (data.parent / "runs" / "exp" / "metrics.csv").exists()
    outcome = run_tiny(data, resume="exp")
    assert outcome.figures["best_epoch"] == 3
    results = json.loads((data.parent / "runs" / "exp" / "results.json").read_text())
    assert results["miou"] == outcome.figures["miou"]


@pytest.mark.parametrize(
    "changes", [{"early_stop": 2}, {"sampler": "iou"}, {"loss": "cdb"}], ids=lambda c: next(iter(c))
)
def test_what_needs_earlier_scores_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(UserError, match="keep last"):
        TrainOptions(keep="last", **changes)  # type: ignore[arg-type]
