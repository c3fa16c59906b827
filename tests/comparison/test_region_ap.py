"""Average precision of connected regions: by hand, and against plain loops."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from comparison.slow_ap import Scene, pixels_of_regions, slow_ap
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from trashdata.coco import Document, read_document
from trashdata.comparison import RegionScorer, average_precision
from trashdata.comparison.connected_regions import connected_regions, encode_numbers
from trashdata.comparison.region_ap import predicted_regions
from trashdata.masks.labelmap import label_map

SIZE = (40, 60)
CHANNELS = 3
IGNORE = 9
Labels = NDArray[np.uint8]
Box = tuple[int, int, int, int]
# A class or 255, a box, a score.
Drawn = tuple[int, Box, float]
LEFT, RIGHT, LOW = (0, 0, 10, 10), (30, 0, 10, 10), (0, 25, 10, 10)


def painted(drawn: Sequence[Drawn]) -> tuple[Labels, NDArray[np.float32]]:
    """Labels and confidence of boxes x, y, width, height, the last on top."""
    labels, confidence = np.zeros(SIZE, np.uint8), np.full(SIZE, 0.5, np.float32)
    for index, (x, y, width, height), score in drawn:
        labels[y : y + height, x : x + width] = index
        confidence[y : y + height, x : x + width] = score
    return labels, confidence


def annotation(index: int, bitmap: NDArray[np.bool_], *, crowd: bool = False) -> dict[str, Any]:
    rle = coco_mask.encode(np.asfortranarray(bitmap.astype(np.uint8)))
    return {
        "category_id": IGNORE if index == 255 else index,
        "segmentation": {"size": list(bitmap.shape), "counts": rle["counts"].decode()},
        "area": int(bitmap.sum()),
        "iscrowd": int(crowd or index == 255),
    }


def boxed(index: int, box: Box, *, crowd: bool = False) -> dict[str, Any]:
    return annotation(index, painted([(1, box, 1.0)])[0] == 1, crowd=crowd)


def document(
    folder: Path, photos: Sequence[list[dict[str, Any]]], size: tuple[int, int] = SIZE
) -> Document:
    """Photos 0, 1, ... with these annotations, of classes 1 and 2 or ignored."""
    rows = [{**row, "image_id": k} for k, photo in enumerate(photos) for row in photo]
    content = {
        "info": {"trashdata": {"ignore_category_ids": [IGNORE]}},
        "images": [
            {"id": k, "file_name": f"{k}.jpg", "height": size[0], "width": size[1]}
            for k in range(len(photos))
        ],
        "annotations": [{"id": number, **row} for number, row in enumerate(rows)],
        "categories": [
            {"id": 1, "name": "a"},
            {"id": 2, "name": "b"},
            {"id": IGNORE, "name": "ignore"},
        ],
    }
    path = folder / "truth.json"
    path.write_bytes(msgspec.json.encode(content))
    return read_document(path)


def scored(
    folder: Path, true: list[dict[str, Any]], drawn: Sequence[Drawn], **options: Any
) -> list[float]:
    """AP of classes 1 and 2 on one photo."""
    truth = document(folder, [true])
    scorer = RegionScorer(truth, CHANNELS, **options)
    scorer.add(truth.images[0], *painted(drawn))
    return [float(value) for value in scorer.result()]


# --- by hand ---


def test_what_is_right_at_every_labelled_pixel_scores_1(tmp_path: Path) -> None:
    """Objects that touch, overlap, have holes; crumbs; ignored pixels predicted as anything."""
    truth = document(
        tmp_path,
        [
            [boxed(1, (0, 0, 30, 20)), boxed(1, (30, 5, 10, 20)), boxed(2, (10, 3, 11, 10))],
            [boxed(2, (50, 30, 2, 1)), boxed(2, LEFT), boxed(255, (5, 0, 9, 40)), boxed(1, LOW)],
        ],
    )
    scorer = RegionScorer(truth, CHANNELS)
    for image in truth.images:
        labels = label_map(truth, image)
        labels[labels == 255] = 2
        scorer.add(image, labels, np.full(SIZE, 0.5, np.float32))
    assert scorer.result() == pytest.approx([1, 1])


def test_a_missed_object(tmp_path: Path) -> None:
    """Precision is 1 up to the recall 0.5, which are 51 of the 101 recalls."""
    true = [boxed(1, LEFT), boxed(1, RIGHT)]
    assert scored(tmp_path, true, [(1, LEFT, 0.9)])[0] == pytest.approx(51 / 101)


@pytest.mark.parametrize(("score", "expected"), [(0.9, 0.5), (0.1, 1.0)])
def test_a_false_positive_counts_if_it_is_surer(
    tmp_path: Path, score: float, expected: float
) -> None:
    drawn = [(1, LEFT, 0.6), (1, RIGHT, score)]
    assert scored(tmp_path, [boxed(1, LEFT)], drawn)[0] == pytest.approx(expected)


def test_a_part_of_an_object_is_right_up_to_its_iou(tmp_path: Path) -> None:
    """70 of 120 pixels are an IoU of 0.58: of 0.50, 0.55, 0.60, ... the first two."""
    true = [boxed(1, (0, 0, 12, 10))]
    assert scored(tmp_path, true, [(1, (0, 0, 7, 10), 0.9)])[0] == pytest.approx(0.2)


def test_the_score_is_the_mean_confidence(tmp_path: Path) -> None:
    """Half of the wrong region is the surest, yet its mean 0.5 is less than 0.6."""
    drawn = [(1, LEFT, 0.6), (1, RIGHT, 0.0), (1, (30, 0, 5, 10), 1.0)]
    assert scored(tmp_path, [boxed(1, LEFT)], drawn)[0] == pytest.approx(1)


def test_a_class_without_true_regions_has_no_score(tmp_path: Path) -> None:
    result = scored(tmp_path, [boxed(1, LEFT)], [(1, LEFT, 0.5), (2, RIGHT, 0.9)])
    assert result == pytest.approx([1, np.nan], nan_ok=True)


def test_a_class_that_is_never_predicted_scores_0(tmp_path: Path) -> None:
    assert scored(tmp_path, [boxed(1, LEFT), boxed(2, RIGHT)], []) == [0, 0]


def test_without_photos_no_class_has_a_score(tmp_path: Path) -> None:
    scorer = RegionScorer(document(tmp_path, [[boxed(1, LEFT)]]), CHANNELS)
    assert np.isnan(scorer.result()).tolist() == [True, True]


@pytest.mark.parametrize("beside", [(10, 0, 10, 10), (10, 10, 10, 10)])
def test_touching_objects_are_one_region(tmp_path: Path, beside: Box) -> None:
    """By an edge or a corner: both together are right, one has an IoU of 0.5 alone."""
    true = [boxed(1, LEFT), boxed(1, beside)]
    assert scored(tmp_path, true, [(1, LEFT, 0.9), (1, beside, 0.5)])[0] == pytest.approx(1)
    assert scored(tmp_path, true, [(1, LEFT, 0.9)])[0] == pytest.approx(0.1)


def test_touching_objects_of_two_classes_are_two_regions(tmp_path: Path) -> None:
    both = [boxed(1, LEFT), boxed(2, (10, 0, 10, 10))]
    drawn = [(1, LEFT, 0.9), (2, (10, 0, 10, 10), 0.5)]
    assert scored(tmp_path, both, drawn) == pytest.approx([1, 1])


def test_what_another_object_covers_is_not_expected(tmp_path: Path) -> None:
    true = [boxed(1, (0, 0, 20, 20)), boxed(2, (5, 5, 10, 10))]
    drawn = [(1, (0, 0, 20, 20), 0.9), (2, (5, 5, 10, 10), 0.9)]
    assert scored(tmp_path, true, drawn) == pytest.approx([1, 1])


# --- crowds and ignored pixels ---


def test_a_crowd_need_not_be_found_and_may_be(tmp_path: Path) -> None:
    true = [boxed(1, LEFT), boxed(1, (20, 0, 30, 30), crowd=True)]
    assert scored(tmp_path, true, [(1, LEFT, 0.5)])[0] == pytest.approx(1)
    assert scored(tmp_path, true, [(1, LEFT, 0.5), (1, RIGHT, 0.9)])[0] == pytest.approx(1)


def test_a_crowd_of_one_class_is_none_of_another(tmp_path: Path) -> None:
    true = [boxed(2, LEFT), boxed(1, (0, 0, 50, 30), crowd=True)]
    result = scored(tmp_path, true, [(2, LEFT, 0.5), (2, RIGHT, 0.9)])
    assert result == pytest.approx([np.nan, 0.5], nan_ok=True)


def test_an_object_that_touches_a_crowd_is_part_of_it(tmp_path: Path) -> None:
    for crowd in [(10, 0, 10, 10), (10, 10, 1, 1)]:
        true = [boxed(1, LEFT), boxed(1, crowd, crowd=True), boxed(1, LOW)]
        drawn = [(1, LEFT, 0.9), (1, crowd, 0.9), (1, LOW, 0.5)]
        assert scored(tmp_path, true, drawn)[0] == pytest.approx(1)
        assert np.isnan(scored(tmp_path, true[:2], drawn)[0])


def test_what_sticks_out_of_ignored_pixels_is_no_false_positive(tmp_path: Path) -> None:
    true = [boxed(1, LEFT), boxed(255, (20, 0, 20, 20))]
    mostly_in, mostly_out = (1, (25, 0, 28, 20), 0.9), (1, (31, 0, 20, 20), 0.9)
    assert scored(tmp_path, true, [(1, LEFT, 0.5), mostly_in])[0] == pytest.approx(1)
    assert scored(tmp_path, true, [(1, LEFT, 0.5), mostly_out])[0] == pytest.approx(0.5)


def test_what_sticks_out_of_ignored_pixels_may_be_right(tmp_path: Path) -> None:
    """The whole prediction has an IoU of 1/3; without what is ignored, of 1."""
    true = [boxed(1, LEFT), boxed(255, (10, 0, 20, 10))]
    assert scored(tmp_path, true, [(1, (0, 0, 30, 10), 0.5)])[0] == pytest.approx(1)


def test_the_confidence_at_ignored_pixels_is_no_part_of_the_score(tmp_path: Path) -> None:
    true = [boxed(1, LEFT), boxed(255, (40, 0, 5, 10))]
    drawn = [(1, LEFT, 0.6), (1, RIGHT, 0.5), (1, (40, 0, 5, 10), 1.0)]
    assert scored(tmp_path, true, drawn)[0] == pytest.approx(1)


# --- size and number ---


def test_a_small_region_does_not_count(tmp_path: Path) -> None:
    """99 pixels, once true and missed, once predicted and wrong."""
    true = [boxed(1, LEFT), boxed(1, (30, 0, 9, 11))]
    drawn = [(1, LEFT, 0.5), (1, (0, 20, 9, 11), 0.9)]
    assert scored(tmp_path, true, drawn)[0] == pytest.approx(1)
    assert scored(tmp_path, true, drawn, min_area=99)[0] == pytest.approx(0.5 * 51 / 101)
    assert np.isnan(scored(tmp_path, true[1:], drawn)[0])


def test_a_small_prediction_may_be_right(tmp_path: Path) -> None:
    """50 of 100 pixels, which is as small as can be: right at 0.50 alone."""
    assert scored(tmp_path, [boxed(1, LEFT)], [(1, (0, 0, 5, 10), 0.9)])[0] == pytest.approx(0.1)


def test_only_the_surest_of_a_photo_and_class_count(tmp_path: Path) -> None:
    true = [boxed(1, LEFT), boxed(2, LOW)]
    drawn = [(1, LEFT, 0.5), (1, RIGHT, 0.9), (2, LOW, 0.1)]
    assert scored(tmp_path, true, drawn, most=2) == pytest.approx([0.5, 1])
    assert scored(tmp_path, true, drawn, most=1) == pytest.approx([0, 1])


# --- against loops ---


def scene(rng: np.random.Generator) -> Scene:
    """A prediction that is often right, on a photo of 12 x 14 pixels."""
    labels, changed = (rng.integers(0, CHANNELS, (2, 4, 5)) for _ in range(2))
    grown = np.kron(labels, np.ones((3, 3), np.int64))[0][:, :14].astype(np.uint8)
    other = np.kron(changed, np.ones((3, 3), np.int64))[0][:, :14].astype(np.uint8)
    # Steps of 1/64 have exact means, so that equal scores are equal in both.
    confidence = (rng.integers(0, 64, grown.shape) / 64).astype(np.float32)
    truth = grown.copy()
    truth[rng.random(truth.shape) < rng.choice([0.0, 0.1])] = 255
    truth[:5, 10:] = rng.choice([0, 255])
    crowd = np.zeros(truth.shape, np.bool_)
    crowd[6:8, :6] = rng.random() < 0.5
    crowd &= (truth > 0) & (truth < 255)
    predicted = np.where(rng.random(truth.shape) < 0.08, rng.permuted(grown), grown)
    predicted[:, :3] = other[:, :3]
    return Scene(truth, crowd, predicted, confidence)


def described(scene: Scene) -> list[dict[str, Any]]:
    """Annotations that paint the scene's truth."""
    rows = []
    for index in (1, 2, 255):
        for crowd in (False, True):
            bitmap = (scene.truth == index) & (scene.crowd == crowd)
            if bitmap.any():
                rows.append(annotation(index, bitmap, crowd=crowd))
    return rows


@pytest.mark.parametrize("min_area", [0, 1, 5, 12])
def test_the_same_as_plain_loops(tmp_path: Path, min_area: int) -> None:
    rng = np.random.default_rng(min_area)
    for _ in range(12):
        scenes = [scene(rng) for _ in range(3)]
        truth = document(tmp_path, [described(one) for one in scenes], (12, 14))
        scorer = RegionScorer(truth, CHANNELS, min_area=min_area)
        for image, one in zip(truth.images, scenes, strict=True):
            assert np.array_equal(label_map(truth, image), one.truth)
            scorer.add(image, one.labels, one.confidence)
        expected = [slow_ap(scenes, index, min_area) for index in (1, 2)]
        assert scorer.result() == pytest.approx(expected, nan_ok=True)


def test_regions_and_their_masks() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, (9, 13)).astype(np.uint8)
    labels[-1, -1], labels[0, 0], labels[4, 4] = 2, 1, 255
    regions = connected_regions(labels, 3)
    flooded = {(k, pixels) for k in (1, 2) for pixels in pixels_of_regions(labels, k)}
    bitmaps = [regions.numbers == number for number in range(1, 1 + len(regions.classes))]
    found = zip(regions.classes.tolist(), map(np.argwhere, bitmaps), strict=True)
    assert {(k, frozenset(map(tuple, pixels.tolist()))) for k, pixels in found} == flooded
    assert regions.areas.tolist() == [bitmap.sum() for bitmap in bitmaps]
    encoded = [coco_mask.encode(np.asfortranarray(one.view(np.uint8))) for one in bitmaps]
    assert encode_numbers(regions.numbers, len(bitmaps)) == [one["counts"] for one in encoded]


# --- feeding it ---


def noisy(folder: Path) -> tuple[Document, list[tuple[Labels, NDArray[np.float32]]]]:
    """Four photos, with equal scores in several of them."""
    true = [boxed(1, LEFT), boxed(1, RIGHT), boxed(2, LOW), boxed(255, (20, 0, 10, 5))]
    drawn = [
        [(1, LEFT, 0.5), (1, LOW, 0.5), (2, RIGHT, 0.7)],
        [(1, RIGHT, 0.5), (2, LOW, 0.5)],
        [(2, (0, 0, 40, 12), 0.5), (1, (0, 26, 10, 10), 0.25)],
        [(1, LEFT, 0.5), (1, RIGHT, 0.5), (2, (0, 27, 10, 10), 0.5)],
    ]
    return document(folder, [true] * 4), [painted(one) for one in drawn]


def test_the_order_of_photos_does_not_matter(tmp_path: Path) -> None:
    truth, predictions = noisy(tmp_path)
    results = []
    for order in ([0, 1, 2, 3], [3, 1, 0, 2]):
        scorer = RegionScorer(truth, CHANNELS)
        for k in order:
            scorer.add(truth.images[k], *predictions[k])
        results += [scorer.result().tolist(), scorer.result().tolist()]
    assert results == [results[0]] * 4
    assert 0 < min(results[0]) < max(results[0]) < 1


def test_photos_that_were_not_added_do_not_count(tmp_path: Path) -> None:
    truth = document(tmp_path, [[boxed(1, LEFT)], [boxed(1, LEFT), boxed(2, RIGHT)]])
    scorer = RegionScorer(truth, CHANNELS)
    scorer.add(truth.images[0], *painted([(1, LEFT, 0.5)]))
    assert scorer.result() == pytest.approx([1, np.nan], nan_ok=True)


def test_inputs_are_not_changed_and_nothing_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truth, predictions = noisy(tmp_path)
    scorer = RegionScorer(truth, CHANNELS)
    for image, (labels, confidence) in zip(truth.images, predictions, strict=True):
        labels.flags.writeable = confidence.flags.writeable = False
        scorer.add(image, labels, confidence)
    scorer.result()
    assert capsys.readouterr() == ("", "")


def test_the_layout_of_the_arrays_does_not_matter(tmp_path: Path) -> None:
    truth, predictions = noisy(tmp_path)
    results = []
    for lay_out in (np.ascontiguousarray, np.asfortranarray):
        scorer = RegionScorer(truth, CHANNELS)
        for image, (labels, confidence) in zip(truth.images, predictions, strict=True):
            scorer.add(image, lay_out(labels), lay_out(confidence))
        results.append(scorer.result().tolist())
    assert results[0] == results[1]


def test_255_in_a_prediction_is_background(tmp_path: Path) -> None:
    drawn = [(255, RIGHT, 0.9), (1, LEFT, 0.5)]
    assert scored(tmp_path, [boxed(1, LEFT)], drawn)[0] == pytest.approx(1)


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    truth, predictions = noisy(tmp_path)
    (labels, confidence), image = predictions[0], truth.images[0]
    scorer = RegionScorer(truth, CHANNELS)
    with pytest.raises(ValueError, match="a photo of"):
        scorer.add(image, labels[1:], confidence[1:])
    with pytest.raises(ValueError, match="not under 3"):
        scorer.add(image, labels + np.uint8(3), confidence)
    with pytest.raises(ValueError, match="not a number"):
        scorer.add(image, labels, confidence * np.float32(np.nan))
    with pytest.raises(ValueError, match="not under 2"):
        RegionScorer(truth, 2).add(image, np.minimum(labels, 1), confidence)
    scorer.add(image, labels, confidence)
    with pytest.raises(ValueError, match="added before"):
        scorer.add(image, labels, confidence)
    other = document(tmp_path, [[boxed(1, LEFT)]] * 9)
    with pytest.raises(ValueError, match="image 8 is not in"):
        scorer.add(other.images[8], labels, confidence)


def test_a_prediction_without_classes_has_no_regions() -> None:
    empty = np.zeros(SIZE, np.uint8)
    assert predicted_regions(empty, np.ones(SIZE, np.float32), CHANNELS, 1, 100) == []
    assert np.isnan(average_precision({}, CHANNELS)).all()
