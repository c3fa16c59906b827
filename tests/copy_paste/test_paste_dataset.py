"""`PasteDataset` makes what ``copy-paste`` writes, in any process and in any order."""

from __future__ import annotations

import json
import multiprocessing
import pickle
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from helpers.coco import load, load_coco, new_images, rewrite
from torch.utils.data import DataLoader
from trashdata.copy_paste import CopyPasteOptions, PasteDataset, PastedPhoto, copy_paste
from trashdata.copy_paste.rendering.render import PixelCache
from trashdata.splitting import KfoldOptions, write_kfold

from trashdata.console import Reporter
from trashdata.errors import UserError
from trashdata.mask_codec.png import read_label_png
from trashdata.photos import encode_jpeg

PASTE = CopyPasteOptions(num=12, min_area=20, patch=("Paper",))

VARIANTS: dict[str, dict[str, Any]] = {
    "defaults": {"patch": ()},
    "turned, poisson": {"rotate": 40.0, "vflip": 0.5, "blend": "poisson"},
    "without a blend": {"blend": "none", "place": "row"},
    "by context": {"place": "context", "max_objects": 4},
    "smaller": {"size": 61},
    "larger and padded": {"size": 150, "background_lsj_min": 0.4, "background_lsj_max": 0.9},
    "donors of another file": {"donors": "val.json", "max_objects": 5},
    "whole photos": {"extract_patch": False, "lsj_max": 1.0},
    "files do nothing here": {"segmentation": "rle", "mode": "self", "quality": 60, "out": "x"},
}


def same(one: PastedPhoto, other: PastedPhoto) -> bool:
    """Whether two photos and their labels are equal in every pixel."""
    pairs = zip(
        (one.photo, one.labels, one.instances.map),
        (other.photo, other.labels, other.instances.map),
        strict=True,
    )
    equal = all(a.dtype == b.dtype and np.array_equal(a, b) for a, b in pairs)
    return equal and one.instances.objects == other.instances.objects


def jpeg(photo: PastedPhoto, quality: int) -> bytes:
    return encode_jpeg(np.ascontiguousarray(photo.photo[:, :, ::-1]), quality)


def identity(item: PastedPhoto) -> PastedPhoto:
    """Instead of a batch."""
    return item


def check_instances(made: PastedPhoto, annotations: list[dict[str, Any]], coco: Any) -> None:
    """Instances are the annotations that ``copy-paste`` writes, in their order."""
    found = made.instances
    assert len(found) == len(annotations) > 0
    boxes = np.array([annotation["bbox"] for annotation in annotations], dtype=np.float32)
    boxes[:, 2:] += boxes[:, :2]
    assert found.boxes.dtype == np.float32
    assert np.array_equal(found.boxes, boxes)
    assert found.areas.tolist() == [annotation["area"] for annotation in annotations]
    ids = sorted(coco.getCatIds())
    classes = [1 + ids.index(annotation["category_id"]) for annotation in annotations]
    assert (found.classes.dtype, found.classes.tolist()) == (np.int64, classes)
    assert found.crowds.tolist() == [bool(annotation["iscrowd"]) for annotation in annotations]
    assert found.masks.dtype == np.uint8
    expected = np.stack([coco.annToMask(annotation) for annotation in annotations])
    assert np.array_equal(found.masks, expected)


def check_equal(dataset: PasteDataset, data: Path, images: Path | None = None) -> None:
    """What a dataset makes is what ``copy-paste`` has written with its options."""
    options = dataset.options
    coco = load_coco(data / f"{options.out}.json")
    written = new_images(load(data / f"{options.out}.json"))
    assert len(dataset) == len(written) > 0
    for number, (made, image) in enumerate(zip(dataset, written, strict=True)):
        assert made.photo.shape == (image["height"], image["width"], 3)
        assert jpeg(made, options.quality) == ((images or data) / image["file_name"]).read_bytes()
        mask = read_label_png(data / options.out / "masks" / f"{number:06}.png")
        assert made.labels.dtype == np.uint8
        assert np.array_equal(made.labels, mask)
        check_instances(made, coco.imgToAnns[image["id"]], coco)


@pytest.mark.parametrize("name", VARIANTS)
def test_photos_labels_and_instances_are_those_of_copy_paste(name: str, data: Path) -> None:
    options = replace(PASTE, **VARIANTS[name])
    dataset = PasteDataset(data, options)
    copy_paste(data, options)
    check_equal(dataset, data)


def test_on_coco_mini_with_crowds_and_all_sizes(shared_data: Path, tmp_path: Path) -> None:
    data = Path(shutil.copytree(shared_data / "coco-mini", tmp_path / "data"))
    options = CopyPasteOptions(
        json="instances_val2017.json",
        patch=("donut", "book", "person"),
        num=20,
        background_lsj_min=0.6,
        rotate=20,
    )
    dataset = PasteDataset(data, options, images=data / "val2017")
    copy_paste(data, options, images=data / "val2017")
    check_equal(dataset, data, data / "val2017")
    assert any(made.instances.crowds.any() for made in dataset)


def test_sources_are_those_that_copy_paste_notes(data: Path) -> None:
    options = replace(PASTE, donors="val.json", max_objects=5)
    dataset = PasteDataset(data, options)
    copy_paste(data, options)
    coco = load_coco(data / "copy_paste.json")
    assert [document.name for document in dataset.documents] == ["train.json", "val.json"]
    assert dataset.roots == (data, data)
    for number, image in enumerate(new_images(load(data / "copy_paste.json"))):
        background, donors = dataset.sources(number)
        assert background.image.id == image["trashdata"]["background_image_id"]
        assert (background.document, background in dataset.backgrounds) == (0, True)
        noted = [a["trashdata"] for a in coco.imgToAnns[image["id"]] if "trashdata" in a]
        assert {one["donor_image_id"] for one in noted} <= {donor.image.id for donor in donors}
        assert all(d.document == 1 and d in dataset.donor_photos for d in donors)
        assert all(photo.path.is_file() for photo in (background, *donors))


def test_sources_read_no_photo(data: Path) -> None:
    dataset = PasteDataset(data, PASTE)
    for photo in data.rglob("*.jpg"):
        photo.unlink()
    assert dataset.sources(3).donors


@pytest.mark.filterwarnings("ignore:This DataLoader will create 4 worker processes")
@pytest.mark.parametrize("workers", [0, 1, 4])
def test_number_of_workers_changes_nothing(workers: int, data: Path) -> None:
    dataset = PasteDataset(data, PASTE)
    alone = list(PasteDataset(data, PASTE))
    loader = DataLoader(
        dataset,
        batch_size=None,
        collate_fn=identity,
        num_workers=workers,
        multiprocessing_context="fork" if workers else None,
    )
    made = list(loader)
    assert len(made) == 12
    assert all(same(one, other) for one, other in zip(made, alone, strict=True))


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_other_kinds_of_processes(method: str, data: Path) -> None:
    dataset = PasteDataset(data, PASTE)
    with multiprocessing.get_context(method).Pool(1) as pool:
        made = pool.map(dataset.__getitem__, [5, 3])
        threads = pool.apply(cv2.getNumThreads)
    assert same(made[0], dataset[5])
    assert same(made[1], dataset[3])
    assert threads == 1


def test_pickled_without_its_caches(data: Path) -> None:
    dataset = PasteDataset(data, PASTE)
    before = len(pickle.dumps(dataset))
    first = dataset[0]
    content = pickle.dumps(dataset)
    assert len(content) <= before + 100
    copy = pickle.loads(content)
    assert same(copy[0], first)
    assert copy.sources(0) == dataset.sources(0)
    assert (copy.backgrounds, copy.roots) == (dataset.backgrounds, dataset.roots)


def test_documents_of_a_copy_are_read_again(data: Path) -> None:
    options = replace(PASTE, donors="train.json")
    dataset = PasteDataset(data, options)
    copy, late = (pickle.loads(pickle.dumps(dataset)) for _ in range(2))
    assert [document.annotations for document in copy.documents] == [
        document.annotations for document in dataset.documents
    ]
    assert len(copy.documents) == 2
    rewrite(data / "train.json", lambda content: content["images"][0].pop("license", None))
    with pytest.raises(UserError, match="as it was when the dataset was made"):
        assert late.documents
    assert same(late[3], dataset[3])


def test_photos_do_not_depend_on_earlier_ones(data: Path) -> None:
    dataset = PasteDataset(data, PASTE)
    numbers = [7, 10**9, 0, np.int64(41), 7]
    made = [dataset[number] for number in numbers]
    assert same(made[0], made[4])
    for number, photo in zip(numbers, made, strict=True):
        assert same(photo, PasteDataset(data, replace(PASTE, num=1))[number])
    assert not same(made[0], PasteDataset(data, replace(PASTE, seed=43))[7])
    with pytest.raises(IndexError, match="from 0, not -1"):
        dataset[-1]


def test_threads_may_share_it(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A cache that drops nearly all that it is given.
    monkeypatch.setattr("trashdata.copy_paste.paste_dataset.CACHE_BYTES", 10_000)
    dataset = PasteDataset(data, PASTE)
    alone = list(PasteDataset(data, PASTE))
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(dataset.__getitem__, range(12)))
    assert all(same(one, other) for one, other in zip(made, alone, strict=True))


def test_caches_are_bounded_over_all_workers(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = []
    start = PixelCache.__init__

    def noted(cache: PixelCache, limit: int) -> None:
        limits.append(limit)
        start(cache, limit)

    monkeypatch.setattr(PixelCache, "__init__", noted)
    dataset = PasteDataset(data, PASTE)
    assert dataset[0]
    assert limits == [256 << 20, 256 << 20]
    limits.clear()

    class Worker:
        num_workers = 4

    monkeypatch.setattr("torch.utils.data.get_worker_info", Worker)
    assert PasteDataset(data, PASTE)[0]
    assert limits == [64 << 20, 64 << 20]


def test_fold_takes_its_training_part_alone(data: Path) -> None:
    write_kfold(data, KfoldOptions(folds=3))
    dataset = PasteDataset(data, replace(PASTE, fold=1))
    training = {image["file_name"] for image in load(data / "kfold_1_train.json")["images"]}
    validation = {image["file_name"] for image in load(data / "kfold_1_val.json")["images"]}
    used = {photo.image.file_name for photo in (*dataset.backgrounds, *dataset.donor_photos)}
    assert dataset.documents[0].name == "kfold_1_train.json"
    assert used == training
    assert not used & validation


# --- crowd and ignore regions ---


def with_regions(content: dict[str, Any]) -> None:
    """Make every second annotation a crowd region, and add an ignore region to each photo."""
    content["info"]["trashdata"] = {"ignore_category_ids": [99]}
    content["categories"].append({"id": 99, "name": "ignore", "supercategory": "void"})
    names = {category["name"]: category["id"] for category in content["categories"]}
    for annotation in content["annotations"]:
        annotation["iscrowd"] = int(annotation["category_id"] != names["Paper"])
    for image in content["images"]:
        height, width = image["height"], image["width"]
        counts = [0, height * 10, height * (width - 10)]
        content["annotations"].append(
            {
                "id": 100_000 + image["id"],
                "image_id": image["id"],
                "category_id": 99,
                "segmentation": {"size": [height, width], "counts": counts},
                "area": counts[1],
                "bbox": [0, 0, 10, height],
                "iscrowd": 1,
            }
        )


def test_crowds_are_instances_and_ignore_regions_are_none(data: Path) -> None:
    rewrite(data / "train.json", with_regions)
    dataset = PasteDataset(data, PASTE)
    copy_paste(data, PASTE)
    coco = load_coco(data / "copy_paste.json")
    crowds = ignored = 0
    for number, image in enumerate(new_images(load(data / "copy_paste.json"))):
        annotations = coco.imgToAnns[image["id"]]
        kept = [annotation for annotation in annotations if annotation["category_id"] != 99]
        made = dataset[number]
        check_instances(made, kept, coco)
        crowds += int(made.instances.crowds.sum())
        ignored += int(np.count_nonzero(made.labels == 255))
        target = made.instances.torchvision_target(number)
        assert len(target["labels"]) == len(kept) - int(made.instances.crowds.sum())
        assert not target["iscrowd"].any()
    assert crowds
    assert ignored


def test_target_holds_what_torchvision_asks_for(data: Path) -> None:
    made = PasteDataset(data, PASTE)[4]
    target = made.instances.torchvision_target(4)
    kinds = {name: str(value.dtype) for name, value in target.items() if name != "image_id"}
    assert kinds == {
        "boxes": "torch.float32",
        "labels": "torch.int64",
        "masks": "torch.uint8",
        "area": "torch.float32",
        "iscrowd": "torch.int64",
    }
    assert target["image_id"] == 4
    count = len(made.instances)
    assert target["boxes"].shape == (count, 4)
    assert target["masks"].shape == (count, *made.labels.shape)
    assert target["area"].tolist() == target["masks"].sum(dim=(1, 2)).tolist()
    assert bool((target["boxes"][:, 2:] > target["boxes"][:, :2]).all())


def test_only_the_target_needs_torch(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("torch", "torch.utils.data"):
        monkeypatch.setitem(sys.modules, name, None)
    made = PasteDataset(data, PASTE)[0]
    assert len(made.instances.masks) == len(made.instances.boxes) > 0
    with pytest.raises(UserError, match="expected PyTorch"):
        made.instances.torchvision_target(0)


def test_nothing_of_the_instances_is_computed_unasked(data: Path) -> None:
    made = PasteDataset(data, PASTE)[0]
    assert set(vars(made.instances)) == {"map", "objects"}
    assert made.instances.masks is made.instances.masks


# --- what is refused ---


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"target": ("Paper=90",)}, "--target"),
        ({"balance": 0.5}, "--balance"),
        ({"balance": 0.5, "max_reuse": 3}, "--balance"),
    ],
)
def test_goals_are_refused_by_name(changes: dict[str, Any], where: str, data: Path) -> None:
    with pytest.raises(UserError) as caught:
        PasteDataset(data, replace(PASTE, **changes))
    assert caught.value.where == where
    assert "copy-paste" in caught.value.advice


def test_missing_photo_is_refused_in_the_constructor(data: Path) -> None:
    image = load(data / "train.json")["images"][5]
    (data / image["file_name"]).unlink()
    with pytest.raises(UserError, match="expected a photo, found no file") as caught:
        PasteDataset(data, PASTE)
    assert caught.value.where == str(data / image["file_name"])


def test_forgotten_image_root_is_named(data: Path, tmp_path: Path) -> None:
    document = load(data / "train.json")
    shutil.copytree(data, tmp_path / "mine" / "photos", ignore=shutil.ignore_patterns("*.json"))
    (tmp_path / "mine" / "train.json").write_text(json.dumps(document))
    with pytest.raises(UserError, match=r"--images .*photos") as caught:
        PasteDataset(tmp_path / "mine", PASTE)
    assert caught.value.advice.endswith(str(tmp_path / "mine" / "photos"))
    dataset = PasteDataset(tmp_path / "mine", PASTE, images=tmp_path / "mine" / "photos")
    assert same(dataset[2], PasteDataset(data, PASTE)[2])


def test_damaged_photo_is_refused_when_it_is_read(data: Path) -> None:
    dataset = PasteDataset(data, PASTE)
    broken = dataset.sources(0).background.path
    broken.write_bytes(broken.read_bytes()[:-200])
    with pytest.raises(UserError) as caught:
        dataset[0]
    assert caught.value.where == str(broken)


def test_error_in_a_worker_of_pytorch_holds_the_sentence(data: Path) -> None:
    dataset = PasteDataset(data, PASTE)
    missing = dataset.sources(0).background.path
    missing.unlink()
    loader = DataLoader(dataset, batch_size=None, collate_fn=identity, num_workers=1)
    with pytest.raises(RuntimeError, match="expected a photo, found no file"):
        list(loader)


def test_photo_on_which_nothing_fits_is_refused_by_its_number(data: Path) -> None:
    dataset = PasteDataset(data, replace(PASTE, min_area=9000))
    with pytest.raises(UserError, match="smaller than --min-area") as caught:
        dataset[17]
    assert caught.value.where == "photo 17"


def test_input_of_the_usual_name_of_the_output(data: Path) -> None:
    copy_paste(data, PASTE)
    options = replace(PASTE, json="copy_paste.json")
    with pytest.raises(UserError, match="which is read"):
        copy_paste(data, options)
    assert PasteDataset(data, options)[0].photo.shape == (96, 96, 3)


def test_warnings_are_kept_and_told(data: Path) -> None:
    reporter = Reporter()
    reporter.warn("earlier")
    marked = b"\xef\xbb\xbf" + (data / "train.json").read_bytes()
    (data / "train.json").write_bytes(marked)
    dataset = PasteDataset(data, PASTE, reporter=reporter)
    assert reporter.warnings == ["earlier", *dataset.warnings]
    assert "byte-order mark" in dataset.warnings[0]
    assert PasteDataset(data, PASTE).warnings == dataset.warnings


def test_class_names_are_in_the_order_of_the_label_map(data: Path) -> None:
    names = {c["id"]: c["name"] for c in load(data / "train.json")["categories"]}
    assert PasteDataset(data, PASTE).class_names == tuple(names[key] for key in sorted(names))
