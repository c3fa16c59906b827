"""``trashdata evaluate``: models and predictions of any origin, scored on a labelled set."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.models import tiny_run
from helpers.processes import RunCli
from PIL import Image

from trashdata.coco.read import read_document
from trashdata.errors import UserError
from trashdata.evaluate import EvaluateOptions, evaluate
from trashdata.inference.confusion import channel_names, scores
from trashdata.inference.confusion_plot import draw_confusion
from trashdata.inference.predictor import Ensemble, evaluate_model
from trashdata.inference.saved import load_model
from trashdata.mask_codec.png import encode_label_png, read_label_png
from trashdata.masks import MasksOptions, masks
from trashdata.paths import DataFolders
from trashdata.predict import PredictOptions, predict

pytest.importorskip("torch")


@pytest.fixture(scope="module")
def runs(sample_set: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    tiny_run(folder / "exp", sample_set / "val.json", seed=1)
    tiny_run(folder / "exp2", sample_set / "val.json", seed=2, arch="FPN")
    return folder


def of(runs: Path, *names: str, **changes: Any) -> EvaluateOptions:
    return EvaluateOptions(tuple(str(runs / name) for name in names), device="cpu", **changes)


# --- figures --------------------------------------------------------------------------------


def test_a_model_gets_the_figure_that_training_counts(data: Path, runs: Path) -> None:
    outcome = evaluate(data, of(runs, "exp"))
    document = read_document(data / "val.json")
    matrix = evaluate_model(load_model(runs / "exp"), document, DataFolders.of(data))
    names = channel_names([category.name for category in document.class_categories])
    found = scores(matrix, names)
    assert outcome.figures["confusion"] == matrix.tolist()
    assert outcome.figures["miou"] == found.miou
    assert outcome.figures["iou"] == found.iou
    assert list(found.iou)[:2] == ["background", "General trash"]
    assert outcome.counts["pixels"] == matrix.sum()


@pytest.mark.parametrize("form", ["masks", "coco"])
def test_files_of_predict_get_the_figure_of_the_models(form: Any, data: Path, runs: Path) -> None:
    options = of(runs, "exp", "exp2", tta="flip", weights="2,1")
    predict(
        data,
        PredictOptions(
            options.model, options.tta, weights=options.weights, json="val.json", format=form
        ),
    )
    by_files = evaluate(data, EvaluateOptions(predictions="predictions")).figures
    assert by_files == evaluate(data, options).figures
    assert by_files != evaluate(data, of(runs, "exp")).figures


def test_the_truth_itself_is_perfect(data: Path) -> None:
    masks(data, MasksOptions(json="val.json"))
    for given in (data / "masks", data / "val.json"):
        figures = evaluate(data, EvaluateOptions(predictions=given)).figures
        assert figures["miou"] == figures["pixel_accuracy"] == 1
        assert {value for value in figures["iou"].values() if value is not None} == {1.0}


def test_what_is_said_of_ignored_pixels_changes_nothing(data: Path) -> None:
    content = json.loads((data / "val.json").read_bytes())
    first = content["images"][0]
    first["trashdata"] = {"valid_box": [0, 0, 96, 60]}
    (data / "padded.json").write_text(json.dumps(content))
    masks(data, MasksOptions(json="val.json"))
    before = evaluate(data, EvaluateOptions(json="padded.json", predictions=data / "masks")).figures
    path = (data / "masks" / first["file_name"]).with_suffix(".png")
    labels = read_label_png(path)
    labels[60:] = 9
    path.write_bytes(encode_label_png(labels))
    assert (
        evaluate(data, EvaluateOptions(json="padded.json", predictions=data / "masks")).figures
        == before
    )
    assert evaluate(data, EvaluateOptions(predictions=data / "masks")).figures["miou"] < 1


def test_overlapping_results_are_painted_by_score(data: Path) -> None:
    document = read_document(data / "val.json")
    image, categories = document.images[0], document.class_categories
    square = [[0, 0, 96, 0, 96, 96, 0, 96]]
    rows = [
        {"image_id": image.id, "category_id": category.id, "segmentation": square, "score": score}
        for category, score in zip(categories, (0.3, 0.9, 0.5), strict=False)
    ]
    (data / "results.json").write_text(json.dumps(rows))
    matrix = np.array(
        evaluate(data, EvaluateOptions(predictions=data / "results.json")).figures["confusion"]
    )
    assert matrix[:, 2].sum() == 96 * 96
    assert matrix[:, 0].sum() == matrix.sum() - 96 * 96


# --- the picture ----------------------------------------------------------------------------


def test_the_picture_is_written_once(data: Path, tmp_path: Path) -> None:
    picture = tmp_path / "confusion.png"
    masks(data, MasksOptions(json="val.json"))
    outcome = evaluate(data, EvaluateOptions(predictions=data / "masks", out=picture))
    assert outcome.outputs == [str(picture)]
    content = picture.read_bytes()
    with Image.open(picture) as image:
        assert image.width > 700
        assert image.height > 700
    with pytest.raises(UserError, match="--overwrite"):
        evaluate(data, EvaluateOptions(predictions=data / "masks", out=picture))
    evaluate(data, EvaluateOptions(predictions=data / "masks", out=picture), overwrite=True)
    assert picture.read_bytes() == content


@pytest.mark.parametrize("classes", [1, 10, 60])
def test_the_picture_has_room_for_all_classes(classes: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    matrix = rng.integers(0, 1000, (classes + 1, classes + 1))
    matrix[-1] = 0
    names = ["background", *(f"$class^{k}$ 쓰레기 of a long name" for k in range(classes))]
    (tmp_path / "a.png").write_bytes(draw_confusion(matrix, names, "exp on val.json"))
    with Image.open(tmp_path / "a.png") as image:
        pixels = np.asarray(image.convert("RGB"))
        # At least 20 pixels a row, which is what its name needs.
        assert image.height >= 20 * len(names)
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    assert (border == 255).all(), "something runs into the edge"


# --- what is refused ------------------------------------------------------------------------


def _mask_missing(data: Path) -> Path:
    next((data / "masks").glob("*/*.png")).unlink()
    return data / "masks"


def _mask_of_another_size(data: Path) -> Path:
    path = next((data / "masks").glob("*/*.png"))
    path.write_bytes(encode_label_png(np.zeros((5, 5), dtype=np.uint8)))
    return data / "masks"


def _mask_of_another_class(data: Path) -> Path:
    path = next((data / "masks").glob("*/*.png"))
    path.write_bytes(encode_label_png(np.full((96, 96), 11, dtype=np.uint8)))
    return data / "masks"


def _other_classes(data: Path) -> Path:
    path = data / "masks" / "classes.json"
    path.write_text(path.read_text().replace("Paper", "Wood"))
    return data / "masks"


def _results(data: Path, **changes: Any) -> Path:
    image = read_document(data / "val.json").images[0]
    row = {"image_id": image.id, "category_id": 1, "segmentation": [[0, 0, 5, 0, 5, 5]]}
    (data / "results.json").write_text(json.dumps([row | changes]))
    return data / "results.json"


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (_mask_missing, "the prediction for image"),
        (_mask_of_another_size, "found 5 x 5"),
        (_mask_of_another_class, "found index 11"),
        (_other_classes, r"in val\.json alone"),
        (lambda data: _results(data, image_id=10**6), "expected one of the image_ids"),
        (lambda data: _results(data, category_id=99), "expected one of the category_ids"),
        (
            lambda data: _results(data, segmentation={"size": [5, 5], "counts": "0"}),
            "annotation 1: expected an RLE of the photo's",
        ),
        (lambda data: _results(data, segmentation=[[0, 0]]), "annotation 1: expected polygons"),
        (
            lambda data: _results(data, segmentation={"size": [96, 96], "counts": [5, 4]}),
            "annotation 1: expected counts",
        ),
        (lambda data: _results(data, score="high"), "COCO results"),
        (lambda data: data / "train.json", "no such photo"),
        (lambda data: data / "nothing", "found nothing"),
        (lambda data: data / "batch_03", "the prediction for image"),
    ],
)
def test_predictions_that_do_not_fit(given: Any, found: str, data: Path, tmp_path: Path) -> None:
    masks(data, MasksOptions(json="val.json"))
    with pytest.raises(UserError, match=found) as caught:
        evaluate(data, EvaluateOptions(predictions=given(data), out=tmp_path / "c.png"))
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "c.png").exists()


def test_a_file_without_labels_is_refused(data: Path, runs: Path) -> None:
    with pytest.raises(UserError, match=r"test\.json: expected photos with annotations"):
        evaluate(data, of(runs, "exp", json="test.json"))


def test_photos_are_checked_first(data: Path, runs: Path) -> None:
    image = read_document(data / "val.json").images[-1]
    (data / image.file_name).write_bytes(b"")
    with pytest.raises(UserError, match="empty file"):
        evaluate(data, of(runs, "exp"))


def test_models_or_predictions(data: Path, runs: Path) -> None:
    with pytest.raises(UserError, match="found both"):
        evaluate(data, of(runs, "exp", predictions=data))


def test_a_dry_run_checks_all_and_scores_nothing(
    data: Path, runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(Ensemble, "predict")
    options = of(runs, "exp", out=tmp_path / "c.png")
    outcome = evaluate(data, options, dry_run=True)
    assert outcome.counts == {"photos": len(read_document(data / "val.json").images)}
    assert not (tmp_path / "c.png").exists()
    (tmp_path / "c.png").write_bytes(b"mine")
    with pytest.raises(UserError, match="found a file of that name"):
        evaluate(data, options, dry_run=True)
    (data / read_document(data / "val.json").images[0].file_name).unlink()
    with pytest.raises(UserError, match="found no file"):
        evaluate(data, options, dry_run=True)


def test_on_the_command_line(data: Path, runs: Path, tmp_path: Path, run_cli: RunCli) -> None:
    shutil.copytree(runs, tmp_path / "runs")
    arguments = ("evaluate", "--data", data, "--device", "cpu")
    done = run_cli(*arguments, "--model", "exp", "--json-summary", "--out", "c.png")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert summary["outputs"] == ["c.png"]
    assert 0 <= summary["miou"] <= 1
    assert set(summary["iou"]) == {"background", *load_model(runs / "exp").card.class_names}
    assert "IoU %" in done.stderr
    assert f"mIoU       {summary['miou']:.4f}" in done.stderr
