"""``trashdata train`` from files to a run folder; resuming, several processes, what is refused."""

from __future__ import annotations

import hashlib
import json
import shutil
import tomllib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from helpers.coco import load, rewrite
from helpers.pools import Saved, paste_from_pool, pool_of
from helpers.processes import RunCli, kill, start, wait_until
from helpers.training import TINY, history
from helpers.training import run_tiny as run
from trashdata.train import TrainOptions, train

from trashdata.coco.read import read_document
from trashdata.errors import UserError
from trashdata.evaluate import EvaluateOptions, evaluate
from trashdata.inference.predictor import evaluate_model
from trashdata.inference.saved import load_model
from trashdata.outcome import Outcome
from trashdata.paths import DataFolders


def flags(**changes: Any) -> list[str]:
    given = {**TINY, **changes}
    return [
        word for key, value in given.items() for word in (f"--{key.replace('_', '-')}", str(value))
    ]


# --- a run ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trained(sample_set: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Outcome]:
    """The data folder of a run with averaged weights, and what it said."""
    data = Path(shutil.copytree(sample_set, tmp_path_factory.mktemp("trained") / "data"))
    return data, run(data, ema=True, epochs=3)


def test_run_folder_holds_what_it_was_made_of(trained: tuple[Path, Outcome]) -> None:
    data, outcome = trained
    folder = data.parent / "runs" / "exp"
    assert outcome.figures["run"] == str(folder)
    assert all(Path(path).exists() for path in outcome.outputs)
    config = tomllib.loads((folder / "config.toml").read_text(encoding="utf-8"))["train"]
    assert config["encoder"] == TINY["encoder"]
    assert config["batch-size"] == 4
    about = load(folder / "run.json")
    assert about["inputs"] == outcome.inputs
    assert about["versions"]["torch"] == torch.__version__
    assert [int(row["epoch"]) for row in history(folder)] == [1, 2, 3]
    assert history(folder)[-1]["iou Paper"] != ""
    for name in ("curves.png", "confusion.png", "photos.png"):
        assert (folder / name).read_bytes().startswith(b"\x89PNG")


def test_evaluate_gives_the_figure_that_training_reported(trained: tuple[Path, Outcome]) -> None:
    data, outcome = trained
    folder = data.parent / "runs" / "exp"
    again = evaluate(data, EvaluateOptions(model=(str(folder),)))
    assert again.figures["miou"] == outcome.figures["miou"]
    assert again.figures["confusion"] == outcome.figures["confusion"]
    # In training, weights lie in another order, and sums are rounded otherwise.
    best = max(float(row["miou"]) for row in history(folder))
    assert best == pytest.approx(outcome.figures["miou"], abs=1e-3)
    assert load(folder / "best" / "trashdata.json")["val_miou"] == outcome.figures["miou"]


def test_checkpoint_holds_plain_types_alone(trained: tuple[Path, Outcome]) -> None:
    data, _ = trained
    path = data.parent / "runs" / "exp" / "last.ckpt"
    content = torch.load(path, weights_only=True, map_location="cpu")
    assert content["epoch"] == 2
    assert "current_model_state" in content


def test_the_next_run_gets_the_next_name(trained: tuple[Path, Outcome]) -> None:
    data, _ = trained
    before = sorted(path.name for path in (data.parent / "runs").iterdir())
    outcome = train(data, TrainOptions(**TINY), runs=data.parent / "runs", dry_run=True)
    assert outcome.figures["run"].endswith("exp2")
    assert sorted(path.name for path in (data.parent / "runs").iterdir()) == before


@pytest.mark.parametrize(
    "changes",
    [
        {"loss": "cdb", "scheduler": "step", "optimizer": "radam"},
        {"loss": "ce", "label_smoothing": 0.1, "class_weights": "effective", "optimizer": "sgd"},
        {"mode": "windows", "class_weights": "inverse", "scheduler": "onecycle", "workers": 1},
    ],
    ids=["cdb", "ce", "windows"],
)
def test_other_ways_to_train(changes: dict[str, Any], data: Path) -> None:
    outcome = run(data, epochs=1, **changes)
    assert 0 <= outcome.figures["miou"] <= 1
    assert np.isfinite(float(history(data.parent / "runs" / "exp")[0]["loss"]))


def test_early_stop(data: Path) -> None:
    # Without a step that moves anything, the second epoch is no better than the first.
    outcome = run(data, lr=1e-30, epochs=6, early_stop=1, augment="none", arch="Linknet")
    assert outcome.figures["epochs"] < 6


# --- resuming -------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_killed_run_goes_on_to_the_same_epoch(data: Path, run_process: RunCli) -> None:
    folder = data.parent / "runs" / "exp"
    process = start("train", "--data", data, *flags(epochs=3), cwd=data.parent)
    wait_until(process, (folder / "last.ckpt").exists)
    assert kill(process, workers=False)
    assert not (folder / "results.json").exists()
    before = len(history(folder))
    done = run_process("train", "--data", data, "--resume", "exp", "--json-summary", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    summary = json.loads(done.stdout)
    assert summary["epochs"] == 3
    assert [int(row["epoch"]) for row in history(folder)] == [1, 2, 3]
    assert before < 3
    steps = {int(row["step"]) for row in history(folder)}
    assert len(steps) == 3


def test_a_resumed_run_ends_like_an_undisturbed_one(data: Path) -> None:
    """The averaged weights, the course of the learning rate and the order of photos go on."""
    changes = {"ema": True, "loss": "cdb", "arch": "Linknet", "epochs": 2, "warmup": 0.0}
    whole = run(data, **changes, name="whole")
    runs = data.parent / "runs"
    with pytest.raises(RuntimeError, match="stopped here"):
        stop_after_an_epoch(data, **changes, name="part")
    assert len(history(runs / "part")) == 1
    resumed = run(data, resume="part")
    for one, other in zip(history(runs / "whole"), history(runs / "part"), strict=True):
        assert float(one["loss"]) == pytest.approx(float(other["loss"]), rel=1e-4)
        assert one["lr"] == other["lr"]
    assert resumed.figures["miou"] == pytest.approx(whole.figures["miou"], abs=1e-3)


def stop_after_an_epoch(data: Path, **changes: Any) -> None:
    from trashdata.train.fitting.module import Segmenter

    def stop(self: Segmenter) -> None:
        self._losses = []
        if self.current_epoch == 1:
            raise RuntimeError("stopped here")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Segmenter, "on_train_epoch_start", stop)
        run(data, **changes)


def test_a_resume_from_another_configuration_is_refused(
    trained: tuple[Path, Outcome], tmp_path: Path
) -> None:
    data, _ = trained
    with pytest.raises(UserError, match=r"--resume exp: --lr: expected 0.001, .* found 0.5"):
        run(data, resume="exp", lr=0.5)
    with pytest.raises(UserError, match="did you mean 'exp'"):
        run(data, resume="exq")
    shutil.copytree(data.parent, tmp_path / "copy")
    other = tmp_path / "copy" / "data"
    rewrite(other / "train.json", lambda content: content["images"].pop())
    with pytest.raises(UserError):
        run(other, resume="exp")
    content = load(data / "train.json")
    for name in ("train.json", "val.json"):
        rewrite(other / name, lambda c: c["categories"][0].update(name="Rubble"))
    assert content["categories"][0]["name"] != "Rubble"


# --- several processes ----------------------------------------------------------------------


@pytest.mark.slow
def test_two_processes_count_what_one_counts(data: Path, run_process: RunCli) -> None:
    rewrite(data / "val.json", drop_last_photo)
    assert len(load(data / "val.json")["images"]) % 2 == 1
    words = flags(devices=2, strategy="ddp", epochs=1, batch_size=2)
    done = run_process("train", "--data", data, *words, "--json-summary")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    folder = data.parent / "runs" / "exp"
    assert sorted(path.name for path in (data.parent / "runs").iterdir()) == ["exp"]
    document = read_document(data / "val.json")
    alone = evaluate_model(load_model(folder), document, DataFolders.of(data))
    assert summary["confusion"] == alone.tolist()
    # The matrix of the epoch, which the processes gathered batch by batch.
    assert float(history(folder)[0]["miou"]) == pytest.approx(summary["miou"], abs=1e-3)


def drop_last_photo(content: dict[str, Any]) -> None:
    gone = content["images"].pop()["id"]
    content["annotations"] = [a for a in content["annotations"] if a["image_id"] != gone]


# --- what is refused ------------------------------------------------------------------------


def refused(data: Path, match: str, **changes: Any) -> str:
    with pytest.raises(UserError, match=match) as caught:
        run(data, **changes)
    assert not (data.parent / "runs").exists()
    return str(caught.value)


def test_bad_options_are_refused(data: Path) -> None:
    refused(data, r"nothing.json: expected the COCO file to validate on", val="nothing.json")
    refused(data, "did you mean 'UnetPlusPlus'", arch="UnetPlusPlu")
    refused(data, "multiple of 32", size=100)
    refused(data, "--loss", loss="cee")
    refused(data, "a weight above 0", train=("train.json:0",))
    refused(data, "each file once", train=("train.json", "train.json:2"))
    refused(data, "each file once", train=("val.json",))
    refused(data, "only ce and cdb smooth labels", loss="dice", label_smoothing=0.1)
    refused(data, "finds its own weights", loss="cdb", class_weights="inverse")
    refused(data, "a plain name", name="../exp")


def test_wandb_that_is_not_installed_is_told(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trashdata.train.fitting.loggers.find_spec", lambda _: None)
    refused(data, "run pip install wandb", logger="csv,wandb")


def test_imagenet_without_network_says_what_to_do(
    data: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    said = refused(data, "--encoder-weights imagenet", encoder_weights="imagenet")
    assert "'none'" in said


def test_other_classes_are_refused(data: Path) -> None:
    rewrite(data / "val.json", lambda content: content["categories"][1].update(name="Cardboard"))
    said = refused(data, "the 10 classes of val.json, in their order")
    assert "'Paper' as number 2, where that is 'Cardboard'" in said


def test_a_class_without_objects_is_a_warning(data: Path) -> None:
    for name in ("train.json", "val.json"):
        rewrite(data / name, lambda c: c["categories"].append({"id": 77, "name": "Rope"}))
    outcome = train(data, TrainOptions(**TINY), runs=data.parent / "runs", dry_run=True)
    assert any("Nothing to train on for" in w and "Rope" in w for w in outcome.warnings)


def test_missing_and_truncated_photos_are_named_before_the_first_epoch(data: Path) -> None:
    photo = data / load(data / "val.json")["images"][1]["file_name"]
    content = photo.read_bytes()
    photo.write_bytes(content[: len(content) // 2])
    refused(data, f"{photo.name}: expected a complete photo")
    photo.unlink()
    refused(data, f"{photo.name}: expected a photo, found no file")


def test_leaks_are_refused_by_name(data: Path) -> None:
    val = load(data / "val.json")["images"][0]
    original = (data / "train.json").read_bytes()

    def plant(change: dict[str, Any]) -> None:
        (data / "train.json").write_bytes(original)
        rewrite(data / "train.json", lambda c: c["images"][0].update(change))

    name = load(data / "train.json")["images"][0]["file_name"]
    plant({"trashdata": {"background_image_id": val["id"]}})
    said = refused(data, f"{name}: expected no photo of val.json")
    assert f"has as its background {val['file_name']}" in said
    plant({"file_name": val["file_name"]})
    assert "that it is" in refused(data, val["file_name"])
    shutil.copy(data / val["file_name"], data / "copy.jpg")
    plant({"file_name": "copy.jpg"})
    assert f"is a copy of {val['file_name']}" in refused(data, "copy.jpg")
    photo = cv2.imread(str(data / val["file_name"]))
    cv2.imwrite(str(data / "again.jpg"), photo, [cv2.IMWRITE_JPEG_QUALITY, 60])
    plant({"file_name": "again.jpg"})
    assert f"looks like {val['file_name']}" in refused(data, "again.jpg")
    (data / "train.json").write_bytes(original)
    donor = {"donor_image_id": val["id"], "donor_annotation_id": 1}
    rewrite(data / "train.json", lambda c: c["annotations"][0].update(trashdata=donor))
    assert "holds objects of" in refused(data, val["file_name"])


@pytest.mark.parametrize(
    ("saved", "said"),
    [
        ("copy", "that it holds objects of"),
        ("again", "that it holds objects of a photo that looks"),
    ],
)
def test_donors_from_validation_under_other_names_are_refused(
    data: Path, saved: Saved, said: str
) -> None:
    pool_of(data, "val.json", saved, ".")
    paste_from_pool(data)
    options: dict[str, Any] = {"train": ("copy_paste.json",)}
    assert said in refused(data, "copy_paste/images/", **options)
    if saved == "again":
        assert "--allow-look-alikes" in refused(data, "copy_paste/images/", **options)
        allowed = TrainOptions(**TINY | options, allow_look_alikes=True)
        outcome = train(data, allowed, runs=data.parent / "runs", dry_run=True)
        assert any("look alike" in warning for warning in outcome.warnings)
    else:
        # Copies are no look-alikes.
        refused(data, "copy_paste/images/", **options, allow_look_alikes=True)


def test_the_advice_for_look_alikes_works(data: Path, run_cli: RunCli) -> None:
    # A camera that does not move, before which nothing moved: folds by its hours look alike.
    names = [image["file_name"] for image in load(data / "train_all.json")["images"]]
    empty = cv2.imread(str(data / names[0]))
    for k, name in enumerate(names):
        noise = np.random.default_rng(k).integers(-2, 3, empty.shape)
        pixels = np.clip(empty.astype(int) + noise, 0, 255).astype(np.uint8)
        cv2.imwrite(str(data / name), pixels)
    split = ("kfold", "--data", data, "--folds", "2")
    done = run_cli(*split)
    assert done.returncode == 2
    assert "pass --group-by none" in done.stderr
    assert run_cli(*split, "--group-by", "none").returncode == 0
    training = ("train", "--data", data, "--fold", "0", "--dry-run", *flags())
    done = run_cli(*training)
    assert done.returncode == 2
    assert "pass --allow-look-alikes" in done.stderr
    done = run_cli(*training, "--allow-look-alikes")
    assert done.returncode == 0, done.stderr


def test_the_photos_of_a_run_are_listed_with_their_hashes(data: Path) -> None:
    root = pool_of(data, "train.json", "copy", "elsewhere")
    paste_from_pool(data, donor_images=str(root), mode="self")
    run(data, train=("train.json", "copy_paste.json"), epochs=1)
    listed = load(data.parent / "runs" / "exp" / "photos.json")
    content = load(data / "copy_paste.json")
    images = [*load(data / "train.json")["images"], *content["images"]]
    names = sorted(image["file_name"] for image in images)
    assert list(listed["photos"]) == names
    for name, digest in listed["photos"].items():
        assert digest == hashlib.sha256((data / name).read_bytes()).hexdigest()
    made_of = {
        (entry["file_name"], entry["sha256"])
        for image in content["images"]
        for entry in image["trashdata"]["made_of"]
    }
    assert {(s["file_name"], s["sha256"]) for s in listed["sources"]} == made_of
    assert any(name.startswith("pool/") for name, _ in made_of)


def test_a_run_is_not_resumed_with_other_photos(data: Path) -> None:
    run(data, epochs=1)
    name = load(data / "train.json")["images"][0]["file_name"]
    pixels = cv2.imread(str(data / name))
    cv2.imwrite(str(data / name), pixels, [cv2.IMWRITE_JPEG_QUALITY, 50])
    with pytest.raises(UserError, match=f"{name}: expected the photo of the run, found another"):
        run(data, resume="exp", epochs=2)


def test_pseudo_labels_are_not_validated_on(data: Path) -> None:
    made = {"models": [{"name": "exp", "sha256": "0" * 64}]}
    rewrite(data / "val.json", lambda c: c["images"][1].update(trashdata=made))
    name = load(data / "val.json")["images"][1]["file_name"]
    assert "pseudo-labels on 1 of" in refused(data, f"val.json: {name}")


def test_a_loss_that_is_not_finite_stops_the_run(data: Path) -> None:
    with pytest.raises(UserError, match="epoch 1, step 2: expected a finite loss") as caught:
        run(data, lr=1e30, optimizer="sgd", warmup=0.0)
    names = {image["file_name"] for image in load(data / "train.json")["images"]}
    assert sum(name in str(caught.value) for name in names) == 4
    assert "keeps the weights" not in str(caught.value)
    assert not (data.parent / "runs").exists()


def test_a_batch_of_one_photo_leaves_nothing(data: Path) -> None:
    said = refused(data, "--batch-size: expected at least 2 photos", batch_size=1, arch="DeepLabV3")
    assert "raise --batch-size" in said


def test_seeds_of_any_length_start_other_weights(data: Path) -> None:
    """Compared after no step that moves anything."""
    losses = []
    for seed in (1_700_000_000_000, 10**30):
        run(data, seed=seed, epochs=1, lr=1e-30, augment="none", name=f"seed{seed}")
        about = load(data.parent / "runs" / f"seed{seed}" / "run.json")
        assert about["options"]["seed"] == seed
        losses.append(history(data.parent / "runs" / f"seed{seed}")[0]["loss"])
    assert losses[0] != losses[1]


def test_good_weights_stay_when_a_later_epoch_breaks(data: Path) -> None:
    from trashdata.train.fitting.module import Segmenter

    whole = Segmenter.loss

    def broken(self: Segmenter, output: Any, labels: Any) -> Any:
        loss = whole(self, output, labels)
        return loss * float("nan") if self.current_epoch == 1 else loss

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Segmenter, "loss", broken)
        with pytest.raises(UserError, match="epoch 2"):
            run(data)
    folder = data.parent / "runs" / "exp"
    assert len(history(folder)) == 1
    assert load_model(folder).card.val_miou is not None
    state = torch.load(folder / "last.ckpt", weights_only=True)["state_dict"]
    assert all(value.isfinite().all() for value in state.values())
    assert run(data, resume="exp").figures["epochs"] == 2


def test_a_photo_that_breaks_meanwhile_is_one_sentence(data: Path) -> None:
    from trashdata.train.data import loading

    photo = data / load(data / "train.json")["images"][3]["file_name"]
    known = loading.data_of

    def breaking(inputs: Any, **given: Any) -> Any:
        photo.write_bytes(b"")
        return known(inputs, **given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loading, "data_of", breaking)
        with pytest.raises(UserError, match=f"{photo.name}: .* an empty file"):
            run(data, workers=1)


@pytest.mark.slow
def test_the_command_says_nothing_of_lightnings(data: Path, run_process: RunCli) -> None:
    done = run_process("train", "--data", data, *flags(epochs=1))
    assert done.returncode == 0, done.stderr
    for noise in ("Lightning", "GPU available", "Tip", "Warning", "warn(", "`"):
        assert noise not in done.stderr
    assert "Epoch   1 of 1: loss" in done.stderr
