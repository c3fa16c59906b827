"""``masks`` against a plain pycocotools loop, and against the PNG encoder alone."""

from __future__ import annotations

import contextlib
import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.harness import Bench, Figure, one_core, ratio, seconds, take_pairs
from trashdata.masks import MasksOptions, masks

Write = Callable[[Path, Any], None]


def measure(bench: Bench) -> list[Figure]:
    """Time the three; the loop's pixels are ours, or there is no figure."""
    with one_core():
        _ours(bench, keep=True)
        maps = label_maps(bench.data / "masks")
        writer = min(WRITERS, key=lambda name: _write_all(bench, maps, WRITERS[name]))
        write = WRITERS[writer]
        refuse_other_pixels(bench, bench.data / "train_all.json", maps, write)
        repeats = bench.repeats(7)
        json = bench.data / "train_all.json"
        loop = take_pairs(lambda: loop_time(bench, json, write), lambda: _ours(bench), repeats)
        floor = take_pairs(
            lambda: _write_all(bench, maps, write_encoded), lambda: _ours(bench), repeats
        )
    count = len(maps)
    shutil.rmtree(bench.data / "masks")
    return [
        ratio(
            f"masks, {count} of them",
            "pycocotools loop",
            loop,
            wanted="at least 2.5",
            note=f"the same pixels; the loop writes with {writer}, the faster of the plain ways",
        ),
        ratio(f"masks, {count} of them", "imencode + write", floor, wanted="at least 0.5"),
    ]


def _ours(bench: Bench, *, keep: bool = False) -> float:
    out = "masks" if keep else "masks_again"
    taken = seconds(lambda: masks(bench.data, MasksOptions(out=out), workers=1))
    if not keep:
        shutil.rmtree(bench.data / out)
    return 1000 * taken


def label_maps(folder: Path) -> dict[str, Any]:
    """Label maps (H, W) by relative name."""
    import numpy as np
    from PIL import Image

    return {
        path.relative_to(folder).as_posix(): np.array(Image.open(path))
        for path in sorted(folder.rglob("*.png"))
    }


def write_pillow(path: Path, labels: Any) -> None:
    """A palette PNG as one writes it without further thought."""
    from PIL import Image

    image = Image.fromarray(labels)
    image.putpalette([value for grey in range(256) for value in (grey, grey, grey)])
    image.save(path)


def write_cv2(path: Path, labels: Any) -> None:
    """A gray PNG."""
    import cv2

    cv2.imwrite(str(path), labels)


def write_encoded(path: Path, labels: Any) -> None:
    """A gray PNG, encoded and written in two steps."""
    import cv2

    path.write_bytes(cv2.imencode(".png", labels)[1].tobytes())


WRITERS: dict[str, Write] = {"Pillow, palette": write_pillow, "cv2.imwrite": write_cv2}


def _write_all(bench: Bench, maps: dict[str, Any], write: Write) -> float:
    """Milliseconds for all maps."""
    with bench.folder("encoded") as folder:
        for name in maps:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)

        def work() -> None:
            for name, labels in maps.items():
                write(folder / name, labels)

        return 1000 * seconds(work)


def loop_time(bench: Bench, json: Path, write: Write) -> float:
    """Milliseconds that the loop takes."""
    with bench.folder("loop") as folder:
        return 1000 * seconds(lambda: plain_loop(json, folder, write))


def plain_loop(json: Path, folder: Path, write: Write) -> None:
    """COCO to label PNGs as everybody writes it: larger objects first, ties by id."""
    import numpy as np
    from pycocotools.coco import COCO

    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(str(json))
    indices = {category: k for k, category in enumerate(sorted(coco.getCatIds()), start=1)}
    for image in coco.loadImgs(coco.getImgIds()):
        labels = np.zeros((image["height"], image["width"]), dtype=np.uint8)
        annotations = coco.loadAnns(coco.getAnnIds(imgIds=image["id"]))
        for annotation in sorted(annotations, key=lambda one: (-one["area"], one["id"])):
            labels[coco.annToMask(annotation) == 1] = indices[annotation["category_id"]]
        path = (folder / image["file_name"]).with_suffix(".png")
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, labels)


def refuse_other_pixels(bench: Bench, json: Path, ours: dict[str, Any], write: Write) -> None:
    """Raise RuntimeError unless the loop makes the very masks that are ours."""
    import numpy as np

    with bench.folder("loop") as folder:
        plain_loop(json, folder, write)
        plain = label_maps(folder)
    same = [name for name in ours if name in plain and np.array_equal(ours[name], plain[name])]
    if not len(same) == len(ours) == len(plain):
        raise RuntimeError(
            f"only {len(same)} of {len(ours)} masks are those of the plain loop: no figure"
        )
