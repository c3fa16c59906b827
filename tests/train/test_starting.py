"""New runs from the weights of a trained model, also with other classes."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch
from helpers.coco import load, rewrite
from helpers.models import tiny_card, tiny_run
from helpers.processes import RunCli
from helpers.reporters import Notes
from helpers.training import TINY, history, interrupt, run_tiny
from trashdata.train import TrainOptions, train
from trashdata.train.fitting.module import Segmenter
from trashdata.train.starting import carry_over

from trashdata.errors import UserError
from trashdata.inference.architectures import (
    ModelSpec,
    architectures,
    build_model,
    class_tensors,
)
from trashdata.inference.saved import LoadedModel, load_model
from trashdata.options.config import read_table

OLD = ((1, "Paper"), (2, "Glass"), (3, "Metal"))
NEW = ((1, "Metal"), (5, "Rope"), (9, "Paper"))
# Channels of the new model and of the old one that have one name, the background first.
PAIRS = ((0, 0), (1, 3), (3, 1))


def loaded(**changes: Any) -> LoadedModel:
    torch.manual_seed(1)
    card = tiny_card(OLD, **changes)
    model = build_model(card.spec)
    for parameter in model.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    return LoadedModel(model.eval(), card, Path(), "", "old")


@pytest.mark.parametrize("arch", ["Unet", "Segformer", "FPN"])
def test_classes_of_one_name_keep_their_channels(arch: str) -> None:
    old, card = loaded(arch=arch), tiny_card(NEW, arch=arch)
    torch.manual_seed(2)
    net = build_model(card.spec).eval()
    torch.manual_seed(2)
    fresh = build_model(card.spec).eval()
    carry_over(net, card, old)
    photo = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        given, found = old.module(photo), net(photo)
    for new, had in PAIRS:
        assert torch.equal(found[:, new], given[:, had])
    head, start = net.segmentation_head[0].weight, fresh.segmentation_head[0].weight
    assert torch.equal(head[2], start[2])
    assert not torch.equal(head[1], start[1])


def test_an_auxiliary_head_keeps_its_channels_as_well() -> None:
    old, card = loaded(arch="ocr"), tiny_card(NEW, arch="ocr")
    names = class_tensors(card.spec)
    heads = {name.rpartition(".")[0] for name in names}
    assert "segmentation_head" in heads
    assert len(heads) == 2
    net = build_model(card.spec)
    carry_over(net, card, old)
    state, given = net.state_dict(), old.module.state_dict()
    for name, tensor in state.items():
        if name in names:
            assert all(torch.equal(tensor[new], given[name][had]) for new, had in PAIRS)
        else:
            assert torch.equal(tensor, given[name])


def test_classes_in_another_order_are_predicted_as_before() -> None:
    old, card = loaded(arch="ocr"), tiny_card((OLD[2], OLD[0], OLD[1]), arch="ocr")
    net = build_model(card.spec).eval()
    carry_over(net, card, old)
    photo = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        given, found = old.module(photo), net(photo)
    assert torch.allclose(found, given[:, [0, 3, 1, 2]], atol=1e-4)


@pytest.mark.parametrize("arch", architectures())
def test_channels_are_the_first_axis_of_every_architecture(arch: str) -> None:
    encoder = {"DPT": "tu-vit_tiny_patch16_224"}.get(arch, "tu-test_resnet")
    spec = ModelSpec(arch, encoder, "none", 7)
    names = class_tensors(spec)
    assert names
    with torch.device("meta"):
        shapes = {name: value.shape for name, value in build_model(spec).state_dict().items()}
        wider = build_model(msgspec.structs.replace(spec, channels=9)).state_dict()
    for name, value in wider.items():
        assert (value.shape == shapes[name]) == (name not in names)
        assert name not in names or value.shape == (9, *shapes[name][1:])


# --- runs -----------------------------------------------------------------------------------


@pytest.fixture
def model(data: Path) -> LoadedModel:
    """A trained model of the sample set's classes, in the run ``old``; ResNet in a Unet."""
    return tiny_run(data.parent / "runs" / "old", data / "train.json", seed=3)


def start_from(data: Path, **changes: Any) -> Any:
    """Train for an epoch from the run ``old``; only what is changed is stated."""
    rest = {name: value for name, value in TINY.items() if name not in ("arch", "encoder")}
    given = {name: changes.pop(name) for name in ("dry_run", "reporter") if name in changes}
    options = TrainOptions(**{**rest, "epochs": 1, "from_": "old", **changes})
    stated = frozenset({"from_", *changes})
    return train(data, options, runs=data.parent / "runs", stated=stated, **given)


def weights_at_start(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, torch.Tensor]]:
    found = []

    def keep(self: Segmenter) -> None:
        found.append({name: value.clone() for name, value in self.net.state_dict().items()})

    monkeypatch.setattr(Segmenter, "on_train_start", keep)
    return found


def test_a_run_starts_from_the_whole_model(
    data: Path, model: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = weights_at_start(monkeypatch)
    outcome = start_from(data)
    (state,) = started
    given = model.module.state_dict()
    assert state.keys() == given.keys()
    assert all(torch.equal(state[name], value) for name, value in given.items())
    folder = data.parent / "runs" / "exp"
    about = load(folder / "run.json")
    assert about["from_sha256"] == model.sha256
    options = outcome.figures["options"]
    assert (options["arch"], options["encoder"]) == ("Unet", model.card.spec.encoder)
    assert options["encoder_weights"] == "none"
    card = load_model(folder).card
    assert (card.mean, card.std) == (model.card.mean, model.card.std)
    table = tomllib.loads((folder / "config.toml").read_text(encoding="utf-8"))["train"]
    assert table["from"] == "old"
    assert read_table(TrainOptions, table, "config.toml").from_ == "old"


@pytest.mark.slow
def test_other_classes_and_another_size(
    data: Path, model: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("train.json", "val.json"):
        rewrite(data / name, lambda content: content["categories"][1].update(name="Rope"))
    started, reporter = weights_at_start(monkeypatch), Notes()
    start_from(data, size=96, mode="windows", reporter=reporter)
    (state,) = started
    given = model.module.state_dict()
    names = class_tensors(model.card.spec)
    for name, value in given.items():
        same = [torch.equal(state[name][k], value[k]) for k in range(11)] if name in names else []
        assert same in ([], [True, True, False, *[True] * 8])
        assert name in names or torch.equal(state[name], value)
    (note,) = [text for text in reporter.notes if text.startswith("Starts from")]
    assert note.startswith("Starts from the weights of old, Unet with tu-test_resnet; classes that")
    assert note.endswith("; new: Rope; not used: Paper.")


def test_what_does_not_fit_is_refused_by_name(data: Path, model: LoadedModel) -> None:
    wrong = {
        r"--from old: --arch: expected Unet, .* found FPN": {"arch": "FPN"},
        r"--from old: --encoder: expected tu-test_resnet, .* found resnet18": {
            "encoder": "resnet18"
        },
        r"--from old and --encoder-weights": {"encoder_weights": "imagenet"},
        r"--from old and --decoder-channels": {"decoder_channels": 32},
        r"--from ol'?: expected a run with a trained model": {"from_": "ol"},
    }
    for said, changes in wrong.items():
        with pytest.raises(UserError, match=said):
            start_from(data, dry_run=True, **changes)
    same = start_from(data, dry_run=True, arch="unet", encoder=model.card.spec.encoder)
    assert same.figures["options"]["arch"] == "Unet"
    (data.parent / "runs" / "old" / "best" / "model.safetensors").write_bytes(b"broken")
    with pytest.raises(UserError, match=r"model\.safetensors"):
        start_from(data, dry_run=True)
    assert [path.name for path in (data.parent / "runs").iterdir()] == ["old"]


@pytest.mark.slow
def test_a_resumed_run_needs_its_model_before_the_first_epoch_only(
    data: Path, model: LoadedModel
) -> None:
    runs = data.parent / "runs"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Segmenter, "training_step", interrupt)
        with pytest.raises(KeyboardInterrupt):
            start_from(data)
    shutil.copytree(runs / "old", runs / "kept")
    other = tiny_run(runs / "old", data / "train.json", seed=4)
    assert other.sha256 != model.sha256
    with pytest.raises(UserError, match="--resume exp: old: expected the model that the run"):
        run_tiny(data, resume="exp")
    shutil.rmtree(runs / "old")
    shutil.copytree(runs / "kept", runs / "old")
    assert run_tiny(data, resume="exp").figures["epochs"] == 1
    shutil.rmtree(runs / "old")
    assert run_tiny(data, resume="exp", epochs=2).figures["epochs"] == 2
    assert len(history(runs / "exp")) == 2
    assert load(runs / "exp" / "run.json")["from_sha256"] == model.sha256


def test_the_option_is_called_from(data: Path, model: LoadedModel, run_cli: RunCli) -> None:
    words = ("train", "--data", data, "--size", "64", "--dry-run", "--json-summary")
    done = run_cli(*words, "--from", "old")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["options"]["encoder"] == model.card.spec.encoder
    assert "Starts from the weights of old" in done.stderr
    file = data.parent / "trashdata.toml"
    file.write_text('[train]\nfrom = "old"\narch = "FPN"\n', encoding="utf-8")
    assert json.loads(run_cli(*words).stdout)["options"]["arch"] == "Unet"
    assert 'from = "old"' in run_cli("config").stdout
    file.write_text('[train]\nfrom_ = "old"\n', encoding="utf-8")
    assert run_cli(*words).returncode == 2
