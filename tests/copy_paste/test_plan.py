"""Planning on labels alone: the rules of placement, on small sets drawn by Hypothesis."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trashdata.copy_paste.donors.donors import find_donors
from trashdata.copy_paste.donors.sources import source_photo
from trashdata.copy_paste.geometry import Transform, map_points, put
from trashdata.copy_paste.options import CopyPasteOptions
from trashdata.copy_paste.placement import PLACEMENTS, READS_LABELS
from trashdata.copy_paste.planning.candidates import Material
from trashdata.copy_paste.planning.plan import plan_photo, scheduled_background
from trashdata.copy_paste.planning.scene import Rules, Scene

from trashdata.coco.read import read_document
from trashdata.errors import UserError

WIDTH, HEIGHT = 64, 48


@st.composite
def polygons(draw: st.DrawFn) -> list[float]:
    """A triangle or quadrangle somewhere on the photo, sides of 3 to 30 pixels."""
    x = draw(st.floats(0, WIDTH - 4))
    y = draw(st.floats(0, HEIGHT - 4))
    width = draw(st.floats(3, 30))
    height = draw(st.floats(3, 30))
    corners = [(x, y), (x + width, y), (x + width / 2, y + height)]
    if draw(st.booleans()):
        corners.insert(2, (x + width, y + height))
    inside = [(min(cx, WIDTH), min(cy, HEIGHT)) for cx, cy in corners]
    return [round(value, 2) for corner in inside for value in corner]


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """One to four photos with none to six objects of two classes; the first holds a donor."""
    count = draw(st.integers(1, 4))
    annotations: list[dict[str, Any]] = []

    def add(image: int, category: int, corners: list[float], *, crowd: bool) -> None:
        annotations.append(
            {
                "id": len(annotations) + 1,
                "image_id": image,
                "category_id": category,
                "segmentation": [corners],
                "area": 100 + len(annotations),
                "iscrowd": int(crowd),
            }
        )

    add(0, 1, [20, 15, 34, 15, 34, 27, 20, 27], crowd=False)
    for image in range(count):
        for _ in range(draw(st.integers(0, 6))):
            crowd = draw(st.integers(0, 5)) == 0
            add(image, draw(st.integers(1, 2)), draw(polygons()), crowd=crowd)
    return {
        "images": [
            {"id": k, "file_name": f"{k}.jpg", "width": WIDTH, "height": HEIGHT}
            for k in range(count)
        ],
        "annotations": annotations,
        "categories": [{"id": 1, "name": "Battery"}, {"id": 2, "name": "Paper"}],
    }


@st.composite
def options(draw: st.DrawFn) -> CopyPasteOptions:
    low = draw(st.floats(0.3, 1.2))
    return CopyPasteOptions(
        num=4,
        min_area=draw(st.integers(1, 30)),
        max_objects=draw(st.integers(1, 4)),
        lsj_min=0.3,
        background_lsj_min=low,
        background_lsj_max=low + draw(st.floats(0, 1)),
        rotate=draw(st.sampled_from([0.0, 25.0])),
        vflip=draw(st.sampled_from([0.0, 0.5])),
        extract_patch=draw(st.booleans()),
        min_visible=draw(st.floats(0, 1)),
        max_cover=draw(st.floats(0, 1)),
        place=draw(st.sampled_from(list(PLACEMENTS))),
        seed=draw(st.integers(0, 1000)),
    )


def material_of(content: dict[str, Any], chosen: CopyPasteOptions, folder: Path) -> Material:
    path = folder / "set.json"
    path.write_text(json.dumps(content))
    document = read_document(path)
    photos = [source_photo(document, image) for image in document.images]
    patch = frozenset({1})
    donors, _ = find_donors(
        photos,
        patch,
        frozenset(),
        whole=not chosen.extract_patch,
        cut_donors=False,
        around=chosen.place in READS_LABELS,
    )
    rules = Rules(chosen.min_area, chosen.max_area, chosen.min_visible, chosen.max_cover, patch)
    return Material(photos, donors, [list(range(len(donors)))], rules, chosen)


def visible(scene: Scene, number: int) -> int:
    return int(np.count_nonzero(scene.instances == number))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(content=documents(), chosen=options())
def test_rules_of_placement(
    content: dict[str, Any], chosen: CopyPasteOptions, tmp_path_factory: pytest.TempPathFactory
) -> None:
    material = material_of(content, chosen, tmp_path_factory.mktemp("plan"))
    if not material.donors:
        return
    for index in range(chosen.num):
        try:
            plan, scene = plan_photo(index, material)
        except UserError:
            continue
        check_scene(scene, chosen)
        assert 1 <= len(plan.pastes) <= (chosen.max_objects if chosen.extract_patch else 1)
        again, same = plan_photo(index, material)
        assert again == plan
        assert np.array_equal(same.instances, scene.instances)


def check_scene(scene: Scene, chosen: CopyPasteOptions) -> None:
    x, y, width, height = scene.valid_box
    for number, item in enumerate(scene.objects, start=1):
        assert item.visible == visible(scene, number)
        shown = scene.instances[item.window.slices] == number
        assert not (shown & (item.window.bitmap == 0)).any()
        if item.donor is None:
            whole = item.visible == item.area
            assert whole or item.visible == 0 or item.visible >= chosen.min_visible * item.area
        else:
            left, top, box_width, box_height = item.window.box
            assert left >= x
            assert top >= y
            assert left + box_width <= x + width
            assert top + box_height <= y + height
        guarded = item.source.class_index == 1 and not item.source.crowd
        if guarded and (item.donor is None or chosen.extract_patch):
            assert item.area - item.visible <= chosen.max_cover * item.area
        if guarded and item.donor is not None:
            assert item.window.area >= chosen.min_area


@pytest.mark.parametrize("count", [1, 7])
def test_each_background_once_a_round(count: int) -> None:
    order = [scheduled_background(index, count, seed=3) for index in range(2 * count)]
    assert sorted(order[:count]) == sorted(order[count:]) == list(range(count))


def test_pixels_and_polygons_move_alike() -> None:
    """A filled box in a picture and its outline end on the same pixels."""
    from trashdata.copy_paste.rendering.render import _donor_pixels

    from trashdata.mask_codec.raster import rasterise

    crop = np.zeros((30, 40, 3), dtype=np.uint8)
    crop[6:24, 8:20] = 255
    outline = np.array([[108, 56], [120, 56], [120, 74], [108, 74]], dtype=np.float64)
    for hflip, vflip, angle in ((False, False, 0.0), (True, False, 0.0), (True, True, 30.0)):
        transform = Transform((100, 50, 40, 30), (120, 90), (30, 40), hflip, vflip, angle)
        points = put(map_points(outline, transform), transform.position)
        (window,) = rasterise([[points.ravel()]], 200, 200)
        left, top, width, height = window.box
        box = (left, top, left + width, top + height)
        pixels = _donor_pixels(crop, transform, box)[:, :, 0]
        assert pixels.shape == window.bitmap.shape
        wrong = (pixels > 127) != (window.bitmap > 0)
        # Only pixels through which the edge itself runs may differ.
        assert wrong.mean() < 0.02


def test_donors_leave_out_crowds_and_cut_objects(tmp_path: Path) -> None:
    content: dict[str, Any] = {
        "images": [{"id": 1, "file_name": "a.jpg", "width": WIDTH, "height": HEIGHT}],
        "categories": [{"id": 1, "name": "Battery"}],
        "annotations": [
            {"id": k, "image_id": 1, "category_id": 1, "segmentation": [shape], "area": area}
            for k, (shape, area) in enumerate(
                [
                    ([0, 5, 9, 5, 9, 14, 0, 14], 81),
                    ([30, 10, 50, 10, 50, 30, 30, 30], 400),
                    ([35, 15, 40, 15, 40, 20, 35, 20], 25),
                    ([12, 30, 20, 30, 20, 40, 12, 40], 80),
                ]
            )
        ],
    }
    content["annotations"][3]["iscrowd"] = 1
    chosen = CopyPasteOptions()
    (tmp_path / "set.json").write_text(json.dumps(content))
    document = read_document(tmp_path / "set.json")
    photos = [source_photo(document, image) for image in document.images]
    donors, left_out = find_donors(
        photos, frozenset({1}), frozenset(), whole=False, cut_donors=chosen.cut_donors
    )
    assert [donor.objects[0].annotation_id for donor in donors] == [1, 2]
    assert left_out == {"cut by the photo's border": 1, "crowd region": 1}
    # The small one lies on the large one: only what is seen of it is pasted.
    assert donors[0].share == pytest.approx((400 - 25) / (WIDTH * HEIGHT))
