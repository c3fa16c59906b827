"""Placement by context: what is learned around a donor, and where the labels look like it."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from helpers.reporters import Notes
from numpy.typing import NDArray
from trashdata.copy_paste import CopyPasteOptions, PasteDataset, copy_paste
from trashdata.copy_paste.context import (
    CONTACT,
    LEAST_LABELLED,
    WEIGHTS,
    LabelSums,
    Surroundings,
    agreement,
    draw_in_context,
    label_sums,
    surroundings_of,
    telling,
)
from trashdata.copy_paste.inputs import read_inputs
from trashdata.copy_paste.methods.copy_paste import CopyPaste
from trashdata.copy_paste.planning.plan import plan_photo

from trashdata.console import Reporter
from trashdata.palette import IGNORE_INDEX
from trashdata.paths import DataFolders

SKY, ROAD, WALL = 1, 2, 3
LABELS = np.arange(256, dtype=np.uint8)
"""For label maps in the place of instance maps: each value is its own class."""


def sums_of(labels: NDArray[np.uint8], valid_box: Any = None) -> LabelSums:
    height, width = labels.shape
    return label_sums(labels, LABELS, valid_box or (0, 0, width, height))


def learned(labels: NDArray[np.uint8], box: Any, area: int | None = None) -> Surroundings:
    height, width = labels.shape
    area = box[2] * box[3] if area is None else area
    return surroundings_of(labels.astype(np.uint16), LABELS, (0, 0, width, height), box, area)


def street(horizon: int = 40) -> NDArray[np.uint8]:
    """80 rows of 100 pixels: sky above the horizon, road below it."""
    labels = np.full((80, 100), SKY, dtype=np.uint8)
    labels[horizon:] = ROAD
    return labels


def everywhere(width: int, height: int, size: tuple[int, int]) -> tuple[NDArray[Any], NDArray[Any]]:
    return np.arange(width - size[0] + 1), np.arange(height - size[1] + 1)


def fractions(labels: NDArray[np.uint8], part: Sequence[tuple[int, int, int, int]]) -> Any:
    """Share of each class in boxes x0, y0, x1, y1; what is outside of the photo is of none."""
    counts, size = np.zeros(256), 0
    for x0, y0, x1, y1 in part:
        size += (x1 - x0) * (y1 - y0)
        for y in range(max(0, y0), min(labels.shape[0], y1)):
            for x in range(max(0, x0), min(labels.shape[1], x1)):
                counts[labels[y, x]] += 1
    counts[IGNORE_INDEX] = 0
    return counts / size


def parts_of(box: tuple[int, int, int, int], ring: int) -> list[list[tuple[int, int, int, int]]]:
    """Above, beside the upper half, beside the lower half, touching from below, and below."""
    x, y, width, height = box
    middle, bottom, right, touch = y + height // 2, y + height, x + width, round(CONTACT * ring)
    return [
        [(x - ring, y - ring, right + ring, y)],
        [(x - ring, y, x, middle)],
        [(right, y, right + ring, middle)],
        [(x - ring, middle, x, bottom)],
        [(right, middle, right + ring, bottom)],
        [(x, bottom, right, bottom + touch)],
        [(x - ring, bottom, right + ring, bottom + ring)],
    ]


# --- what is learned ---


def test_the_ring_is_counted_part_by_part() -> None:
    labels = street()
    labels[20:60, 62:] = WALL
    around = learned(labels, (50, 32, 12, 12))  # a ring of 12 pixels, 3 of them touching
    assert around.classes.tolist() == [SKY, ROAD, WALL]
    assert around.sizes.tolist() == [36 * 12, 12 * 6, 12 * 6, 12 * 6, 12 * 6, 12 * 3, 36 * 12]
    assert around.pixels.tolist() == [
        [24 * 12, 0, 12 * 12],  # rows 20 to 31: 24 columns of sky, 12 of wall
        [12 * 6, 0, 0],
        [0, 0, 12 * 6],
        [12 * 2, 12 * 4, 0],  # rows 38 to 43
        [0, 0, 12 * 6],
        [0, 12 * 3, 0],
        [0, 24 * 12, 12 * 12],
    ]
    assert around.ring == 1.0


def test_the_donors_own_pixels_do_not_count() -> None:
    labels = street()
    labels[30:42, 50:62] = 7
    assert 7 not in learned(labels, (50, 30, 12, 12)).classes


def test_ignore_padding_and_the_border_are_no_class() -> None:
    labels = np.full((40, 40), ROAD, dtype=np.uint8)
    labels[:, :12] = IGNORE_INDEX
    around = surroundings_of(labels.astype(np.uint16), LABELS, (0, 0, 40, 26), (12, 16, 8, 8), 64)
    assert around.classes.tolist() == [ROAD]
    # Left of column 12 all is ignored; below row 26 is padding, of which 2 rows touch the box.
    assert around.pixels[:, 0].tolist() == [16 * 8, 0, 8 * 4, 0, 8 * 4, 8 * 2, 16 * 2]
    assert around.weights == pytest.approx(
        [w * s for w, s in zip(WEIGHTS, (2 / 3, 0, 1, 0, 1, 1, 1 / 6), strict=True)]
    )


def test_background_counts_in_dense_sets_alone() -> None:
    labels = np.where(street() == SKY, 0, ROAD).astype(np.uint8)
    around = learned(labels, (50, 34, 12, 12))
    assert telling(around, dense=True).classes.tolist() == [0, ROAD]  # type: ignore[union-attr]
    assert telling(around, dense=False).classes.tolist() == [ROAD]  # type: ignore[union-attr]
    unlabelled = learned(np.zeros_like(labels), (50, 34, 12, 12))
    assert telling(unlabelled, dense=False) is None
    assert telling(learned(np.full_like(labels, 255), (50, 34, 12, 12)), dense=True) is None
    assert telling(None, dense=True) is None


def test_too_few_labels_say_nothing() -> None:
    labels = np.zeros((80, 100), dtype=np.uint8)
    labels[:34] = SKY
    around = learned(labels, (50, 34, 12, 12))  # above alone is labelled
    assert around.of(around.classes != 0).weights.sum() < LEAST_LABELLED * sum(WEIGHTS)
    assert telling(around, dense=False) is None


# --- where it agrees ---


@pytest.mark.parametrize("classes", [4, 60, 254])
def test_agreement_is_what_slow_counting_says(classes: int) -> None:
    rng = np.random.default_rng(classes)
    small = rng.integers(0, classes + 1, (6, 8), dtype=np.uint8)
    labels = np.kron(small, np.ones((9, 9), dtype=np.uint8))
    labels[rng.random(labels.shape) < 0.05] = IGNORE_INDEX
    around = learned(labels, (20, 20, 10, 12), area=64)
    scene = np.ascontiguousarray(labels[:, ::-1])
    xs, ys = np.array([0, 3, 31, 62]), np.array([0, 17, 42])
    found = agreement(around, sums_of(scene), (10, 12), xs, ys)
    own = [fractions(labels, part) for part in parts_of((20, 20, 10, 12), 8)]
    weights = np.array([w * share.sum() for w, share in zip(WEIGHTS, own, strict=True)])
    for row, y in enumerate(ys.tolist()):
        for column, x in enumerate(xs.tolist()):
            there = [fractions(scene, part) for part in parts_of((x, y, 10, 12), 8)]
            mirror = [there[k] for k in (0, 2, 1, 4, 3, 5, 6)]
            best = 0.0
            for seen in (there, mirror):
                product = 1.0
                for weight, mine, other in zip(weights / weights.sum(), own, seen, strict=True):
                    both = np.minimum(mine / max(mine.sum(), 1e-9), other).sum()
                    product *= ((both + 0.05) / 1.05) ** weight
                best = max(best, product)
            assert found[row, column] == pytest.approx(best, abs=1e-5)


def test_the_same_photo_agrees_best_where_the_donor_stood() -> None:
    labels = street()
    labels[20:60, 62:] = WALL
    xs, ys = everywhere(100, 80, (12, 12))
    score = agreement(learned(labels, (50, 32, 12, 12)), sums_of(labels), (12, 12), xs, ys)
    assert score.max() == pytest.approx(1)
    assert np.unravel_index(score.argmax(), score.shape) == (32, 50)


def test_a_lower_horizon_and_a_larger_photo_move_the_best_position() -> None:
    around = learned(street(), (50, 34, 12, 12))  # its foot is 6 pixels under the horizon
    lower = street(horizon=55)
    xs, ys = everywhere(100, 80, (12, 12))
    score = agreement(around, sums_of(lower), (12, 12), xs, ys)
    assert set(np.flatnonzero(score.max(axis=1) > 0.999)) == {49}
    # 16 times as large, where the label map is sampled: within a sample of the right row.
    large = np.kron(lower, np.ones((16, 16), dtype=np.uint8))
    xs, ys = np.array([800]), np.arange(0, 1280 - 192, 4)
    score = agreement(around, sums_of(large), (192, 192), xs, ys)
    assert abs(int(ys[score[:, 0].argmax()]) - 49 * 16) <= sums_of(large).stride


def test_a_mirrored_photo_agrees_in_the_mirror() -> None:
    labels = street()
    labels[20:60, 62:] = WALL
    around = learned(labels, (50, 32, 12, 12))
    xs, ys = everywhere(100, 80, (12, 12))
    score = agreement(around, sums_of(labels), (12, 12), xs, ys)
    mirror = agreement(around, sums_of(np.ascontiguousarray(labels[:, ::-1])), (12, 12), xs, ys)
    assert mirror[:, ::-1] == pytest.approx(score, abs=1e-6)
    # Where there is no wall on either side, or one on both, it agrees less.
    both = labels.copy()
    both[20:60, :50] = WALL
    for other in (street(), both):
        assert agreement(around, sums_of(other), (12, 12), xs, ys)[32, 50] < 0.8


def test_padding_agrees_with_nothing() -> None:
    labels = np.full((80, 100), ROAD, dtype=np.uint8)
    around = learned(labels, (40, 30, 12, 12))
    xs, ys = np.array([30]), np.array([30, 60])
    whole = agreement(around, sums_of(labels), (12, 12), xs, ys)
    padded = agreement(around, sums_of(labels, (0, 0, 100, 72)), (12, 12), xs, ys)
    assert padded[0, 0] == whole[0, 0] == pytest.approx(1)
    assert padded[1, 0] < 0.3 < whole[1, 0]


def test_inputs_are_unchanged() -> None:
    labels = street()
    instances, classes = labels.astype(np.uint16), LABELS.copy()
    around = surroundings_of(instances, classes, (0, 0, 100, 80), (50, 34, 12, 12), 144)
    sums = label_sums(instances, classes, (10, 10, 80, 60))
    kept = around.pixels.copy(), around.sizes.copy(), sums.sums.copy()
    xs, ys = everywhere(100, 80, (12, 12))
    first = agreement(around, sums, (12, 12), xs, ys)
    assert np.array_equal(first, agreement(around, sums, (12, 12), xs, ys))
    draw_in_context(around, sums, (0, 0, 12, 12), (0, 0), (88, 68), np.random.default_rng(0))
    assert np.array_equal(instances, labels)
    assert np.array_equal(classes, LABELS)
    assert np.array_equal(xs, np.arange(89))
    for before, after in zip(kept, (around.pixels, around.sizes, sums.sums), strict=True):
        assert np.array_equal(before, after)


# --- what is drawn ---


def test_every_position_can_be_drawn_where_all_agree_alike() -> None:
    """A photo of one class: 7 x 5 positions, each drawn about as often as any other."""
    labels = np.full((400, 400), ROAD, dtype=np.uint8)
    around, sums = learned(labels, (200, 200, 10, 10)), sums_of(labels)
    rng = np.random.default_rng(1)
    drawn = Counter(
        draw_in_context(around, sums, (105.0, 95.0, 115.0, 105.0), (-3, -2), (3, 2), rng)
        for _ in range(3500)
    )
    assert set(drawn) == {(x, y) for x in range(-3, 4) for y in range(-2, 3)}
    assert min(drawn.values()) > 50
    assert max(drawn.values()) < 200


def test_the_only_position_is_drawn() -> None:
    labels = np.full((40, 40), ROAD, dtype=np.uint8)
    around = learned(labels, (14, 14, 10, 10))
    rng = np.random.default_rng(0)
    outline = (-2.5, 1.0, 8.0, 11.0)
    assert draw_in_context(around, sums_of(labels), outline, (9, 9), (9, 9), rng) == (9, 9)


def test_outlines_count_from_where_they_are() -> None:
    """An outline that begins 20 pixels right of and under its position stands on the road."""
    around = learned(street(), (50, 50, 12, 12))
    sums = sums_of(street())
    rng = np.random.default_rng(0)
    outline = (20.0, 20.0, 32.0, 32.0)
    drawn = [draw_in_context(around, sums, outline, (-20, -20), (68, 48), rng) for _ in range(100)]
    feet = [position[1] + 32 for position in drawn if position]
    assert len(feet) == 100
    assert np.mean(np.array(feet) > 42) > 0.95


def test_nothing_is_drawn_where_nothing_agrees() -> None:
    around = learned(street(), (50, 34, 12, 12))
    rng = np.random.default_rng(0)
    for other in (np.full((80, 100), WALL), np.zeros((80, 100)), np.full((80, 100), 255)):
        sums = sums_of(other.astype(np.uint8))
        assert draw_in_context(around, sums, (0, 0, 12, 12), (0, 0), (88, 68), rng) is None


# --- whole sets ---

WIDTH, HEIGHT = 160, 120
NAMES = ("Sky", "Road", "Wall", "Car", "Bird", "Bin")
PASTED = ("Car", "Bird", "Bin")
PLAIN: Mapping[str, Any] = {
    "patch": PASTED,
    "lsj_min": 0.8,
    "lsj_max": 1.25,
    "small_to_large": False,
    "large_to_small": False,
    "background_lsj_max": 1.0,
    "min_area": 20,
    "min_donor_area": 20,
}


def box_polygon(x: int, y: int, width: int, height: int) -> list[list[int]]:
    return [[x, y, x + width, y, x + width, y + height, x, y + height]]


def planted(folder: Path, *, strata: bool = True, photos: int = 24) -> Path:
    """Photos with a sky, a road and a wall on it, on either side; the first one holds a car on the
    road, a bird in the sky and a bin beside the wall. Without ``strata``, only these are labelled.
    """
    rng = np.random.default_rng(7)
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    (folder / "photos").mkdir(parents=True)
    for number in range(photos):
        horizon = 60 if number == 0 else int(rng.integers(45, 75))
        left = 0 if number == 0 else int(rng.choice([0, WIDTH - 50]))
        wide = 40 if number == 0 else int(rng.integers(35, 50))
        boxes = [("Sky", (0, 0, WIDTH, horizon)), ("Road", (0, horizon, WIDTH, HEIGHT - horizon))]
        boxes.append(("Wall", (left, horizon - 35, wide, 60)))
        boxes = boxes if strata else []
        if number == 0:
            boxes += [("Car", (100, 85, 18, 10)), ("Bird", (110, 20, 10, 7))]
            boxes.append(("Bin", (41, 72, 8, 12)))
        pixels = rng.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
        name = f"photos/{number}.jpg"
        assert cv2.imwrite(str(folder / name), pixels)
        images.append({"id": number, "file_name": name, "width": WIDTH, "height": HEIGHT})
        for label, box in boxes:
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": number,
                    "category_id": NAMES.index(label) + 1,
                    "segmentation": box_polygon(*box),
                    "bbox": list(box),
                    "area": box[2] * box[3],
                    "iscrowd": 0,
                }
            )
    categories = [{"id": k, "name": name} for k, name in enumerate(NAMES, start=1)]
    content = {"images": images, "annotations": annotations, "categories": categories}
    (folder / "train.json").write_text(json.dumps(content))
    return folder


def pasted(data: Path, out: str = "copy_paste") -> list[tuple[str, list[int], NDArray[np.uint8]]]:
    """Class and box of every pasted object of the written JSON, with its photo's label map."""
    content = json.loads((data / f"{out}.json").read_text())
    names = {image["id"]: Path(image["file_name"]).stem for image in content["images"]}
    found = []
    for item in content["annotations"]:
        if "donor_image_id" in item.get("trashdata", {}):
            path = data / out / "masks" / f"{names[item['image_id']]}.png"
            from PIL import Image

            labels = np.array(Image.open(path))
            found.append((NAMES[item["category_id"] - 1], item["bbox"], labels))
    return found


def is_at_home(name: str, box: Sequence[int], labels: NDArray[np.uint8]) -> bool:
    """Whether a car stands on the road, a bird has sky around it, a bin stands beside the wall."""
    x, y, width, height = box
    centre, bottom = x + width // 2, y + height
    under = labels[min(bottom + 1, HEIGHT - 1), centre]
    rows = labels[y : y + height]
    beside = np.hstack([rows[:, max(0, x - 8) : x], rows[:, x + width : x + width + 8]])
    if name == "Bird":
        above = labels[max(0, y - 2), centre]
        return bool(under == SKY and above == SKY and not (beside == ROAD).any())
    if name == "Car":
        return bool(under == ROAD)
    return bool(under == ROAD and (beside == WALL).any())


def cell(box: Sequence[int]) -> tuple[int, int]:
    """The cell of 10 x 10 pixels that holds a box's centre."""
    x, y, width, height = box
    return (x + width // 2) // 10, (y + height // 2) // 10


def admissible_cells(data: Path, name: str, size: tuple[int, int]) -> set[tuple[int, int]]:
    """Cells in which an object of this size is at home on one of the set's photos."""
    content = json.loads((data / "train.json").read_text())
    cells = set()
    for image in content["images"]:
        labels = np.zeros((HEIGHT, WIDTH), dtype=np.uint8)
        for item in content["annotations"]:
            if item["image_id"] == image["id"]:
                x, y, width, height = item["bbox"]
                labels[y : y + height, x : x + width] = item["category_id"]
        for y in range(0, HEIGHT - size[1], 4):
            for x in range(0, WIDTH - size[0], 4):
                if is_at_home(name, (x, y, *size), labels):
                    cells.add(cell((x, y, *size)))
    return cells


@pytest.mark.parametrize("seed", [1, 42])
def test_donors_land_where_they_belong(seed: int, tmp_path: Path) -> None:
    data = planted(tmp_path / "set")
    options = CopyPasteOptions(num=200, place="context", max_objects=1, seed=seed, **PLAIN)
    copy_paste(data, options)
    found = pasted(data)
    assert len(found) == 200
    for name, size in (("Car", (18, 10)), ("Bird", (10, 7)), ("Bin", (8, 12))):
        of_class = [(box, labels) for label, box, labels in found if label == name]
        assert len(of_class) > 40
        assert np.mean([is_at_home(name, *item) for item in of_class]) >= 0.95, name
        # And they do not always go to the same places.
        counts = np.array(list(Counter(cell(box) for box, _ in of_class).values()))
        shares = counts / counts.sum()
        most = math.log(len(admissible_cells(data, name, size)))
        assert -(shares * np.log(shares)).sum() >= most / 2, name


def test_anywhere_they_do_not(tmp_path: Path) -> None:
    """The check above tells one rule from another."""
    data = planted(tmp_path / "set")
    copy_paste(data, CopyPasteOptions(num=60, place="anywhere", **PLAIN))
    assert np.mean([is_at_home(*item) for item in pasted(data)]) < 0.6


@pytest.mark.parametrize(
    "changed",
    [
        {"background_lsj_min": 0.6, "background_lsj_max": 0.9},
        {"target": ("Car=18",)},
        {"balance": 0.5},
        {"size": 320},
        {"rotate": 15.0, "hflip": 1.0},
    ],
    ids=str,
)
def test_cars_stay_on_the_road(changed: dict[str, Any], tmp_path: Path) -> None:
    """With padded backgrounds, goals, another size, and turned and flipped donors."""
    data = planted(tmp_path / "set")
    goals = {"patch": ()} if "target" in changed or "balance" in changed else {"patch": ("Car",)}
    number = None if goals["patch"] == () else 40
    values = {**PLAIN, **goals, **changed, "num": number, "max_reuse": None}
    copy_paste(data, CopyPasteOptions(place="context", **values))
    cars = [(box, labels) for name, box, labels in pasted(data) if name == "Car"]
    assert len(cars) >= 4
    at_home = []
    for (x, y, width, height), labels in cars:
        at_home.append(labels[min(y + height + 1, labels.shape[0] - 1), x + width // 2])
    road = np.isin(at_home, [ROAD, IGNORE_INDEX, NAMES.index("Car") + 1])
    assert road.mean() >= 0.9


def test_the_same_bytes_with_any_number_of_workers(tmp_path: Path) -> None:
    options = CopyPasteOptions(num=70, place="context", **PLAIN)
    contents = []
    for workers in (1, 2):
        data = planted(tmp_path / str(workers))
        copy_paste(data, options, workers=workers)
        files = sorted((data / "copy_paste").rglob("*.*"))
        pictures = [f.read_bytes() for f in files if f.suffix in {".png", ".jpg"}]
        contents.append([(data / "copy_paste.json").read_bytes(), *pictures])
    assert len(contents[0]) == 141
    assert contents[0] == contents[1]


def test_a_dataset_has_the_same_label_maps(tmp_path: Path) -> None:
    data = planted(tmp_path / "set")
    options = CopyPasteOptions(num=6, place="context", **PLAIN)
    copy_paste(data, options)
    dataset = PasteDataset(data, options)
    from PIL import Image

    for number in (5, 0, 3):
        path = data / "copy_paste" / "masks" / f"{number:06}.png"
        assert np.array_equal(dataset[number].labels, np.array(Image.open(path)))


def test_without_labels_around_it_is_row_and_said_once(tmp_path: Path) -> None:
    data = planted(tmp_path / "set", strata=False)
    folders = DataFolders.of(data, None)
    materials, notes = {}, {}
    for place in ("row", "context"):
        method = CopyPaste(CopyPasteOptions(num=10, place=place, **PLAIN))
        reporter = Notes()
        materials[place] = read_inputs(folders, method, reporter).material
        notes[place] = [note for note in reporter.notes if "--place row" in note]
    assert notes["row"] == []
    assert notes["context"] == [
        "No donor has labels around it: all are put near their height, as by --place row."
    ]
    for index in range(10):
        row, context = (plan_photo(index, materials[place])[0] for place in ("row", "context"))
        assert row == context


def test_some_donors_without_labels_around_are_counted(tmp_path: Path) -> None:
    data = planted(tmp_path / "set")
    content = json.loads((data / "train.json").read_text())
    content["images"].append({**content["images"][1], "id": 99})
    bare = {**content["annotations"][3], "id": 999, "image_id": 99, "bbox": [20, 20, 30, 12]}
    content["annotations"].append(bare | {"segmentation": box_polygon(20, 20, 30, 12)})
    # The bare photo's own name, so that no photo stands twice.
    (data / "photos" / "99.jpg").write_bytes((data / "photos" / "1.jpg").read_bytes())
    content["images"][-1]["file_name"] = "photos/99.jpg"
    content["annotations"] = [a for a in content["annotations"] if a["category_id"] != 1]
    (data / "train.json").write_text(json.dumps(content))
    reporter = Notes()
    method = CopyPaste(CopyPasteOptions(place="context", **PLAIN | {"filter_donors": False}))
    material = read_inputs(DataFolders.of(data, None), method, reporter).material
    # Without a sky, the bird has no label around it either.
    blind = [donor.objects[0].annotation_id for donor in material.donors if donor.around is None]
    assert sorted(blind) == [5, 999]
    assert (
        "2 of 4 donors have too few labels around them, and are put near their height, as by"
        " --place row." in reporter.notes
    )


@pytest.mark.parametrize(("kept", "counts"), [({1, 3}, True), ({3}, False)])
def test_background_counts_where_half_of_the_donors_photos_is_labelled(
    kept: set[int], counts: bool, tmp_path: Path
) -> None:
    """With sky and wall 55 % are, with the wall alone 15 %; the road is class 0 then."""
    data = planted(tmp_path / "set")
    content = json.loads((data / "train.json").read_text())
    content["annotations"] = [
        item for item in content["annotations"] if item["category_id"] in kept | {4, 5, 6}
    ]
    (data / "train.json").write_text(json.dumps(content))
    method = CopyPaste(CopyPasteOptions(place="context", **PLAIN))
    donors = read_inputs(DataFolders.of(data, None), method, Reporter()).material.donors
    (car,) = (donor for donor in donors if NAMES[donor.class_index - 1] == "Car")
    assert (car.around is not None) == counts
    assert car.around is None or car.around.classes.tolist() == [0]


def test_classes_that_donors_alone_have_are_no_class(tmp_path: Path) -> None:
    """Donors of another file: its classes are the input's of the same name."""
    data = planted(tmp_path / "set")
    content = json.loads((data / "train.json").read_text())
    ids = {1: 30, 2: 20, 3: 10, 4: 7, 5: 8, 6: 9}
    for item in content["categories"]:
        item["name"] = item["name"].replace("Wall", "Mauer")
        item["id"] = ids[item["id"]]
    for item in content["annotations"]:
        item["category_id"] = ids[item["category_id"]]
    (data / "others.json").write_text(json.dumps(content))
    method = CopyPaste(CopyPasteOptions(place="context", donors="others.json", **PLAIN))
    donors = read_inputs(DataFolders.of(data, None), method, Reporter()).material.donors
    around = {NAMES[donor.class_index - 1]: donor.around for donor in donors}
    found = {name: item and item.classes.tolist() for name, item in around.items()}
    assert found == {"Car": [ROAD], "Bird": [SKY], "Bin": [ROAD]}


def test_whole_photos_have_nothing_around_them(tmp_path: Path) -> None:
    """Objects that fill their photo have no ring; they are pasted as by row."""
    data = planted(tmp_path / "set")
    options = {**PLAIN, "lsj_min": 0.5, "lsj_max": 0.6, "patch": ("Car",), "cut_donors": True}
    outcome = copy_paste(
        data, CopyPasteOptions(num=3, place="context", extract_patch=False, **options)
    )
    assert outcome.counts["photos"] == 3
