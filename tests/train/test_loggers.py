"""What loggers are told; wandb without a login or a network."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from helpers.reporters import Notes
from helpers.training import history, run_tiny
from trashdata.train.lightning import pl

from trashdata.errors import UserError

Logged = list[tuple[dict[str, float], int | None]]


class Recorder(pl.loggers.Logger):
    """Keeps what it is told, and the pictures, as TensorBoard's writer takes them."""

    name, version = "recorder", "1"

    def __init__(self) -> None:
        super().__init__()
        self.logged: Logged = []
        self.pictures: list[tuple[str, tuple[int, ...], int]] = []

    @property
    def experiment(self) -> Any:
        return SimpleNamespace(add_image=self.add_image, close=lambda: None)

    def add_image(self, tag: str, pixels: Any, step: int, dataformats: str) -> None:
        assert dataformats == "HWC"
        self.pictures.append((tag, pixels.shape, step))

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        self.logged.append((dict(metrics), step))

    def log_hyperparams(self, *_: Any, **__: Any) -> None:
        pass


def test_each_epoch_is_logged_once(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = Recorder()
    monkeypatch.setattr("trashdata.train.fitting.fit.make_loggers", lambda *_: [recorder])
    run_tiny(data, epochs=2, encoder_lr=1e-4)
    rows = history(data.parent / "runs" / "exp")
    metrics = [metrics for metrics, _ in recorder.logged]
    assert [step for _, step in recorder.logged] == [int(row["step"]) for row in rows]
    for found, row in zip(metrics, rows, strict=True):
        assert found["val_miou"] == float(row["miou"])
        assert found["loss"] == float(row["loss"])
        assert found["lr"] == float(row["lr"])
        assert found["lr_encoder"] == pytest.approx(float(row["lr"]) / 10)
        ious = {name: value for name, value in found.items() if name.startswith("iou/")}
        expected = {name: value for name, value in row.items() if name.startswith("iou ")}
        assert ious == {f"iou/{name[4:]}": float(v) for name, v in expected.items() if v}
        assert "iou/Paper" in ious
    ((tag, shape, step),) = recorder.pictures
    assert (tag, shape[2], step) == ("photos", 3, int(rows[-1]["step"]))


def test_tensorboard_holds_each_epoch_once(data: Path) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    run_tiny(data, epochs=2, logger="tensorboard")
    folder = data.parent / "runs" / "exp"
    events = EventAccumulator(str(folder / "tensorboard"))
    events.Reload()
    rows = history(folder)
    for tag, column in (("val_miou", "miou"), ("lr", "lr"), ("iou/Paper", "iou Paper")):
        found = [(event.step, event.value) for event in events.Scalars(tag)]
        assert [step for step, _ in found] == [int(row["step"]) for row in rows]
        values = [float(row[column]) for row in rows]
        assert [value for _, value in found] == pytest.approx(values, rel=1e-6)
    assert [image.step for image in events.Images("photos")] == [int(rows[-1]["step"])]


# --- wandb ----------------------------------------------------------------------------------


class FakeRun:
    """A run of wandb that keeps its calls."""

    url = None

    def __init__(self) -> None:
        self.logged: list[dict[str, Any]] = []
        self.finished: list[int] = []

    def log(self, metrics: dict[str, Any]) -> None:
        self.logged.append(metrics)

    def finish(self, exit_code: int) -> None:
        self.finished.append(exit_code)

    def define_metric(self, *_: Any, **__: Any) -> None:
        pass


class FakeWandb(ModuleType):
    """As much of wandb as Lightning and we call."""

    def __init__(self, mode: str, login: bool | Exception, reached: bool = True) -> None:
        super().__init__("wandb")
        self.__spec__ = ModuleSpec("wandb", None)
        self.calls: Counter[str] = Counter()
        self.settings: dict[str, Any] = {}
        self.run = None
        self.started = FakeRun()
        self._mode, self._login, self._reached = mode, login, reached

    def Settings(self, **settings: Any) -> Any:  # noqa: N802
        self.settings |= settings
        return SimpleNamespace(**settings)

    def setup(self, _: Any) -> Any:
        return SimpleNamespace(settings=SimpleNamespace(mode=self._mode))

    def login(self, prompt: bool) -> bool:
        assert not prompt
        self.calls["login"] += 1
        if isinstance(self._login, Exception):
            raise self._login
        return self._login

    def init(self, **settings: Any) -> FakeRun:
        self.calls["init"] += 1
        self.settings |= settings
        (Path(settings["dir"]) / "wandb").mkdir()
        if not self._reached:
            raise ConnectionError("Timed out while\nretrying: no such host. Consider more time.")
        return self.started

    def Image(self, path: str, **_: Any) -> str:  # noqa: N802
        return path


def install(module: FakeWandb, monkeypatch: pytest.MonkeyPatch) -> FakeWandb:
    monkeypatch.setattr("pytorch_lightning.loggers.wandb._WANDB_AVAILABLE", True)
    monkeypatch.setitem(sys.modules, "wandb", module)
    for name in ("wandb.sdk", "wandb.sdk.lib", "wandb.wandb_run"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    sys.modules["wandb.sdk.lib"].RunDisabled = FakeRun  # type: ignore[attr-defined]
    sys.modules["wandb.wandb_run"].Run = FakeRun  # type: ignore[attr-defined]
    return module


@pytest.mark.parametrize(
    ("module", "found"),
    [
        (FakeWandb("online", login=False), "no login"),
        (FakeWandb("online", login=PermissionError("Bad key. See the page")), "Bad key"),
        (
            FakeWandb("online", login=True, reached=False),
            "Timed out while retrying: no such host",
        ),
    ],
)
def test_wandb_that_is_not_reached_is_one_sentence(
    module: FakeWandb, found: str, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(module, monkeypatch)
    with pytest.raises(UserError) as caught:
        run_tiny(data, logger="wandb")
    assert str(caught.value).startswith(
        f"--logger wandb: expected a login, and a connection to its server, found {found};"
        " run 'wandb login', set WANDB_MODE=offline"
    )
    assert "exp/metrics.csv is written in any case" in str(caught.value)
    assert not (data.parent / "runs").exists()


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["offline", "disabled"])
def test_wandb_without_a_server_needs_no_login(
    mode: str, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = install(FakeWandb(mode, login=False), monkeypatch)
    run_tiny(data, epochs=2, logger="wandb", reporter=Notes())
    assert module.calls == {"init": 1}
    assert (module.settings["project"], module.settings["name"]) == ("trashdata", "exp")
    assert module.settings["init_timeout"] <= 30
    rows = history(data.parent / "runs" / "exp")
    mious = [found["val_miou"] for found in module.started.logged if "val_miou" in found]
    assert mious == [float(row["miou"]) for row in rows]
    (sheet,) = [found["photos"] for found in module.started.logged if "photos" in found]
    assert sheet == [str(data.parent / "runs" / "exp" / "photos.png")]
    assert module.started.finished == [0]
    assert np.isfinite(mious).all()
