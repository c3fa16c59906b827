"""``from-masks`` against the usual recipe, in time and in what it keeps."""

from __future__ import annotations

import shutil
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.harness import Bench, Figure, one_core, ratio, seconds, take_pairs
from benchmarks.inputs import load
from trashdata.from_masks import FromMasksOptions, from_masks
from trashdata.masks import masks

RECIPE = "find_contours + simplify(1.0)"


@dataclass(frozen=True)
class _Kept:
    """What became of the true regions: their IoU each, 0 for one that is lost."""

    ious: list[float]

    @property
    def mean_iou(self) -> float:
        """Mean over all regions, lost ones included."""
        return sum(self.ious) / len(self.ious)

    @property
    def mean_iou_found(self) -> float:
        """Mean over the regions that are not lost."""
        found = [iou for iou in self.ious if iou > 0]
        return sum(found) / len(found)

    @property
    def exact(self) -> float:
        """Regions given back unchanged, in percent."""
        return 100 * sum(iou == 1 for iou in self.ious) / len(self.ious)

    @property
    def lost(self) -> float:
        """Regions that nothing is left of, in percent."""
        return 100 * sum(iou == 0 for iou in self.ious) / len(self.ious)


def measure(bench: Bench) -> list[Figure]:
    """Time both on the same masks, then hold what they wrote against the true regions."""
    from benchmarks.recipe import recipe

    folder = bench.data / "masks"
    masks(bench.data, workers=1)
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.png"))
    categories = sorted(load(bench.data / "train_all.json")["categories"], key=lambda c: c["id"])
    ours, other = bench.data / "traced.json", bench.scratch / "recipe.json"

    def time_ours() -> float:
        ours.unlink(missing_ok=True)
        return 1000 * seconds(
            lambda: from_masks(bench.data, FromMasksOptions(folder, ours.name), workers=1)
        )

    def time_recipe() -> float:
        return 1000 * seconds(lambda: recipe(folder, names, categories, other))

    with one_core():
        time_ours()
        time_recipe()
        pairs = take_pairs(time_recipe, time_ours, bench.repeats(5))
    figures = [ratio(f"from-masks, {len(names)} masks", RECIPE, pairs, wanted="at least 3")]
    figures += _quality(_kept(folder, names, other), _kept(folder, names, ours))
    shutil.rmtree(folder)
    ours.unlink()
    return figures


def _quality(other: _Kept, ours: _Kept) -> list[Figure]:
    rows = (
        (f"exact, of {len(ours.ious):,} regions", other.exact, ours.exact, "%", "100"),
        ("lost", other.lost, ours.lost, "%", "0"),
        ("mean IoU, lost ones as 0", other.mean_iou, ours.mean_iou, "IoU", "1"),
        ("mean IoU without the lost", other.mean_iou_found, ours.mean_iou_found, "IoU", "1"),
    )
    return [
        Figure(f"from-masks: {name}", RECIPE, theirs, ours, unit, wanted)
        for name, theirs, ours, unit, wanted in rows
    ]


def _kept(folder: Path, names: list[str], json: Path) -> _Kept:
    """The best IoU that any annotation has with each true region, rasterised by pycocotools."""
    content = load(json)
    annotations = defaultdict(list)
    for annotation in content["annotations"]:
        annotations[annotation["image_id"]].append(annotation)
    mask_of = {image["id"]: _stem(image["file_name"]) for image in content["images"]}
    images = {stem: image_id for image_id, stem in mask_of.items()}
    ious: list[float] = []
    for name in names:
        ious += _region_ious(folder / name, annotations[images[_stem(name)]])
    return _Kept(ious)


def _stem(name: str) -> str:
    return name.rpartition(".")[0]


def _region_ious(mask: Path, annotations: list[dict[str, Any]]) -> list[float]:
    import numpy as np
    from PIL import Image

    from benchmarks.recipe import labelled_regions

    with Image.open(mask) as image:
        labels = np.array(image)
    regions = np.zeros(labels.shape, dtype=np.int32)
    areas = [0]
    for _, region in labelled_regions(labels):
        regions[tuple(region.coords.T)] = len(areas)
        areas.append(region.coords.shape[0])
    best = np.zeros(len(areas))
    for annotation in annotations:
        inside = _rasterised(annotation, labels.shape)
        shared = np.bincount(regions[inside], minlength=len(areas))
        shared[0] = 0
        ious = shared / (np.array(areas) + int(inside.sum()) - shared).clip(1)
        most = int(ious.argmax())
        best[most] = max(best[most], ious[most])
    kept: list[float] = best[1:].tolist()
    return kept


def _rasterised(annotation: dict[str, Any], shape: tuple[int, int]) -> Any:
    """(H, W) bool."""
    from pycocotools import mask as coco_mask

    # pycocotools takes no polygon with fewer than three corners.
    polygons = [one for one in annotation["segmentation"] if len(one) >= 6]
    return coco_mask.decode(coco_mask.merge(coco_mask.frPyObjects(polygons, *shape))) == 1
