"""``trashdata pseudo --report``: its figures against plain counting, its curve, its picture."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.coco import load, tree
from helpers.masks import mask_of
from helpers.pseudo_label import CHANNELS, stub
from numpy.typing import NDArray
from PIL import Image
from trashdata.pseudo_label import PseudoOptions, pseudo
from trashdata.pseudo_label.evaluation.plot import draw

from trashdata.coco.read import read_document
from trashdata.masks.labelmap import label_map
from trashdata.photos import read_photo


def run(data: Path, **options: Any) -> Any:
    threshold = None if "portion" in options else 0.6
    usual = {"json": "val.json", "min_area": 9, "threshold": threshold}
    chosen = PseudoOptions(**usual | options)
    return pseudo(data, chosen, models=stub())


def all_pixels(data: Path) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """True labels, mean probabilities (C, N) as the stub gives them, and what was written."""
    document = read_document(data / "val.json")
    truth, soft, written = [], [], []
    models = stub()
    for image in document.images:
        photo = read_photo(data, image).pixels[..., ::-1]
        strips = [[own for _, own in strip] for strip in models.predictor(photo)]
        views = [np.concatenate(parts, axis=1) for parts in zip(*strips, strict=True)]
        mean = 0.6 * (views[0] + views[1]) / 2 + 0.4 * (views[2] + views[3]) / 2
        truth.append(label_map(document, image).ravel())
        soft.append(mean.reshape(CHANNELS, -1))
        written.append(mask_of(data / "pseudo" / "masks", image.file_name).ravel())
    return np.concatenate(truth), np.concatenate(soft, axis=1), np.concatenate(written)


def test_figures_equal_plain_counts(data: Path) -> None:
    outcome = run(data, report=True)
    run(data, masks=True)
    report = load(data / "pseudo_report.json")
    truth, soft, written = all_pixels(data)
    top = soft.argmax(axis=0)
    kept = written != 255
    for k, row in enumerate(report["classes"]):
        true, chosen, best = truth == k, written == k, top == k
        expected = {
            "kept": (chosen.sum(), best.sum()),
            "precision": ((true & chosen).sum(), chosen.sum()),
            "recall": ((true & chosen).sum(), true.sum()),
            "iou": ((true & chosen).sum(), ((true & kept) | chosen).sum()),
            "iou_all": ((true & best).sum(), (true | best).sum()),
        }
        for key, (part, whole) in expected.items():
            if whole:
                assert row[key] == pytest.approx(part / whole, abs=2e-3), (row["class"], key)
            else:
                assert row[key] is None
    objects = (written > 0) & kept
    foreground = report["foreground"]
    hits = (objects & (truth == written)).sum()
    assert foreground["precision"] == pytest.approx(hits / objects.sum(), abs=1e-3)
    assert foreground["recall"] == pytest.approx(hits / (truth > 0).sum(), abs=1e-3)
    assert outcome.figures["foreground"] == foreground


def test_the_curve_equals_plain_counts(data: Path) -> None:
    run(data, report=True)
    run(data, masks=True)
    truth, soft, _ = all_pixels(data)
    top, confidence = soft.argmax(axis=0), soft.max(axis=0)
    points = load(data / "pseudo_report.json")["curve_of_thresholds"]
    assert [point["threshold"] for point in points[:3]] == [0.0, 0.05, 0.1]
    for point in points:
        kept = confidence >= point["threshold"]
        objects = kept & (top > 0)
        hits = (objects & (top == truth)).sum()
        assert point["kept"] == pytest.approx(kept.mean(), abs=2e-3)
        assert point["recall"] == pytest.approx(hits / (truth > 0).sum(), abs=2e-3)
        if objects.sum() > 500:
            assert point["precision"] == pytest.approx(hits / objects.sum(), abs=2e-3)
    shares = [point["kept"] for point in load(data / "pseudo_report.json")["curve_of_portions"]]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_it_writes_two_files_and_leaves_the_labels_alone(data: Path) -> None:
    before = tree(data)
    run(data, report=True, portion=0.4)
    new = tree(data).keys() - before.keys()
    assert new == {"pseudo_report.json", "pseudo_report.png", "pseudo_report/manifest.json"}
    assert {name: digest for name, digest in tree(data).items() if name in before} == before
    first = tree(data)
    run(data, report=True, portion=0.4)
    assert tree(data) == first
    with Image.open(data / "pseudo_report.png") as picture:
        assert picture.info["Software"] == "trashdata"


def test_photos_that_would_not_be_kept_count_as_unsure(data: Path) -> None:
    whole = run(data, report=True).figures["foreground"]
    half = run(data, report=True, keep_images=0.5, out="half").figures["foreground"]
    assert half["recall"] < whole["recall"]
    assert half["pixels"] == whole["pixels"]


def test_the_picture_takes_any_number_of_classes_and_any_name() -> None:
    row = {"threshold": None, "pixels": 0, "kept": None, "precision": None, "recall": None}
    rows = [row | {"iou": None, "class": f"$x_{k}$ пластик " + "long " * k} for k in range(61)]
    points = [
        {"portion": 0.5, "kept": 0.5, "precision": None, "recall": None},
        {"portion": 1.0, "kept": 1.0, "precision": None, "recall": None},
    ]
    with Image.open(io.BytesIO(draw("Title", rows, points, "portion", 0.5))) as picture:
        assert picture.height > 61 * 25
    few = draw("Title", rows[:2], points, "portion", 0.5)
    assert draw("Title", rows[:2], points, "portion", 0.5) == few
