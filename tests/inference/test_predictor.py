"""Test-time augmentation, ensembles, windows and sharding, each against a slow reference."""

from __future__ import annotations

import json
import multiprocessing
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import msgspec
import numpy as np
import pytest
from helpers.models import MEAN, STD, tiny_card, tiny_run
from numpy.typing import NDArray
from PIL import Image

from trashdata.coco.read import read_document
from trashdata.inference import combine, predictor
from trashdata.inference.choices import Tta
from trashdata.inference.confusion import confusion
from trashdata.inference.predictor import (
    Ensemble,
    evaluate_model,
    photos_ahead,
    probabilities,
    to_rgb,
)
from trashdata.inference.resolution import Resolution, window_starts, window_weight
from trashdata.inference.saved import LoadedModel
from trashdata.inference.views import SCALES, View, views
from trashdata.masks.labelmap import label_map
from trashdata.paths import DataFolders

torch = pytest.importorskip("torch")

Photo = NDArray[np.uint8]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def unet(sample_set: Path, runs: Path) -> LoadedModel:
    return tiny_run(runs / "unet", sample_set / "val.json", seed=1)


@pytest.fixture(scope="module")
def fpn(sample_set: Path, runs: Path) -> LoadedModel:
    """Another architecture at another size, which makes photos larger."""
    changes = {"arch": "FPN", "resolution": Resolution("resize", 128), "val_miou": 0.25}
    return tiny_run(runs / "fpn", sample_set / "val.json", seed=2, **changes)


@pytest.fixture(scope="module")
def windows(sample_set: Path, runs: Path) -> LoadedModel:
    changes = {"arch": "Linknet", "resolution": Resolution("windows", 64, 0.5)}
    return tiny_run(runs / "windows", sample_set / "val.json", seed=3, **changes)


def picture(height: int = 100, width: int = 72, seed: int = 0) -> Photo:
    """A photo of soft colours."""
    coarse = np.random.default_rng(seed).integers(0, 256, (9, 7, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC))


# --- slow references ------------------------------------------------------------------------


def slow_view(model: LoadedModel, photo: Photo, view: View) -> Any:
    """Probabilities (channels, H, W) of one view of a model that resizes, by torch alone."""
    height, width = photo.shape[:2]
    size = round(model.card.resolution.size * view.scale / 32) * 32
    scale = size / max(height, width)
    small = (round(height * scale), round(width * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    pixels = cv2.resize(photo, small[::-1], interpolation=how) / 255.0
    padded = np.zeros((size, size, 3))
    padded[: small[0], : small[1]] = (pixels - MEAN) / STD
    if view.flip:
        padded = padded[:, ::-1]
    turned = np.rot90(padded, view.quarters).transpose(2, 0, 1).astype(np.float32)
    with torch.no_grad():
        logits = model.module(torch.from_numpy(turned.copy())[None])[0].numpy()
    back = np.rot90(logits, -view.quarters, axes=(1, 2))
    if view.flip:
        back = back[:, :, ::-1]
    inside = torch.from_numpy(back[:, : small[0], : small[1]].copy())[None]
    full = torch.nn.functional.interpolate(inside, (height, width), mode="bilinear")
    return full[0].softmax(dim=0).numpy()


def slow_model(model: LoadedModel, photo: Photo, tta: Tta) -> NDArray[np.float64]:
    seen = {
        "none": [View()],
        "flip": [View(), View(flip=True)],
        "d4": [View(flip, quarters) for flip in (True, False) for quarters in (0, 1, 2, 3)],
        "scales": [View(flip, 0, scale) for flip in (True, False) for scale in SCALES],
    }[tta]
    mean: NDArray[np.float64] = np.mean([slow_view(model, photo, v) for v in seen], axis=0)
    return mean


@pytest.mark.parametrize("tta", ["none", "flip", "d4", "scales"])
def test_tta_is_the_mean_over_views(unet: LoadedModel, tta: Tta) -> None:
    photo = picture()
    kept = photo.copy()
    found = probabilities([unet], photo, tta)
    assert (found.shape, found.dtype) == ((11, 100, 72), np.float32)
    assert np.allclose(found, slow_model(unet, photo, tta), atol=2e-5)
    assert np.allclose(found.sum(axis=0), 1, atol=1e-5)
    assert np.array_equal(photo, kept)


def test_tta_changes_what_is_found(unet: LoadedModel) -> None:
    usual = probabilities([unet], picture())
    for tta in ("flip", "d4", "scales"):
        assert np.abs(probabilities([unet], picture(), tta) - usual).max() > 1e-3  # type: ignore[arg-type]


def test_soft_voting_across_architectures_and_sizes(unet: LoadedModel, fpn: LoadedModel) -> None:
    photo = picture()
    found = probabilities([unet, fpn], photo, "flip", [3, 1])
    slow = 0.75 * slow_model(unet, photo, "flip") + 0.25 * slow_model(fpn, photo, "flip")
    assert np.allclose(found, slow, atol=2e-5)


@pytest.mark.parametrize("weights", [(1.0, 1.0, 1.0), (0.5, 0.25, 0.1), (0.2, 0.2, 0.4)])
def test_hard_voting_counts_votes_and_breaks_ties_by_probability(
    unet: LoadedModel, fpn: LoadedModel, windows: LoadedModel, weights: Sequence[float]
) -> None:
    photo = picture(96, 96)
    members = [unet, fpn, windows]
    found = Ensemble(members, weights, "none", "hard").predict(photo).labels
    soft = [probabilities([model], photo).astype(np.float64) for model in members]
    mean = np.average(soft, axis=0, weights=weights)
    ties = 0
    for row, column in np.ndindex(found.shape):
        votes = np.zeros(11)
        for part, weight in zip(soft, weights, strict=True):
            votes[part[:, row, column].argmax()] += weight / sum(weights)
        best = np.flatnonzero(votes > votes.max() - 1e-9)
        ties += len(best) > 1
        assert found[row, column] == max(best, key=lambda k: mean[k, row, column])
    assert ties > 0 or weights[0] == 0.5


def test_shares_of_votes_add_up_to_one(unet: LoadedModel, fpn: LoadedModel) -> None:
    found = probabilities([unet, fpn], picture(), voting="hard")
    assert np.allclose(found.sum(axis=0), 1, atol=1e-5)
    assert set(np.round(found, 3).ravel().tolist()) <= {0.0, 0.5, 1.0}


def test_strips_do_not_change_the_answer(
    unet: LoadedModel, fpn: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    ensemble = Ensemble([unet, fpn], (1, 2), "flip")
    whole, labels = ensemble.probabilities(picture()), ensemble.predict(picture())
    monkeypatch.setattr(combine, "_STRIP", 11 * 72 * 7)
    assert len(list(ensemble.strips(picture()))) == 15
    # Where vector instructions end within a strip, the last bit may differ.
    assert ensemble.probabilities(picture()) == pytest.approx(whole, abs=1e-6)
    again = ensemble.predict(picture())
    second, first = np.sort(whole, axis=0)[-2:]
    clear = first - second > 1e-5
    assert clear.mean() > 0.99
    assert np.array_equal(again.labels[clear], labels.labels[clear])
    assert np.array_equal(labels.labels[clear], whole.argmax(axis=0)[clear])
    assert again.confidence == pytest.approx(first, abs=1e-6)


@pytest.mark.parametrize("shape", [(130, 90), (40, 64), (64, 64), (30, 20)])
def test_windows_are_averaged_with_their_weights(
    windows: LoadedModel, shape: tuple[int, int]
) -> None:
    photo = picture(*shape)
    height, width = max(64, shape[0]), max(64, shape[1])
    planes = np.zeros((3, height, width), dtype=np.float32)
    planes[:, : shape[0], : shape[1]] = ((photo / 255.0 - MEAN) / STD).transpose(2, 0, 1)
    total, weights = np.zeros((11, height, width)), np.zeros((height, width))
    for y in window_starts(height, 64, 0.5):
        for x in window_starts(width, 64, 0.5):
            tile = planes[:, y : y + 64, x : x + 64].copy()
            with torch.no_grad():
                logits = windows.module(torch.from_numpy(tile)[None])[0].numpy()
            total[:, y : y + 64, x : x + 64] += logits * window_weight(64)
            weights[y : y + 64, x : x + 64] += window_weight(64)
    slow = torch.from_numpy((total / weights)[:, : shape[0], : shape[1]]).softmax(dim=0)
    assert np.allclose(probabilities([windows], photo), slow, atol=2e-5)


@pytest.mark.parametrize("tta", ["flip", "d4", "scales"])
def test_windows_with_tta(windows: LoadedModel, tta: Tta) -> None:
    photo = picture(80, 110)
    found = probabilities([windows], photo, tta)
    assert found.shape == (11, 80, 110)
    if tta != "scales":
        slow = np.zeros_like(found)
        for view in views(tta):
            seen = np.ascontiguousarray(
                np.rot90(photo[:, ::-1] if view.flip else photo, view.quarters)
            )
            one = np.rot90(probabilities([windows], seen), -view.quarters, axes=(1, 2))
            slow += (one[:, :, ::-1] if view.flip else one) / len(views(tta))
        assert np.allclose(found, slow, atol=2e-5)


class _Pointwise:
    """A model that looks at each pixel alone, so that no view changes what it says."""

    def __init__(self, channels: int) -> None:
        generator = torch.Generator().manual_seed(0)
        self.weights = torch.randn(channels, 3, 1, 1, generator=generator)

    def __call__(self, photos: Any) -> Any:
        return torch.nn.functional.conv2d(photos, self.weights)

    def parameters(self) -> Any:
        return iter([self.weights])


@pytest.mark.parametrize("mode", ["resize", "windows"])
@pytest.mark.parametrize("tta", ["flip", "d4"])
def test_every_view_is_put_back_in_its_place(mode: Any, tta: Tta) -> None:
    card = tiny_card(((1, "Paper"), (2, "Battery")), resolution=Resolution(mode, 96))
    model = LoadedModel(_Pointwise(3), card, Path(), "", "pointwise")
    photo = picture(96, 80)
    assert np.allclose(probabilities([model], photo, tta), probabilities([model], photo), atol=1e-5)


# --- scoring --------------------------------------------------------------------------------


def slow_matrix(model: LoadedModel, data: Path, name: str) -> NDArray[np.int64]:
    document = read_document(data / name)
    total = np.zeros((11, 11), dtype=np.int64)
    for image in document.images:
        photo = np.asarray(Image.open(data / image.file_name).convert("RGB"))
        labels = slow_model(model, photo, "none").argmax(axis=0).astype(np.uint8)
        total += confusion(label_map(document, image), labels, 11)
    return total


def test_photos_are_scored_at_their_own_size(unet: LoadedModel, sample_set: Path) -> None:
    document = read_document(sample_set / "val.json")
    matrix = evaluate_model(unet, document, DataFolders.of(sample_set))
    assert matrix.sum() == sum(image.width * image.height for image in document.images)
    slow = slow_matrix(unet, sample_set, "val.json")
    # Pillow and OpenCV may decode a JPEG a level apart, and a close call may then turn.
    assert np.abs(matrix - slow).sum() <= 0.01 * matrix.sum()


def test_a_repeated_image_counts_once(unet: LoadedModel, sample_set: Path, tmp_path: Path) -> None:
    content = json.loads((sample_set / "val.json").read_bytes())
    first = content["images"][0]
    content["images"].append({**first, "id": 9999, "trashdata": {"repeat_of": first["id"]}})
    (tmp_path / "twice.json").write_text(json.dumps(content))
    folders = DataFolders.of(sample_set)
    once = evaluate_model(unet, read_document(sample_set / "val.json"), folders)
    twice = evaluate_model(unet, read_document(tmp_path / "twice.json"), folders)
    assert np.array_equal(once, twice)


def test_padding_and_ignore_regions_are_not_counted(
    unet: LoadedModel, sample_set: Path, tmp_path: Path
) -> None:
    content = json.loads((sample_set / "val.json").read_bytes())
    content["images"][0]["trashdata"] = {"valid_box": [10, 0, 80, 96]}
    ignored = {"id": 99999, "image_id": content["images"][1]["id"], "category_id": 77}
    ignored |= {"segmentation": [[0, 0, 20, 0, 20, 30, 0, 30]], "area": 600, "iscrowd": 0}
    content["annotations"].append(ignored)
    content["categories"].append({"id": 77, "name": "ignore", "supercategory": "void"})
    content.setdefault("info", {})["trashdata"] = {"ignore_category_ids": [77]}
    (tmp_path / "ignore.json").write_text(json.dumps(content))
    document = read_document(tmp_path / "ignore.json")
    matrix = evaluate_model(unet, document, DataFolders.of(sample_set))
    pixels = sum(image.width * image.height for image in document.images)
    assert matrix.sum() == pixels - 16 * 96 - 20 * 30


def _evaluate_in_group(rank: int, address: str, data: str, run: str, name: str, out: str) -> None:
    from trashdata.inference.saved import load_model

    torch.set_num_threads(1)
    store = f"file://{address}"
    torch.distributed.init_process_group("gloo", init_method=store, rank=rank, world_size=2)
    document = read_document(Path(data) / name)
    matrix = evaluate_model(load_model(run), document, DataFolders.of(data))
    np.save(f"{out}/{rank}.npy", matrix)
    torch.distributed.destroy_process_group()


@pytest.mark.slow
def test_two_processes_count_what_one_does(
    unet: LoadedModel, sample_set: Path, tmp_path: Path
) -> None:
    content = json.loads((sample_set / "train.json").read_bytes())
    content["images"] = content["images"][:5]
    kept = {image["id"] for image in content["images"]}
    content["annotations"] = [a for a in content["annotations"] if a["image_id"] in kept]
    (tmp_path / "odd.json").write_text(json.dumps(content))
    shutil.copytree(sample_set, tmp_path / "data")
    shutil.copy(tmp_path / "odd.json", tmp_path / "data")
    context = multiprocessing.get_context("spawn")
    arguments = (str(tmp_path / "store"), str(tmp_path / "data"), str(unet.path), "odd.json")
    group = [
        context.Process(target=_evaluate_in_group, args=(rank, *arguments, str(tmp_path)))
        for rank in (0, 1)
    ]
    for process in group:
        process.start()
    for process in group:
        process.join(120)
        assert process.exitcode == 0
    document = read_document(tmp_path / "data" / "odd.json")
    alone = evaluate_model(unet, document, DataFolders.of(tmp_path / "data"))
    for rank in (0, 1):
        assert np.array_equal(np.load(tmp_path / f"{rank}.npy"), alone)


def test_gray_photos_and_photos_with_alpha(unet: LoadedModel, tmp_path: Path) -> None:
    gray = np.random.default_rng(0).integers(0, 256, (40, 50), dtype=np.uint8)
    alpha = np.dstack([gray, gray, gray, np.full_like(gray, 90)])
    Image.fromarray(gray).save(tmp_path / "gray.png")
    Image.fromarray(alpha).save(tmp_path / "alpha.png")
    Image.fromarray(np.dstack([gray] * 3)).save(tmp_path / "rgb.png")
    images = [
        {"id": k, "file_name": f"{name}.png", "width": 50, "height": 40}
        for k, name in enumerate(("gray", "alpha", "rgb"))
    ]
    (tmp_path / "set.json").write_text(
        json.dumps({"images": images, "annotations": [], "categories": []})
    )
    document = read_document(tmp_path / "set.json")
    found = [
        Ensemble([unet]).predict(to_rgb(photo)).labels
        for _, photo in photos_ahead(document.images, DataFolders.of(tmp_path))
    ]
    assert found[0].shape == (40, 50)
    assert np.array_equal(found[0], found[1])
    assert np.array_equal(found[0], found[2])


def test_a_colour_photo_is_read_as_rgb(tmp_path: Path) -> None:
    pixels = picture(48, 48)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    content = {"images": [{"id": 1, "file_name": "a.png", "width": 48, "height": 48}]}
    (tmp_path / "set.json").write_text(json.dumps({**content, "annotations": [], "categories": []}))
    document = read_document(tmp_path / "set.json")
    ((_, photo),) = photos_ahead(document.images, DataFolders.of(tmp_path))
    assert np.array_equal(to_rgb(photo), pixels)


def test_few_photos_are_in_memory_however_many_there_are(
    sample_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import weakref

    document = read_document(sample_set / "train_all.json")
    alive, most = 0, 0
    read = predictor.read_photo

    def gone() -> None:
        nonlocal alive
        alive -= 1

    def counted(*arguments: Any) -> Any:
        nonlocal alive, most
        photo = read(*arguments)
        weakref.finalize(photo.pixels, gone)
        alive += 1
        most = max(most, alive)
        return photo

    monkeypatch.setattr(predictor, "read_photo", counted)
    names = [
        image.file_name for image, _ in photos_ahead(document.images, DataFolders.of(sample_set))
    ]
    assert names == [image.file_name for image in document.images]
    assert len(names) > 15
    assert most <= 6


def test_a_card_survives_being_written(unet: LoadedModel) -> None:
    again = msgspec.json.decode(msgspec.json.encode(unet.card), type=type(unet.card))
    assert again == unet.card
