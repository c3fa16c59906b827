"""The drawing half of `trashdata sample`: plans, masks, order; colour gives nothing away."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from trashdata.sample import CATEGORIES, plan_categories
from trashdata.sample.drawing.objects import KINDS, draw_cutout
from trashdata.sample.drawing.placement import LEAST_VISIBLE, lay_out
from trashdata.sample.drawing.scene import SampleScene, draw_scene


def scene(categories: list[str], *, size: int = 128, seed: int = 0) -> SampleScene:
    return draw_scene(categories, size=size, rng=np.random.default_rng(seed))


def visible_pixels(drawn: SampleScene) -> list[int]:
    """What is left of each object once all are painted: the slow, obvious way."""
    return [
        int((one.mask & ~np.any([other.mask for other in drawn.objects[k + 1 :]], axis=0)).sum())
        if drawn.objects[k + 1 :]
        else int(one.mask.sum())
        for k, one in enumerate(drawn.objects)
    ]


def parts_and_holes(mask: NDArray[np.bool_]) -> tuple[int, int]:
    """Count the 8-connected parts of a mask and the holes in it, leaving out specks."""
    padded = np.pad(mask, 1).astype(np.uint8)
    _, _, parts, _ = cv2.connectedComponentsWithStats(padded, connectivity=8)
    _, _, gaps, _ = cv2.connectedComponentsWithStats(1 - padded, connectivity=4)
    large_parts = int((parts[1:, cv2.CC_STAT_AREA] >= 9).sum())
    large_gaps = int((gaps[1:, cv2.CC_STAT_AREA] >= 9).sum())
    return large_parts, large_gaps - 1


def test_every_category_is_drawn() -> None:
    assert tuple(KINDS) == CATEGORIES


@pytest.mark.parametrize("size", [64, 200, 512])
def test_shapes_and_dtypes(size: int) -> None:
    drawn = scene(list(CATEGORIES), size=size)
    assert drawn.photo.shape == (size, size, 3)
    assert drawn.photo.dtype == np.uint8
    assert sorted(one.category for one in drawn.objects) == sorted(CATEGORIES)
    for one in drawn.objects:
        assert one.mask.shape == (size, size)
        assert one.mask.dtype == np.bool_


def test_same_seed_same_bytes_whatever_the_global_state() -> None:
    first = scene(list(CATEGORIES), seed=5)
    np.random.seed(1)  # noqa: NPY002 - the global state is what must not matter
    second = scene(list(CATEGORIES), seed=5)
    assert first.photo.tobytes() == second.photo.tobytes()
    assert [one.mask.tobytes() for one in first.objects] == [
        one.mask.tobytes() for one in second.objects
    ]


def test_another_seed_another_photo() -> None:
    assert not np.array_equal(scene(["Paper"], seed=1).photo, scene(["Paper"], seed=2).photo)


def test_number_of_threads_changes_nothing() -> None:
    before = cv2.getNumThreads()
    try:
        cv2.setNumThreads(1)
        alone = scene(list(CATEGORIES), size=256).photo
        cv2.setNumThreads(4)
        together = scene(list(CATEGORIES), size=256).photo
    finally:
        cv2.setNumThreads(before)
    assert np.array_equal(alone, together)


def test_input_list_is_left_alone() -> None:
    categories = ["Paper", "Metal", "Battery"]
    scene(categories)
    assert categories == ["Paper", "Metal", "Battery"]


def test_empty_scene() -> None:
    drawn = scene([])
    assert drawn.objects == []
    assert drawn.photo.std() > 0


@pytest.mark.parametrize("seed", range(4))
def test_objects_come_by_falling_area(seed: int) -> None:
    areas = [int(one.mask.sum()) for one in scene(list(CATEGORIES), seed=seed).objects]
    assert areas == sorted(areas, reverse=True)


@pytest.mark.parametrize(("size", "count"), [(64, 7), (128, 10), (256, 15)])
def test_every_object_can_be_seen(size: int, count: int) -> None:
    for seed in range(6):
        categories = (list(CATEGORIES) * 2)[seed : seed + count]
        assert min(visible_pixels(scene(categories, size=size, seed=seed))) >= 40


def test_an_object_shows_in_the_photo_where_its_mask_is() -> None:
    # An opaque kind, against the same ground without it.
    cutout = draw_cutout(
        "Battery", size=256, shrink=1.0, light=(1.0, 0.0), rng=np.random.default_rng(3)
    )
    assert cutout.alpha[cutout.mask].min() >= 0.49
    assert cutout.alpha[cutout.cover == 0].max(initial=0.0) == 0


def test_holes_and_parts_are_common() -> None:
    found = [
        parts_and_holes(scene(["General trash"], size=256, seed=seed).objects[0].mask)
        for seed in range(30)
    ]
    assert sum(parts > 1 for parts, _ in found) >= 8
    assert sum(holes > 0 for _, holes in found) >= 8


def test_bags_have_holes_at_their_handles() -> None:
    found = [
        parts_and_holes(scene(["Plastic bag"], size=256, seed=seed).objects[0].mask)[1]
        for seed in range(30)
    ]
    assert sum(holes > 0 for holes in found) >= 8


def test_some_objects_are_cut_by_the_border() -> None:
    cut = 0
    for seed in range(30):
        mask = scene(["Paper"], seed=seed).objects[0].mask
        edges = (mask[0], mask[-1], mask[:, 0], mask[:, -1])
        cut += any(int(edge.sum()) > 4 for edge in edges)
    assert 1 <= cut <= 15


def mean_hue(category: str, seed: int) -> complex:
    """Mean colour of a cutout as a point on the hue circle; its length is the saturation."""
    rng = np.random.default_rng(seed)
    cutout = draw_cutout(category, size=128, shrink=1.0, light=(0.0, -1.0), rng=rng)
    blue, green, red = cutout.light[cutout.mask].mean(axis=0)
    return complex(red - (green + blue) / 2, 3**0.5 / 2 * (green - blue))


@pytest.mark.parametrize("category", CATEGORIES)
def test_hue_does_not_give_the_category_away(category: str) -> None:
    points = np.array([mean_hue(category, seed) for seed in range(60)])
    directions = points / np.abs(points)
    # 1 would be one hue for all; evenly spread hues of 60 objects stay below 0.25 or so.
    assert abs(directions.mean()) < 0.4


def test_layout_of_masks_that_cannot_all_be_seen_still_comes_to_an_end() -> None:
    masks = [np.ones((60, 60), np.bool_) for _ in range(12)]
    layout = lay_out(masks, size=64, rng=np.random.default_rng(0))
    assert sorted(layout.order) == list(range(12))
    assert LEAST_VISIBLE > 40


def test_unknown_category_and_tiny_photo_are_refused() -> None:
    with pytest.raises(ValueError, match="'Rubble' is not a category of the sample"):
        scene(["Rubble"])
    with pytest.raises(ValueError, match="size must be at least 64, got 63"):
        scene([], size=63)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("images", [60, 120, 400])
def test_batteries_are_rare_but_there(images: int, seed: int) -> None:
    plan = plan_categories(images, np.random.default_rng(seed))
    every = [kind for kinds in plan for kind in kinds]
    assert every.count("Battery") >= 5
    assert every.count("Battery") / len(every) < 0.01
    assert sum("Battery" in kinds for kinds in plan) >= 5


@pytest.mark.parametrize("seed", range(8))
def test_plan_is_unbalanced_as_promised(seed: int) -> None:
    plan = plan_categories(120, np.random.default_rng(seed))
    counts = {name: sum(kinds.count(name) for kinds in plan) for name in CATEGORIES}
    ranked = sorted(counts, key=lambda name: counts[name])
    assert ranked[:2] == ["Battery", "Clothing"]
    assert set(ranked[-2:]) == {"Paper", "Plastic bag"}
    assert sum(counts.values()) / 120 == pytest.approx(7, abs=1)
    assert max(map(len, plan)) <= 15
    assert sum(not kinds for kinds in plan) == 5


def test_plan_is_a_function_of_its_seed() -> None:
    first = plan_categories(50, np.random.default_rng(9))
    assert first == plan_categories(50, np.random.default_rng(9))
    assert first != plan_categories(50, np.random.default_rng(10))


def test_plan_of_few_photos() -> None:
    assert plan_categories(0, np.random.default_rng(0)) == []
    assert len(plan_categories(1, np.random.default_rng(0))) == 1
    with pytest.raises(ValueError, match="images must not be negative, got -1"):
        plan_categories(-1, np.random.default_rng(0))
