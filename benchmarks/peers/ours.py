"""Our side of the works, by library functions, each on one core."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from benchmarks.generated import CLASSES, OBJECTS, write_generated
from benchmarks.harness import Bench, seconds
from trashdata.from_masks import FromMasksOptions, from_masks
from trashdata.masks import MasksOptions, masks
from trashdata.merge import MergeOptions, merge

if TYPE_CHECKING:
    from copy_paste import CopyPasteOptions, copy_paste
    from splitting import KfoldOptions, kfold
else:
    from trashdata.copy_paste import CopyPasteOptions, copy_paste
    from trashdata.splitting import KfoldOptions, kfold

PATCH = "Battery"
_HALF = 1000


def prepare(bench: Bench) -> None:
    """What several works start from: label PNGs, and two COCO files without photos."""
    masks(bench.data, MasksOptions(json="train.json", out="masks"), workers=1)
    halves = bench.scratch / "halves"
    halves.mkdir()
    half = 50 if bench.quick else _HALF
    write_generated(halves / "one.json", half)
    write_generated(halves / "two.json", half, first=half * OBJECTS + CLASSES)


def given(bench: Bench) -> dict[str, str | int]:
    """What the peers' scripts are told."""
    halves = bench.scratch / "halves"
    return {
        "json": str(bench.data / "train.json"),
        "images": str(bench.data),
        "masks": str(bench.data / "masks"),
        "one": str(halves / "one.json"),
        "two": str(halves / "two.json"),
        "patch": PATCH,
        "num": photos(bench),
    }


def photos(bench: Bench) -> int:
    """New photos of the copy-paste works."""
    return 8 if bench.quick else 60


def masks_seconds(bench: Bench) -> float:
    """COCO to label PNGs."""
    taken = seconds(
        lambda: masks(bench.data, MasksOptions(json="train.json", out="again"), workers=1)
    )
    shutil.rmtree(bench.data / "again")
    return taken


def trace_seconds(bench: Bench) -> float:
    """Label PNGs to COCO polygons."""
    folder, out = bench.data / "masks", bench.data / "traced.json"
    taken = seconds(lambda: from_masks(bench.data, FromMasksOptions(folder, out.name), workers=1))
    out.unlink()
    return taken


def merge_seconds(bench: Bench) -> float:
    """Two COCO files into one."""
    halves = bench.scratch / "halves"
    options = MergeOptions(("one.json", "two.json"), "merged")
    return seconds(lambda: merge(halves, options, overwrite=True))


def folds_seconds(bench: Bench) -> float:
    """Five folds; near-duplicates are not looked for, since that reads photos."""
    options = KfoldOptions(json="train.json", folds=5, group_by="none")
    return seconds(lambda: kfold(bench.data, options))


def paste_seconds(bench: Bench) -> float:
    """New photos with label PNGs and a COCO file."""
    options = CopyPasteOptions(
        num=photos(bench), patch=(PATCH,), max_objects=1, segmentation="rle", mode="self"
    )
    taken = seconds(lambda: copy_paste(bench.data, options, workers=1))
    shutil.rmtree(bench.data / "copy_paste")
    (bench.data / "copy_paste.json").unlink()
    return taken
