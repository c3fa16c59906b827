"""``trashdata pseudo`` with real models: what they say, which are taken, what is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.coco import load, tree
from helpers.masks import mask_of, painted
from helpers.models import tiny_run
from helpers.processes import RunCli
from trashdata.pseudo_label import PseudoOptions, pseudo

from trashdata.coco.read import read_document
from trashdata.console import Reporter
from trashdata.errors import UserError
from trashdata.inference.predictor import probabilities, to_rgb
from trashdata.inference.resolution import Resolution
from trashdata.inference.saved import load_model
from trashdata.photos import read_photo

pytest.importorskip("torch")


@pytest.fixture(scope="module")
def runs(sample_set: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    tiny_run(folder / "exp", sample_set / "val.json", seed=1, val_miou=0.4)
    changes = {"arch": "FPN", "resolution": Resolution("resize", 96), "val_miou": 0.6}
    tiny_run(folder / "exp2", sample_set / "val.json", seed=2, **changes)
    return folder


def run(data: Path, runs: Path, *names: str, **options: Any) -> Any:
    chosen = {"model": tuple(str(runs / name) for name in names), "min_area": 0} | options
    return pseudo(data, PseudoOptions(**chosen))


def test_labels_are_those_of_the_averaged_probabilities(data: Path, runs: Path) -> None:
    run(data, runs, "exp", "exp2", threshold=0.3, masks=True)
    models = [load_model(runs / name) for name in ("exp", "exp2")]
    document = read_document(data / "test.json")
    unsure = 0
    for image in document.images:
        photo = to_rgb(read_photo(data, image))
        soft = probabilities(models, photo, "flip", [0.4, 0.6])
        labels = mask_of(data / "pseudo" / "masks", image.file_name)
        confidence = soft.max(axis=0)
        clear = np.abs(confidence - 0.3) > 1e-4
        second = np.sort(soft, axis=0)[-2]
        clear &= confidence - second > 2e-4
        expected = np.where(confidence >= 0.3, soft.argmax(axis=0), 255)
        assert clear.mean() > 0.98
        assert np.array_equal(labels[clear], expected[clear])
        unsure += int((labels == 255).sum())
    assert unsure > 0
    own = load(data / "pseudo.json")["info"]["trashdata"]
    assert [(m["name"], m["weight"]) for m in own["models"]] == [("exp", 0.4), ("exp2", 0.6)]
    assert own["models"][0]["sha256"] == models[0].sha256


def test_the_same_bytes_whatever_the_workers(data: Path, runs: Path) -> None:
    other = Path(shutil.copytree(data, data.parent / "other"))
    options = PseudoOptions(model=(str(runs / "exp"),), portion=0.5, masks=True, agree=True)
    pseudo(data, options, workers=1)
    pseudo(other, options, workers=2)
    assert tree(data) == tree(other)


def test_large_photos_go_through_in_strips(
    data: Path, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(data, runs, "exp", threshold=0.3, masks=True)
    monkeypatch.setattr("trashdata.pseudo_label.predicting.loaded_models._STRIP", 11 * 96 * 7)
    run(data, runs, "exp", threshold=0.3, masks=True, out="strips")
    assert tree(data / "pseudo" / "masks") == tree(data / "strips" / "masks")


def test_without_model_the_newest_run_is_taken_and_named(
    data: Path, runs: Path, tmp_path: Path, run_cli: RunCli
) -> None:
    shutil.copytree(runs / "exp", tmp_path / "runs" / "exp")
    done = run_cli("pseudo", "--data", data, "--threshold", "0.3", "--json-summary")
    assert done.returncode == 0, done.stderr
    assert "exp" in done.stderr
    summary = json.loads(done.stdout)
    assert summary["models"][0]["name"] == "exp"
    assert {"name", "threshold", "predicted", "annotations"} <= summary["classes"][0].keys()


def test_a_dry_run_writes_nothing(data: Path, runs: Path) -> None:
    before = tree(data)
    options = PseudoOptions(model=(str(runs / "exp"),))
    outcome = pseudo(data, options, dry_run=True)
    assert outcome.counts["photos"] > 0
    assert tree(data) == before


def renamed(data: Path) -> None:
    content = load(data / "test.json")
    content["categories"][2]["name"] = "Cardboard"
    (data / "test.json").write_text(json.dumps(content))


def emptied(data: Path) -> None:
    content = load(data / "test.json")
    (data / "test.json").write_text(json.dumps(content | {"images": []}))


def one_photo_gone(data: Path) -> None:
    (data / load(data / "test.json")["images"][-1]["file_name"]).unlink()


def one_photo_cut(data: Path) -> None:
    path = data / load(data / "test.json")["images"][-1]["file_name"]
    path.write_bytes(path.read_bytes()[:1000])


@pytest.mark.parametrize(
    ("change", "options", "sentence"),
    [
        (renamed, {}, r"model exp and test.json: .*'Cardboard' in test.json"),
        (emptied, {}, "test.json: expected photos to label, found none"),
        (one_photo_gone, {}, "found no file"),
        (one_photo_cut, {}, "ends in its middle"),
        (None, {"model": ("nosuchrun",)}, "--model nosuchrun"),
        (None, {"agree": True, "tta": "none"}, "--agree: expected several models"),
        (None, {"keep_images": 0.5, "tta": "none"}, "--keep-images: expected several models"),
        (None, {"weights": "1,2"}, "--weights 1,2"),
        (None, {"json": "nothing.json"}, "expected a COCO JSON file"),
        (None, {"out": "../elsewhere"}, "expected a plain name"),
        (None, {"out": "test"}, "found test.json, which is read"),
        (None, {"json": "val.json", "merge_with": "train_all.json"}, "in both"),
        (None, {"report": True}, "test.json: expected a file with labels"),
    ],
)
def test_bad_input_is_one_sentence_and_writes_nothing(
    data: Path, runs: Path, change: Any, options: dict[str, Any], sentence: str
) -> None:
    if change is not None:
        change(data)
    before = tree(data)
    with pytest.raises(UserError, match=sentence):
        run(data, runs, "exp", **options)
    assert tree(data) == before


def test_bad_input_on_the_command_line(data: Path, run_cli: RunCli) -> None:
    before = tree(data)
    done = run_cli("pseudo", "--data", data)
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("Error: --model: expected a run with a trained model under runs")
    assert tree(data) == before


def test_a_model_that_gives_nan_is_named(data: Path, runs: Path, tmp_path: Path) -> None:
    import torch

    broken = Path(shutil.copytree(runs / "exp", tmp_path / "broken"))
    model = load_model(broken)
    with torch.no_grad():
        next(model.module.segmentation_head.parameters()).fill_(float("nan"))
    model.module.save_pretrained(broken / "best")
    with pytest.raises(UserError, match="found NaN or infinity"):
        run(data, tmp_path, "broken")
    assert not (data / "pseudo.json").exists()


def test_crf_or_a_sentence_that_says_how_to_get_it(data: Path, runs: Path) -> None:
    try:
        import pydensecrf.densecrf  # noqa: F401
    except ImportError:
        with pytest.raises(UserError, match=r"trashdata\[crf\]"):
            run(data, runs, "exp", crf=True)
        return
    run(data, runs, "exp", threshold=0.3)
    run(data, runs, "exp", threshold=0.3, crf=True, out="refined")
    plain, refined = painted(data / "pseudo.json"), painted(data / "refined.json")
    assert any((plain[name] != refined[name]).any() for name in plain)


def test_exif_questions_are_asked_once(data: Path, runs: Path) -> None:
    from PIL import Image

    path = data / load(data / "test.json")["images"][0]["file_name"]
    with Image.open(path) as photo:
        exif = photo.getexif()
        exif[0x0112] = 3
        photo.save(path, exif=exif)
    reporter = Reporter()
    options = PseudoOptions(model=(str(runs / "exp"),))
    pseudo(data, options, reporter=reporter)
    assert len([text for text in reporter.warnings if "EXIF" in text]) == 1
