"""What a model is shown: which photos, how often, with which labels, and the same every time."""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from helpers.coco import load
from trashdata.train.augmentations import LEVELS, MOSAIC, NAMES, parse_augment
from trashdata.train.data.augment import Augmenter
from trashdata.train.data.dataset import Photos, TrainingSet, ValidationSet
from trashdata.train.data.draws import Draw
from trashdata.train.data.loading import Data, Loading
from trashdata.train.data.mixture import Mixture
from trashdata.train.data.sampling import EvaluationSampler, Part
from trashdata.train.data.transport import collate
from trashdata.train.options import TrainOptions
from trashdata.train.reading.samples import Sample, objects_of
from trashdata.train.reading.sources import Sources, products_beside, read_sources

from trashdata.coco.document import Document
from trashdata.coco.read import read_document
from trashdata.console import Reporter
from trashdata.errors import UserError
from trashdata.inference.resolution import Resolution, fit_photo, prepare
from trashdata.paths import DataFolders

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def photos_of(document: Document, images: Path) -> Photos:
    return Photos([document], [Sample(0, image) for image in document.images], images, "auto")


def training_set(photos: Photos, augment: str = "none", size: int = 64) -> TrainingSet:
    return TrainingSet(photos, Resolution("resize", size), parse_augment(augment), MEAN, 42)


def example(photos: TrainingSet | ValidationSet, draw: Draw) -> tuple[Any, Any]:
    found = photos[draw]
    assert not isinstance(found, UserError), found
    return found[0], found[1]


def read(data: Path, **options: Any) -> Sources:
    return read_sources(DataFolders.of(data), TrainOptions(**options))


# --- files ----------------------------------------------------------------------------------


def test_a_photo_of_two_files_counts_once_with_the_weight_of_the_smaller(data: Path) -> None:
    content = load(data / "train.json")
    first = content["images"][0]
    shutil.copy(data / first["file_name"], data / "new.jpg")
    content["images"].append({**first, "id": 10_000, "file_name": "new.jpg"})
    (data / "more.json").write_text(json.dumps(content), encoding="utf-8")
    alone = read(data)
    both, reverse = (
        read(data, train=files)
        for files in (("train.json", "more.json:0.5"), ("more.json:0.5", "train.json"))
    )
    assert len(both.samples) == len(alone.samples) + 1
    assert both.samples == reverse.samples
    weights = {sample.image.file_name: sample.weight for sample in both.samples}
    assert weights.pop("new.jpg") == 0.5
    assert set(weights.values()) == {1.0}
    fewer = read(data, train=("train.json:0.25", "more.json"))
    assert [sample.weight for sample in fewer.samples].count(0.25) == len(alone.samples)


def test_other_labels_of_a_photo_in_a_second_file_are_told(data: Path) -> None:
    content = load(data / "train.json")
    name = content["images"][0]["file_name"]
    of_first = [a for a in content["annotations"] if a["image_id"] == content["images"][0]["id"]]
    content["annotations"].append({**of_first[0], "id": 99_999, "bbox": [0, 0, 9, 9], "area": 81,
                                   "segmentation": [[0, 0, 9, 0, 9, 9, 0, 9]]})  # fmt: skip
    (data / "more.json").write_text(json.dumps(content), encoding="utf-8")
    found = []
    for files in (("train.json", "more.json"), ("more.json", "train.json")):
        reporter = Reporter()
        sources = read_sources(DataFolders.of(data), TrainOptions(train=files), reporter)
        (warning,) = reporter.warnings
        assert name in warning
        assert "those of more.json are used" in warning
        found.append(sources)
    assert found[0].samples == found[1].samples
    objects = objects_of(found[0].samples, found[0].documents)
    assert objects.sum() == len(load(data / "train.json")["annotations"]) + 1


def test_the_same_labels_in_other_words_are_no_other_labels(data: Path) -> None:
    content = load(data / "train.json")
    for item in content["annotations"]:
        item["id"] += 5000
        item["area"] = None
        if isinstance(item["segmentation"], list):
            item["segmentation"] = [[float(x) for x in part] for part in item["segmentation"]]
    (data / "more.json").write_text(json.dumps(content), encoding="utf-8")
    reporter = Reporter()
    options = TrainOptions(train=("train.json", "more.json"))
    sources = read_sources(DataFolders.of(data), options, reporter)
    assert reporter.warnings == []
    assert {sample.source for sample in sources.samples} == {0}


def test_fold_takes_the_folds_files_and_its_copy_paste_file(data: Path) -> None:
    shutil.copy(data / "train.json", data / "kfold_1_train.json")
    shutil.copy(data / "val.json", data / "kfold_1_val.json")
    found = read(data, fold=1)
    assert [source.document.name for source in found.train] == ["kfold_1_train.json"]
    assert found.val.name == "kfold_1_val.json"
    shutil.copy(data / "train.json", data / "copy_paste_1.json")
    found = read(data, fold=1)
    names = [source.document.name for source in found.train]
    assert names == ["copy_paste_1.json", "kfold_1_train.json"]


def test_newer_products_are_named(data: Path) -> None:
    folders = DataFolders.of(data)
    assert products_beside(folders, TrainOptions()) == []
    for name in ("copy_paste.json", "pseudo.json", "pseudo_merged.json", "kfold_0_train.json"):
        (data / name).write_text("{}", encoding="utf-8")
    notes = " ".join(products_beside(folders, TrainOptions()))
    for wanted in ("--train copy_paste.json", "--train pseudo_merged.json", "--fold 0"):
        assert wanted in notes


# --- draws ----------------------------------------------------------------------------------


def test_validation_is_filled_up_with_photos_that_do_not_count(data: Path) -> None:
    draws = [list(EvaluationSampler(5, Part(rank, 2))) for rank in (0, 1)]
    assert [len(part) for part in draws] == [3, 3]
    counted = [draw.sample for part in draws for draw in part if not draw.filler]
    assert sorted(counted) == [0, 1, 2, 3, 4]
    document = read_document(data / "val.json")
    found = ValidationSet(photos_of(document, data))[Draw(0, 0, filler=True)]
    assert not isinstance(found, UserError)
    assert (found[1] == 255).all()
    assert found[2] == -1


# --- photos and labels ----------------------------------------------------------------------


def test_photos_are_what_prediction_sees(data: Path) -> None:
    from trashdata.train.fitting.module import normalised

    document = read_document(data / "train.json")
    for size in (64, 128):
        photos = training_set(photos_of(document, data), size=size)
        pixels, _ = example(photos, Draw(3, 0))
        ours = normalised(torch.from_numpy(pixels)[None], MEAN, STD)[0].numpy()
        own, _ = photos.photos.read(3)
        expected = prepare(own, Resolution("resize", size), MEAN, STD)
        assert ours == pytest.approx(expected, abs=1e-5)


def test_padding_and_ignore_are_255(data: Path) -> None:
    content = load(data / "train.json")
    image = content["images"][0]
    tall = cv2.imread(str(data / image["file_name"]))[:, :48]
    cv2.imwrite(str(data / "tall.png"), tall)
    image |= {"file_name": "tall.png", "width": 48, "trashdata": {"valid_box": [4, 0, 44, 96]}}
    content["images"] = [image]
    content["categories"].append({"id": 99, "name": "ignore", "supercategory": "void"})
    content["info"] = {"trashdata": {"ignore_category_ids": [99]}}
    square = [10, 10, 20, 10, 20, 20, 10, 20]
    content["annotations"] = [
        {"id": k, "image_id": image["id"], "category_id": c, "segmentation": [square], "area": 100}
        for k, c in ((1, 1), (2, 99))
    ]
    (data / "odd.json").write_text(json.dumps(content), encoding="utf-8")
    photos = training_set(photos_of(read_document(data / "odd.json"), data), size=96)
    pixels, labels = example(photos, Draw(0, 0))
    assert pixels.shape == (96, 96, 3)
    assert (labels[:, 48:] == 255).all()
    assert (labels[:, :4] == 255).all()
    assert (labels[10:20, 10:20] == 255).all()
    assert (labels[30:, 4:48] == 0).all()
    assert np.array_equal(pixels[:, :48], tall[..., ::-1])


def test_exif_turned_photos_lie_under_their_labels(data: Path) -> None:
    from PIL import Image

    content = load(data / "train.json")
    image = content["images"][0]
    with Image.open(data / image["file_name"]) as photo:
        upright = photo.convert("RGB").crop((0, 0, 96, 64))
        exif = Image.Exif()
        exif[0x0112] = 6
        turned = upright.transpose(Image.Transpose.ROTATE_90)
        turned.save(data / "turned.jpg", exif=exif, quality=100, subsampling=0)
    image |= {"file_name": "turned.jpg", "height": 64}
    content["images"], content["annotations"] = [image], []
    (data / "turned.json").write_text(json.dumps(content), encoding="utf-8")
    photos = photos_of(read_document(data / "turned.json"), data)
    pixels, labels = photos.read(0)
    assert pixels.shape[:2] == labels.shape == (64, 96)
    assert np.abs(pixels.astype(int) - np.asarray(upright, dtype=int)).mean() < 4


def test_a_photo_that_breaks_comes_as_an_error(data: Path) -> None:
    document = read_document(data / "train.json")
    (data / document.images[0].file_name).write_bytes(b"no photo")
    found = training_set(photos_of(document, data))[Draw(0, 0)]
    assert isinstance(found, UserError)
    assert document.images[0].file_name in str(found)


@pytest.mark.parametrize("name", [*NAMES, *LEVELS])
def test_augmentations_keep_size_and_classes(name: str, data: Path) -> None:
    photos = training_set(photos_of(read_document(data / "train.json"), data), name)
    for number in range(4):
        pixels, labels = example(photos, Draw(number, number))
        assert pixels.shape == (64, 64, 3)
        assert pixels.dtype == labels.dtype == np.uint8
        assert labels.shape == (64, 64)
        assert set(np.unique(labels)) <= {*range(11), 255}


def test_augmentations_change_photos_and_geometry_moves_labels_along() -> None:
    """A photo that is its own label map stays that under every change of geometry."""
    rows = np.repeat(np.arange(8, dtype=np.uint8), 8)
    labels = np.ascontiguousarray(np.broadcast_to(rows[:, None], (64, 64)))
    photo = np.ascontiguousarray(np.broadcast_to((labels * 30)[..., None], (64, 64, 3)))
    for name in ("flip", "vertical-flip", "rotate", "perspective", "random-sized-crop"):
        augmenter = Augmenter([name], 64, (0, 0, 0))
        cropped = partial(augmenter.crop, shape=(64, 64))
        augment = cropped if name == "random-sized-crop" else augmenter
        done = [augment(photo, labels, seed=seed) for seed in range(12)]
        for pixels, found in done:
            inside = found != 255
            off = np.abs(pixels[..., 0].astype(int) - 30 * found.astype(int))
            assert np.median(off[inside]) <= 4, name
        moved = [not np.array_equal(found, labels) for _, found in done]
        assert any(moved) or name == "flip", name
    for name in ("brightness-contrast", "to-gray", "gauss-noise", "motion-blur", "cutout"):
        augmenter = Augmenter([name], 64, (1, 2, 3))
        colours = np.random.default_rng(3).integers(0, 255, (64, 64, 3), dtype=np.uint8)
        done = [augmenter(colours, labels, seed) for seed in range(40)]
        assert all(np.array_equal(found, labels) for _, found in done)
        assert any(not np.array_equal(pixels, colours) for pixels, _ in done), name


def test_a_crop_keeps_the_detail_of_a_photo_that_is_larger_than_the_models() -> None:
    stripes = np.repeat(np.array([0, 255], np.uint8), 4)
    photo = np.broadcast_to(np.tile(stripes, 32)[None, :, None], (256, 256, 3)).copy()
    labels = np.zeros((256, 256), np.uint8)
    augmenter = Augmenter(["random-sized-crop"], 64, (0, 0, 0))
    contrasts = [augmenter.crop(photo, labels, (64, 64), seed)[0].std() for seed in range(20)]
    # As a whole it has a pixel for each stripe; a stripe of a part has more than one.
    fitted = fit_photo(photo, Resolution("resize", 64)).std()
    assert max(contrasts) > 0.9 * fitted
    assert {augmenter.crop(photo, labels, (64, 64), seed)[0].shape for seed in range(20)} == {
        (64, 64, 3),
        (256, 256, 3),
    }


def test_a_crop_has_the_shape_of_a_wide_photo() -> None:
    photo, labels = np.zeros((90, 160, 3), np.uint8), np.zeros((90, 160), np.uint8)
    augmenter = Augmenter(["random-sized-crop"], 64, (0, 0, 0))
    cropped = [augmenter.crop(photo, labels, (36, 64), seed)[1].shape for seed in range(20)]
    assert set(cropped) == {(36, 64), (90, 160)}


def test_a_batch_is_as_large_as_its_largest_photo() -> None:
    wide = np.full((32, 64, 3), 7, np.uint8), np.full((32, 64), 1, np.uint8), 3
    tall = np.full((64, 32, 3), 8, np.uint8), np.full((64, 32), 2, np.uint8), 4
    photos, labels, indices = collate([wide, tall], fill=(9, 9, 9))
    assert photos.shape == (2, 64, 64, 3)
    assert [np.unique(part).tolist() for part in (labels[0, :32], labels[0, 32:])] == [[1], [255]]
    assert photos[1, :, 32:].unique().tolist() == [9]
    assert indices.tolist() == [3, 4]
    photos, _, _ = collate([wide, wide], fill=(9, 9, 9))
    assert photos.shape == (2, 32, 64, 3)


def test_mosaic_joins_photos_with_their_labels() -> None:
    items = [
        (np.full((64, 64, 3), 50 * k, np.uint8), np.full((64, 64), k, np.uint8))
        for k in range(1, 5)
    ]
    pixels, labels = Augmenter([MOSAIC], 64, (0, 0, 0)).mosaic(items, seed=5)
    assert len(np.unique(labels)) >= 2
    assert np.array_equal(pixels[..., 0], 50 * labels)


def test_mistyped_augmentation_is_told_the_nearest() -> None:
    with pytest.raises(UserError, match="did you mean 'cutout'"):
        parse_augment("flip,cutuot")


@pytest.mark.parametrize("mode", ["resize", "windows"])
def test_batches_depend_on_the_seed_alone(mode: Any, data: Path) -> None:
    document = read_document(data / "train.json")

    def batches(workers: int, seed: int = 42) -> list[torch.Tensor]:
        photos = photos_of(document, data)
        loading = Loading(
            resolution=Resolution(mode, 64),
            augment=parse_augment("strong"),
            mean=MEAN,
            batch_size=4,
            epochs=1,
            steps=None,
            workers=workers,
            seed=seed,
        )
        nothing = np.zeros((len(photos.samples), 2), dtype=np.int64)
        mixture = Mixture(photos.samples, nothing, nothing, seed=seed)
        loader = Data(photos, photos, mixture, loading).train_dataloader()
        loader.sampler.set_epoch(2)  # type: ignore[attr-defined]
        return [part for batch in loader for part in batch]

    alone = batches(0)
    assert len(alone) == 3 * (len(document.images) // 4)
    assert all(torch.equal(*pair) for pair in zip(alone, batches(2), strict=True))
    assert not torch.equal(alone[0], batches(0, seed=43)[0])
