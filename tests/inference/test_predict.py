"""``trashdata predict``: its three formats, runs that are interrupted, and what is refused."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.coco import tree
from helpers.models import tiny_run
from helpers.processes import RunCli
from PIL import Image
from pycocotools.coco import COCO

from trashdata.coco.read import read_document
from trashdata.errors import UserError
from trashdata.inference.predictor import Ensemble, to_rgb
from trashdata.inference.resolution import Resolution
from trashdata.inference.saved import LoadedModel
from trashdata.mask_codec.png import read_label_png
from trashdata.photos import read_photo
from trashdata.predict import PredictOptions, predict

pytest.importorskip("torch")


@pytest.fixture(scope="module")
def runs(sample_set: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    tiny_run(folder / "exp", sample_set / "val.json", seed=1)
    changes = {"arch": "FPN", "resolution": Resolution("resize", 96)}
    tiny_run(folder / "exp2", sample_set / "val.json", seed=2, **changes)
    return folder


@pytest.fixture
def data(data: Path) -> Path:
    """A copy of the sample set; ``twenty.json`` holds 20 of its photos, the labels left out."""
    content = json.loads((data / "train_all.json").read_bytes())
    rest = json.loads((data / "test.json").read_bytes())["images"]
    taken = {image["id"] for image in content["images"]}
    more = [image | {"id": image["id"] + 10000 * (image["id"] in taken)} for image in rest]
    images = [*content["images"], *more][:20]
    assert len(images) == 20
    changed = {**content, "images": images, "annotations": []}
    (data / "twenty.json").write_text(json.dumps(changed))
    return data


def options(runs: Path, *names: str, **changes: Any) -> PredictOptions:
    models = tuple(str(runs / name) for name in names or ("exp",))
    return PredictOptions(models, device="cpu", **changes)


def expected_labels(data: Path, ensemble: Ensemble) -> dict[str, np.ndarray]:
    document = read_document(data / "twenty.json")
    return {
        image.file_name: ensemble.predict(to_rgb(read_photo(data, image))).labels
        for image in document.images
    }


@pytest.fixture
def exp(runs: Path) -> LoadedModel:
    from trashdata.inference.saved import load_model

    return load_model(runs / "exp")


# --- formats --------------------------------------------------------------------------------


def test_masks_are_what_the_model_says(data: Path, runs: Path, exp: LoadedModel) -> None:
    outcome = predict(data, options(runs, tta="flip", json="twenty.json"))
    expected = expected_labels(data, Ensemble([exp], tta="flip"))
    for name, labels in expected.items():
        path = (data / "predictions" / name).with_suffix(".png")
        assert np.array_equal(read_label_png(path), labels)
        assert len(np.unique(labels)) > 1
    assert (data / "predictions" / "classes.json").is_file()
    assert outcome.counts == {"photos": 20, "models": 1}
    manifest = json.loads((data / "predictions" / "manifest.json").read_bytes())
    assert len(manifest["files"]) == 21
    assert set(manifest["photos"]) == set(expected)
    assert str(runs) not in json.dumps(manifest)


def test_the_csv_reads_back_to_the_masks(data: Path, runs: Path, exp: LoadedModel) -> None:
    predict(data, options(runs, json="twenty.json", out="c", format="csv", size_out=96))
    expected = expected_labels(data, Ensemble([exp]))
    csv.field_size_limit(10**9)
    with (data / "c" / "predictions.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == ["image_id", "PredictionString"]
    assert [row["image_id"] for row in rows] == list(expected)
    for row in rows:
        ids = np.array(row["PredictionString"].split(" "), dtype=np.uint8).reshape(96, 96)
        assert np.array_equal(ids, expected[row["image_id"]])


def test_the_csv_is_256_pixels_wide_unless_told_otherwise(data: Path, runs: Path) -> None:
    predict(data, options(runs, json="val.json", out="c", format="csv"))
    predict(data, options(runs, json="val.json", out="small", format="csv", size_out=32))
    for name, size in (("c", 256), ("small", 32)):
        lines = (data / name / "predictions.csv").read_text().splitlines()[1:]
        assert lines
        assert all(line.count(" ") == size * size - 1 for line in lines)


def test_coco_results_paint_the_masks(data: Path, runs: Path, exp: LoadedModel) -> None:
    predict(data, options(runs, json="twenty.json", out="c", format="coco"))
    path = data / "c" / "predictions.json"
    rows = json.loads(path.read_bytes())
    assert all(0 < row["score"] <= 1 for row in rows)
    truth = COCO(str(data / "twenty.json"))
    found = truth.loadRes(str(path))
    for image in read_document(data / "twenty.json").images:
        labels = expected_labels_of(exp, data, image)
        painted = np.zeros_like(labels)
        layers = np.zeros(labels.shape, dtype=int)
        for row in found.imgToAnns[image.id]:
            mask = found.annToMask(row)
            assert mask.sum() == row["area"]
            painted[mask > 0] = row["category_id"]
            layers += mask
        assert layers.max() <= 1
        assert np.array_equal(painted, labels)


def expected_labels_of(model: LoadedModel, data: Path, image: Any) -> np.ndarray:
    return Ensemble([model]).predict(to_rgb(read_photo(data, image))).labels


def test_an_ensemble_differs_from_its_models(data: Path, runs: Path) -> None:
    for out, names, voting in (
        ("one", ("exp",), "soft"),
        ("two", ("exp2",), "soft"),
        ("soft", ("exp", "exp2"), "soft"),
    ):
        predict(data, options(runs, *names, ensemble=voting, json="val.json", out=out))
    hashes = [sorted(tree(data / name).items()) for name in ("one", "two", "soft")]
    assert hashes[0] != hashes[1] != hashes[2] != hashes[0]


# --- runs -----------------------------------------------------------------------------------


class _Killed(BaseException):
    """Stands for a kill in the middle."""


@pytest.mark.slow
@pytest.mark.parametrize("form", ["masks", "coco", "csv"])
def test_an_interrupted_run_goes_on_to_the_same_bytes(
    form: Any, data: Path, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trashdata.predict.run.SHARD_SIZE", 3)
    predict(data, options(runs, json="twenty.json", format=form))
    whole = tree(data / "predictions")
    shutil.rmtree(data / "predictions")
    real, left = Ensemble.predict, [0]

    def dying(self: Ensemble, photo: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise _Killed
        return real(self, photo)

    monkeypatch.setattr(Ensemble, "predict", dying)
    for photos in (7, 5):
        left[0] = photos
        with pytest.raises(_Killed):
            predict(data, options(runs, json="twenty.json", format=form))
    left[0] = 20 - 6 - 3
    predict(data, options(runs, json="twenty.json", format=form))
    assert left[0] == 0, "shards that were done are not done again"
    assert tree(data / "predictions") == whole


def test_a_finished_run_is_not_done_again_and_another_one_is_refused(
    data: Path, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    predict(data, options(runs, json="val.json"))
    before = tree(data)
    with monkeypatch.context() as patch:
        patch.delattr(Ensemble, "predict")
        predict(data, options(runs, json="val.json"))
    with pytest.raises(UserError, match="--overwrite"):
        predict(data, options(runs, "exp2", json="val.json"))
    assert tree(data) == before
    predict(data, options(runs, "exp2", json="val.json"), overwrite=True)
    assert tree(data) != before


def test_photos_that_changed_since_are_named(data: Path, runs: Path) -> None:
    predict(data, options(runs, json="val.json"))
    image = read_document(data / "val.json").images[1]
    Image.new("RGB", (image.width, image.height)).save(data / image.file_name)
    with pytest.raises(UserError, match="the photo that the earlier run read") as caught:
        predict(data, options(runs, json="val.json"))
    assert image.file_name in str(caught.value)


def test_a_dry_run_writes_nothing(data: Path, runs: Path) -> None:
    before = tree(data)
    predict(data, options(runs, json="val.json"), dry_run=True)
    assert tree(data) == before


def test_photos_of_many_kinds(data: Path, runs: Path) -> None:
    content = json.loads((data / "val.json").read_bytes())
    pixels = np.random.default_rng(0).integers(0, 256, (30, 50, 4), dtype=np.uint8)
    turned = Image.fromarray(pixels[..., :3])
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(pixels[..., 0]).save(data / "gray.png")
    Image.fromarray(pixels).save(data / "alpha.png")
    turned.save(data / "turned.jpg", exif=exif)
    content["images"] = [
        {"id": 1, "file_name": "gray.png", "width": 50, "height": 30},
        {"id": 2, "file_name": "alpha.png", "width": 50, "height": 30},
        {"id": 3, "file_name": "turned.jpg", "width": 30, "height": 50},
    ]
    (data / "odd.json").write_text(json.dumps({**content, "annotations": []}))
    predict(data, options(runs, json="odd.json"))
    shapes = {
        name: read_label_png(data / "predictions" / f"{name}.png").shape
        for name in ("gray", "alpha", "turned")
    }
    assert shapes == {"gray": (30, 50), "alpha": (30, 50), "turned": (50, 30)}


# --- what is refused ------------------------------------------------------------------------


def _truncate(data: Path) -> None:
    path = data / read_document(data / "val.json").images[-1].file_name
    path.write_bytes(path.read_bytes()[:-500])


def _remove(data: Path) -> None:
    (data / read_document(data / "val.json").images[-1].file_name).unlink()


def _rename_class(data: Path) -> None:
    content = json.loads((data / "val.json").read_bytes())
    content["categories"][0]["name"] = "Wood"
    (data / "val.json").write_text(json.dumps(content))


def _drop_photos(data: Path) -> None:
    content = json.loads((data / "val.json").read_bytes())
    (data / "val.json").write_text(json.dumps({**content, "images": [], "annotations": []}))


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (_truncate, "ends in its middle"),
        (_remove, "found no file"),
        (_rename_class, "'Wood' in val.json alone"),
        (_drop_photos, "expected photos to predict"),
    ],
)
def test_bad_input_is_named_before_the_first_prediction(
    spoil: Callable[[Path], None],
    found: str,
    data: Path,
    runs: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spoil(data)
    before = tree(data)
    monkeypatch.delattr(Ensemble, "predict")
    with pytest.raises(UserError, match=found):
        predict(data, options(runs, json="val.json"))
    assert tree(data) == before


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"weights": "1"}, "2 numbers"),
        ({"weights": "1,-1"}, "2 numbers"),
        ({"weights": "0,0"}, "2 numbers"),
        ({"weights": "1,nan"}, "2 numbers"),
        ({"weights": "best"}, "miou, equal, or"),
        ({"tta": "flips"}, "--tta: expected one of none, flip, d4, scales, found flips"),
        ({"ensemble": "mean"}, "--ensemble: expected one of soft, hard, found mean"),
    ],
)
def test_options_that_do_not_fit(
    changes: dict[str, str], found: str, data: Path, runs: Path
) -> None:
    with pytest.raises(UserError, match=found):
        predict(data, options(runs, "exp", "exp2", json="val.json", **changes))
    assert not (data / "predictions").exists()


def test_weights_by_miou_need_one(data: Path, runs: Path, tmp_path: Path) -> None:
    tiny_run(tmp_path / "new", data / "val.json", val_miou=None)
    models = (str(runs / "exp"), str(tmp_path / "new"))
    both = PredictOptions(models, device="cpu", json="val.json")
    with pytest.raises(UserError, match="a validation mIoU above 0 in model new"):
        predict(data, both)


def test_a_folder_that_is_not_ours_is_left_alone(data: Path, runs: Path) -> None:
    (data / "predictions").mkdir()
    (data / "predictions" / "mine.txt").write_text("keep")
    with pytest.raises(UserError, match=r"mine\.txt"):
        predict(data, options(runs, json="val.json"), overwrite=True)
    assert (data / "predictions" / "mine.txt").read_text() == "keep"


def test_on_the_command_line(data: Path, runs: Path, tmp_path: Path, run_cli: RunCli) -> None:
    done = run_cli("predict", "--data", data, "--json", "val.json")
    assert done.returncode == 2
    assert "train one with 'trashdata train'" in done.stderr
    shutil.copytree(runs, tmp_path / "runs")
    arguments = (
        "predict",
        "--data",
        data,
        "--json",
        "val.json",
        "--model",
        "exp",
        "--json-summary",
    )
    done = run_cli(
        *arguments, "--model", "exp2", "--ensemble", "hard", "--device", "cpu", "--quiet"
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    summary = json.loads(done.stdout)
    assert summary["counts"]["models"] == 2
    assert [entry["name"] for entry in summary["inputs"]] == ["val.json", "model exp", "model exp2"]
