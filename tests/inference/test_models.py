"""Models: each architecture is built, saved, loaded, and predicts the same; what is refused."""

from __future__ import annotations

import json
import pickle
import socket
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from helpers.models import ENCODER, tiny_card, tiny_run

from trashdata.errors import UserError
from trashdata.inference import backend
from trashdata.inference.architectures import (
    ModelSpec,
    architectures,
    build_model,
    check_pair,
    decoder_options,
    needs_square,
    normalisation,
)
from trashdata.inference.backend import import_smp
from trashdata.inference.forward import photo_logits
from trashdata.inference.resolution import Resolution, content_shape, padded_shape
from trashdata.inference.saved import check_classes, find_run, load_model, save_model

torch = pytest.importorskip("torch")

CLASSES = ((1, "Paper"), (2, "Battery"))
SMALL_DPT = {"decoder_intermediate_channels": [8, 8, 8, 8], "decoder_fusion_channels": 8}
# Written out, so that collecting the tests does not load torch.
ARCHITECTURES = [
    *("Unet", "UnetPlusPlus", "MAnet", "Linknet", "FPN", "PSPNet", "DeepLabV3"),
    *("DeepLabV3Plus", "PAN", "UPerNet", "Segformer", "DPT", "ocr"),
]
MODELS = [
    *((arch, ENCODER) for arch in ARCHITECTURES if arch != "DPT"),
    ("DPT", "tu-vit_tiny_patch16_224"),
    ("Segformer", "mit_b0"),
    ("Unet", "resnet18"),
    ("UPerNet", "tu-swin_tiny_patch4_window7_224"),
    ("ocr", "tu-hrnet_w18"),
]


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no network here")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture
def run(tmp_path: Path, sample_set: Path) -> Path:
    """The folder of a run with a small model."""
    tiny_run(tmp_path / "runs" / "exp", sample_set / "val.json")
    return tmp_path / "runs" / "exp"


def test_every_architecture_is_among_the_tested() -> None:
    assert architectures() == ARCHITECTURES


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize(("arch", "encoder"), MODELS)
def test_a_model_is_saved_loaded_and_predicts_the_same(
    arch: str, encoder: str, tmp_path: Path
) -> None:
    card = tiny_card(
        CLASSES, arch=arch.lower(), encoder=encoder, options=SMALL_DPT if arch == "DPT" else {}
    )
    model = build_model(card.spec).eval()
    photo = torch.rand(1, 3, 128, 128, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        logits = model(photo)
    assert logits.shape == (1, 3, 128, 128)
    asked = msgspec.structs.replace(card.spec, encoder_weights="imagenet")
    save_model(model, msgspec.structs.replace(card, spec=asked), tmp_path / "best")
    loaded = load_model(tmp_path)
    assert not loaded.module.training
    with torch.no_grad():
        assert torch.equal(loaded.module(photo), logits)
    assert loaded.card.class_names == ["Paper", "Battery"]
    assert json.loads((tmp_path / "best" / "config.json").read_bytes())["encoder_weights"] is None


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("arch", ["Unet", "FPN"])
def test_smp_itself_loads_what_we_save(arch: str, tmp_path: Path) -> None:
    card = tiny_card(CLASSES, arch=arch)
    model = build_model(card.spec).eval()
    save_model(model, card, tmp_path)
    photo = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        assert torch.equal(import_smp().from_pretrained(str(tmp_path)).eval()(photo), model(photo))


def test_ocr_has_an_auxiliary_output_in_training_only() -> None:
    model = build_model(ModelSpec("ocr", ENCODER, "none", 5)).train()
    photo = torch.rand(2, 3, 64, 96)
    logits, regions = model(photo)
    assert logits.shape == regions.shape == (2, 5, 64, 96)
    (logits.mean() + regions.mean()).backward()
    missing = [name for name, value in model.named_parameters() if value.grad is None]
    assert missing == []
    assert model.eval()(photo).shape == (2, 5, 64, 96)


def test_ocr_attends_to_regions_of_the_whole_photo() -> None:
    """A far corner changes what is said here, through the regions' features."""
    torch.manual_seed(0)
    decoder = build_model(ModelSpec("ocr", ENCODER, "none", 3)).eval().decoder
    maps = [torch.rand(1, c, 64 >> k, 64 >> k) for k, c in enumerate(_channels(decoder))]
    changed = [part.clone() for part in maps]
    for part in changed[2:]:
        part[..., -1, -1] += 50
    with torch.no_grad():
        before, after = decoder(maps)[0], decoder(changed)[0]
    assert (before[..., 0, 0] - after[..., 0, 0]).abs().max() > 1e-6


def _channels(decoder: Any) -> list[int]:
    model = build_model(ModelSpec("ocr", ENCODER, "none", 3))
    assert sum(model.encoder.out_channels[2:]) == decoder.pixels[0].in_channels
    channels: list[int] = model.encoder.out_channels
    return channels


# --- names and pairs ------------------------------------------------------------------------


def test_names_are_found_whatever_their_case() -> None:
    assert check_pair("unetplusplus", "ResNet18") == ("UnetPlusPlus", "resnet18")
    assert check_pair("OCR", "tu-resnet18.a1_in1k") == ("ocr", "tu-resnet18.a1_in1k")


@pytest.mark.parametrize(
    ("arch", "encoder", "size", "parts"),
    [
        ("Unett", "resnet18", None, ("--arch Unett", "did you mean 'Unet'?")),
        ("Unet", "resnet81", None, ("--encoder resnet81", "did you mean 'resnet18'?")),
        ("Unet", "hf-hub:someone/model", None, ("--encoder", "none of that name")),
        ("Unet", "tu-local-dir:/tmp", None, ("--encoder", "none of that name")),
        ("Unet", "tu-resnet18.no_such_tag", None, ("--encoder", "none of that name")),
        (
            "DeepLabV3Plus",
            "tu-swin_tiny_patch4_window7_224",
            None,
            ("--arch DeepLabV3Plus", "tu-swin_tiny_patch4_window7_224 works with Unet", "UPerNet"),
        ),
        ("DPT", "resnet18", None, ("Only Timm encoders", "resnet18 works with Unet")),
        ("PAN", "resnet18", 64, ("--size 64", "larger multiple of 32")),
    ],
)
def test_what_does_not_go_together_is_refused_in_one_sentence(
    arch: str, encoder: str, size: int | None, parts: tuple[str, ...]
) -> None:
    with pytest.raises(UserError) as caught:
        check_pair(arch, encoder, size)
    for part in parts:
        assert part in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["encoder_weights", "checkpoint_path", "pretrained_cfg", "nope"])
def test_only_options_of_the_architecture_are_taken(name: str) -> None:
    with pytest.raises(UserError, match=f"option {name}"):
        build_model(ModelSpec("Unet", ENCODER, "none", 3, {name: "imagenet"}))


def test_normalisation_is_that_of_the_weights() -> None:
    assert normalisation("resnet18")[0] == (0.485, 0.456, 0.406)
    assert normalisation("inceptionv4") == ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    assert normalisation("tu-vit_tiny_patch16_224")[0] == (0.5, 0.5, 0.5)


def test_a_missing_library_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    monkeypatch.setattr(backend, "import_module", missing)
    with pytest.raises(UserError, match=r"no module torch; run pip install 'trashdata\[train\]'"):
        import_smp()


def test_a_device_that_is_not_there_is_refused() -> None:
    assert backend.pick_device("cpu").type == "cpu"
    for name in ("cuda:99", "gpu"):
        with pytest.raises(UserError, match=f"--device {name}"):
            backend.pick_device(name)


# --- weights of encoders --------------------------------------------------------------------


def test_encoder_weights_from_files(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    torch.manual_seed(1)
    source = build_model(ModelSpec("FPN", "resnet18", "none", 3))
    wanted = source.encoder.state_dict()
    torch.save(wanted, tmp_path / "encoder.pth")
    torch.save({"state_dict": source.state_dict()}, tmp_path / "model.ckpt")
    prefixed = {f"model.encoder.{name}": value for name, value in wanted.items()}
    torch.save(prefixed, tmp_path / "lightning.pt")
    save_file(
        {name: value.contiguous() for name, value in wanted.items()}, tmp_path / "e.safetensors"
    )
    for file in ("encoder.pth", "model.ckpt", "lightning.pt", "e.safetensors"):
        model = build_model(ModelSpec("Unet", "resnet18", str(tmp_path / file), 3))
        for name, value in model.encoder.state_dict().items():
            assert torch.equal(value, wanted[name]), (file, name)


def test_weights_of_another_encoder_are_refused(tmp_path: Path) -> None:
    torch.save(build_model(ModelSpec("Unet", ENCODER, "none", 3)).state_dict(), tmp_path / "w.pth")
    with pytest.raises(UserError, match="the weights of resnet18"):
        build_model(ModelSpec("Unet", "resnet18", str(tmp_path / "w.pth"), 3))
    with pytest.raises(UserError, match="no file of that name"):
        build_model(ModelSpec("Unet", "resnet18", str(tmp_path / "none.pth"), 3))


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("encoder", ["resnet18", "tu-resnet18"])
def test_imagenet_without_network_says_what_else_there_is(
    encoder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    for proxy in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy"):
        monkeypatch.delenv(proxy, raising=False)
    with pytest.raises(UserError) as caught:
        build_model(ModelSpec("Unet", encoder, "imagenet", 3))
    assert "no network, and no copy in the cache" in str(caught.value)
    assert "pass the file of a state dict, or 'none'" in str(caught.value)
    assert not constants.HF_HUB_OFFLINE


class _Bomb:
    """Unpickling it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, tuple[str, str]]:
        return open, (str(self.path), "w")


def test_code_in_a_checkpoint_is_not_run(run: Path, tmp_path: Path) -> None:
    torch.save({"state_dict": _Bomb(tmp_path / "boom")}, run / "last.ckpt")
    (tmp_path / "old.pth").write_bytes(pickle.dumps(_Bomb(tmp_path / "boom")))
    with pytest.raises(UserError, match="can't be read"):
        load_model(run / "last.ckpt")
    with pytest.raises(UserError, match="can't be read"):
        build_model(ModelSpec("Unet", ENCODER, str(tmp_path / "old.pth"), 3))
    assert not (tmp_path / "boom").exists()


# --- runs -----------------------------------------------------------------------------------


def test_a_checkpoint_is_loaded_with_the_card_of_its_run(run: Path) -> None:
    best = load_model(run)
    state = {f"model.{name}": value + 1 for name, value in best.module.state_dict().items()}
    torch.save({"state_dict": state, "epoch": 3}, run / "last.ckpt")
    last = load_model(run / "last.ckpt")
    assert (last.name, last.card) == ("exp", best.card)
    for name, value in last.module.state_dict().items():
        assert torch.equal(value, state[f"model.{name}"])


def test_runs_are_found_by_path_by_name_and_by_age(run: Path, sample_set: Path) -> None:
    runs = run.parent
    assert find_run(run, runs) == run
    assert find_run("exp", runs) == run
    assert find_run(run / "best", runs) == run / "best"
    newer = tiny_run(runs / "another", sample_set / "val.json").path
    (runs / "unfinished").mkdir()
    assert find_run(None, runs) == newer
    with pytest.raises(UserError, match="did you mean 'another'"):
        find_run("anothr", runs)
    with pytest.raises(UserError, match="a run without one"):
        find_run("unfinished", runs)
    with pytest.raises(UserError, match="train one with 'trashdata train'"):
        find_run(None, runs / "exp")


def test_files_of_a_run_that_do_not_fit_are_refused(run: Path, tmp_path: Path) -> None:
    card = run / "best" / "trashdata.json"
    content = json.loads(card.read_bytes())
    content["spec"]["channels"] = 3
    card.write_text(json.dumps(content))
    with pytest.raises(UserError, match="11 channels"):
        load_model(run)
    content["classes"] = content["classes"][:2]
    card.write_text(json.dumps(content))
    with pytest.raises(UserError, match="tensors, as trashdata"):
        load_model(run)
    card.write_text("{")
    with pytest.raises(UserError, match="a model card"):
        load_model(run)
    with pytest.raises(UserError, match="a trained model"):
        load_model(tmp_path)


def test_classes_of_model_and_file_must_be_the_same(run: Path, sample_set: Path) -> None:
    from trashdata.coco.read import read_document

    document = read_document(sample_set / "val.json")
    model = load_model(run)
    check_classes(model, document)
    names = [
        category["name"]
        for category in json.loads((sample_set / "val.json").read_bytes())["categories"]
    ]
    assert model.card.class_names == names
    wrong = (
        (model.card.classes[:-1], "'Clothing' in val.json alone"),
        ((*model.card.classes, (99, "Wood")), "'Wood' in model exp alone"),
        (model.card.classes[::-1], "in another order"),
    )
    for classes, found in wrong:
        other = msgspec.structs.replace(model.card, classes=classes)
        with pytest.raises(UserError, match=found):
            check_classes(type(model)(model.module, other, run, "", "exp"), document)


def test_a_decoder_of_a_given_width() -> None:
    def weights(channels: int | None) -> int:
        options = decoder_options("segformer", channels)
        net = build_model(ModelSpec("Segformer", ENCODER, "none", 3, options))
        return sum(parameter.numel() for parameter in net.decoder.parameters())

    assert weights(16) < weights(64) < weights(None) == weights(256)
    with pytest.raises(UserError, match=r"an architecture with one such number .*PAN.* found Unet"):
        decoder_options("Unet", 64)


@pytest.mark.parametrize("tta", ["none", "d4"])
@pytest.mark.parametrize("shape", [(40, 96), (96, 40), (96, 96)])
def test_a_photo_that_is_not_square_is_predicted_without_padding_to_a_square(
    shape: tuple[int, int], tta: Any, tmp_path: Path, sample_set: Path
) -> None:
    resolution = Resolution("resize", 192, square=False)
    model = tiny_run(tmp_path / "run", sample_set / "train.json", resolution=resolution)
    photo = np.random.default_rng(1).integers(0, 255, (*shape, 3), dtype=np.uint8)
    seen = []
    forward = model.module.forward
    model.module.forward = lambda batch: seen.append(tuple(batch.shape[2:])) or forward(batch)
    logits = photo_logits(model, photo, tta)
    content = content_shape(shape, resolution)
    assert tuple(logits[0].shape[1:]) == content
    assert seen[0] == padded_shape(content, resolution)
    assert (seen[0] == (192, 192)) == (shape == (96, 96))


def test_encoders_of_one_size_get_squares() -> None:
    assert needs_square("tu-vit_tiny_patch16_224")
    assert not needs_square("tu-tf_efficientnet_lite0")
    assert not needs_square("resnet18")
    # Cards of models that were trained before say nothing of it.
    assert msgspec.json.decode(b'{"mode":"resize","size":64}', type=Resolution).square


def test_a_decoder_width_that_the_architecture_cannot_have_is_one_sentence() -> None:
    spec = ModelSpec("FPN", "tu-test_efficientnet", "none", 3, decoder_options("FPN", 16))
    with pytest.raises(UserError, match=r"--decoder-channels 16: expected a number that FPN can"):
        build_model(spec)
    assert build_model(msgspec.structs.replace(spec, options=decoder_options("FPN", 32)))
