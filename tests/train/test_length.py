"""Runs that are trained on: finished ones, and interrupted ones that get another length."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest
import torch
from helpers.coco import load
from helpers.processes import RunCli
from helpers.reporters import Notes
from helpers.training import TINY, history, interrupt, run_tiny
from trashdata.train import TrainOptions, train
from trashdata.train.data.schedule import Schedule, schedule_for
from trashdata.train.fitting.callbacks import EarlyStop
from trashdata.train.fitting.module import Segmenter
from trashdata.train.fitting.optimize import lr_factor, set_rates

from trashdata.errors import UserError

STEPS_AN_EPOCH = 3


@pytest.fixture(scope="module")
def finished_once(sample_set: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder beside two finished runs, to be read only: one of 1 epoch, one of 6 steps."""
    data = Path(shutil.copytree(sample_set, tmp_path_factory.mktemp("finished") / "data"))
    run_tiny(data, epochs=1, ema=True, name="exp")
    run_tiny(data, steps=2 * STEPS_AN_EPOCH, name="bysteps")
    return data


@pytest.fixture
def finished(finished_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished_once.parent, tmp_path / "copy")) / "data"


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_a_finished_run_trains_on(finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, reporter = finished.parent / "runs" / "exp", Notes()
    before, first = content(folder), history(folder)
    rates = recorded_rates(monkeypatch)
    outcome = run_tiny(finished, resume="exp", epochs=3, reporter=reporter)
    assert reporter.notes[0] == (
        "exp gets 3 epochs instead of 1, 1 of them trained: from here on, the learning rate"
        " follows the schedule of a run of 3 epochs."
    )
    rows = history(folder)
    assert rows[:1] == first
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    assert outcome.figures["epochs"] == 3
    assert load(folder / "results.json")["epochs"] == 3
    assert content(folder)["curves.png"] != before["curves.png"]
    total, start = 3 * STEPS_AN_EPOCH, STEPS_AN_EPOCH
    expected = [1e-3 * lr_factor(step, total, start, "cosine") for step in range(start, total)]
    assert rates == pytest.approx(expected)
    # The rate of the shorter run was at its end.
    assert float(first[0]["lr"]) == pytest.approx(1e-3)
    assert max(float(row["miou"]) for row in rows) == pytest.approx(
        outcome.figures["miou"], abs=1e-3
    )
    averages = torch.load(folder / "last.ckpt", weights_only=True)["averaging_state"]
    assert int(averages["n_averaged"]) == total


def recorded_rates(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    rates: list[float] = []
    step = Segmenter.training_step

    def recorded(self: Segmenter, batch: Any, batch_idx: int) -> Any:
        rates.append(self.trainer.optimizers[0].param_groups[0]["lr"])
        return step(self, batch, batch_idx)

    monkeypatch.setattr(Segmenter, "training_step", recorded)
    return rates


def test_run_json_holds_both_lengths(finished: Path) -> None:
    folder = finished.parent / "runs" / "exp"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Segmenter, "training_step", interrupt)
        with pytest.raises(KeyboardInterrupt):
            run_tiny(finished, resume="exp", epochs=3)
    about = load(folder / "run.json")
    assert about["options"]["epochs"] == 3
    assert about["earlier_lengths"] == [
        {"epochs": 1, "steps": None, "trained_epochs": 1, "trained_steps": STEPS_AN_EPOCH}
    ]
    config = tomllib.loads((folder / "config.toml").read_text(encoding="utf-8"))["train"]
    assert config["epochs"] == 3
    # No longer finished, so that it can be resumed without another length.
    assert not (folder / "results.json").exists()
    outcome = run_tiny(finished, resume="exp", epochs=2)
    assert outcome.figures["epochs"] == 2
    lengths = load(folder / "run.json")["earlier_lengths"]
    assert [length["epochs"] for length in lengths] == [1, 3]


def test_a_run_that_was_killed_while_it_was_scored_is_scored(finished: Path) -> None:
    folder = finished.parent / "runs" / "exp"
    results = load(folder / "results.json")
    (folder / "results.json").unlink()
    outcome = run_tiny(finished, resume="exp")
    assert outcome.figures["epochs"] == 1
    assert load(folder / "results.json") == results
    assert load(folder / "run.json")["earlier_lengths"] == []


@pytest.mark.slow
def test_with_a_constant_rate_it_ends_like_a_longer_run(data: Path) -> None:
    runs = data.parent / "runs"
    whole = run_tiny(data, scheduler="none", ema=True, epochs=3, name="whole")
    run_tiny(data, scheduler="none", ema=True, epochs=1, name="part")
    longer = run_tiny(data, resume="part", epochs=3)
    for one, other in zip(history(runs / "whole"), history(runs / "part"), strict=True):
        assert float(one["loss"]) == pytest.approx(float(other["loss"]), rel=1e-4)
        assert one["lr"] == other["lr"]
    assert longer.figures["miou"] == pytest.approx(whole.figures["miou"], abs=1e-3)


@pytest.mark.slow
def test_steps_are_counted_in_the_epochs_of_the_run(finished: Path) -> None:
    with pytest.raises(UserError, match=r"a multiple of 3, .* found 11; pass --steps 12 or 9"):
        run_tiny(finished, resume="bysteps", steps=11)
    outcome = run_tiny(finished, resume="bysteps", steps=9)
    assert outcome.figures["epochs"] == 3
    assert [row["step"] for row in history(finished.parent / "runs" / "bysteps")] == [
        "3",
        "6",
        "9",
    ]


def test_further_epochs_of_steps_are_as_long() -> None:
    assert schedule_for(40, 500, 305, 8) == Schedule(10, 50)
    assert schedule_for(40, 520, 305, 8, epoch_steps=40) == Schedule(13, 40)


@pytest.mark.parametrize(
    ("run", "length", "said"),
    [
        ("exp", {}, "found one that is finished, after 1 of 1 epochs; pass --epochs 2"),
        ("exp", {"epochs": 1}, "found one that is finished"),
        ("exp", {"steps": 40}, "--steps: expected --epochs, in which .* found 40"),
        ("bysteps", {"steps": 3}, "at least the 6 that are trained, found 3; .* --steps 12"),
        ("bysteps", {"epochs": 80}, "--epochs: expected --steps, in which .* found 80"),
    ],
)
def test_lengths_that_are_refused(
    run: str, length: dict[str, int], said: str, finished: Path
) -> None:
    folder = finished.parent / "runs" / run
    before = content(folder)
    with pytest.raises(UserError, match=said):
        run_tiny(finished, resume=run, **length)
    assert content(folder) == before


def test_a_longer_run_that_fails_at_once_is_as_before(finished: Path) -> None:
    folder = finished.parent / "runs" / "exp"
    before = content(folder)
    planned = run_tiny(finished, resume="exp", epochs=2, dry_run=True)
    assert planned.figures["options"]["epochs"] == 2
    assert content(folder) == before
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Segmenter, "loss", not_finite)
        with pytest.raises(UserError, match="a finite loss"):
            run_tiny(finished, resume="exp", epochs=2)
    assert content(folder) == before


def not_finite(_: Segmenter, output: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    return (output.sum() + labels.sum()) * float("nan")


def test_a_finished_run_without_its_checkpoint(finished: Path) -> None:
    (finished.parent / "runs" / "exp" / "last.ckpt").write_bytes(b"no checkpoint")
    with pytest.raises(UserError, match=r"last.ckpt: expected the checkpoint of the run"):
        run_tiny(finished, resume="exp", epochs=2)
    (finished.parent / "runs" / "exp" / "last.ckpt").unlink()
    with pytest.raises(UserError, match=r"found no file; .* --from exp"):
        run_tiny(finished, resume="exp", epochs=2)


def test_on_the_command_line_and_in_python(finished: Path, run_cli: RunCli) -> None:
    runs = finished.parent / "runs"
    words = ("train", "--data", finished, "--resume", runs / "exp", "--dry-run")
    done = run_cli(*words, "--epochs", "3", "--json-summary")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["options"]["epochs"] == 3
    assert "exp gets 3 epochs instead of 1" in done.stderr
    refused = run_cli(*words)
    assert (refused.returncode, refused.stdout) == (2, "")
    options = TrainOptions(resume="exp", epochs=3)
    outcome = train(finished, options, runs=runs, dry_run=True)
    assert outcome.figures["options"]["epochs"] == 3
    assert outcome.figures["options"]["arch"] == TINY["arch"]


def test_patience_starts_anew_with_more_epochs() -> None:
    stopped = EarlyStop(3)
    stopped.wait_count, stopped.best_score = 3, torch.tensor(0.5)
    for again, count in ((True, 0), (False, 3)):
        resumed = EarlyStop(3, again=again)
        resumed.load_state_dict(stopped.state_dict())
        assert (resumed.wait_count, float(resumed.best_score)) == (count, 0.5)


def test_rates_are_those_of_the_schedule_at_once() -> None:
    parameters = [torch.nn.Parameter(torch.zeros(1)) for _ in range(2)]
    groups = [{"params": [p], "lr": lr} for p, lr in zip(parameters, (1.0, 0.1), strict=True)]
    optimizer = torch.optim.SGD(groups, lr=1.0)
    short = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / 4)
    for _ in range(4):
        optimizer.step()
        short.step()
    assert [group["lr"] for group in optimizer.param_groups] == [0, 0]
    longer = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / 8)
    longer.load_state_dict(short.state_dict())
    set_rates(longer)
    assert [group["lr"] for group in optimizer.param_groups] == pytest.approx([0.5, 0.05])
