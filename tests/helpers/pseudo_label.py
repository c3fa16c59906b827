"""A stub for the models of ``trashdata pseudo``, and a run with it as a process of its own.

``python -m helpers.pseudo_label FOLDER COUNT`` makes that many photos of 64 x 64 pixels in a new
folder, labels them, and prints the peak of its memory in MB; without COUNT it labels what is there.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from trashdata.pseudo_label import PseudoOptions, pseudo
from trashdata.pseudo_label.origin import Origin
from trashdata.pseudo_label.predicting.models import Models

CHANNELS = 11
SIDE = 64


class Stub:
    """Two models with two views each: the green of a pixel says the class, and how sure it is.

    ``shift``: how far the views are apart, in gray values; ``fail_at``: the call that is
    interrupted; ``calls``: so many photos were predicted.
    """

    def __init__(self, shift: float = 2.0, fail_at: int | None = None) -> None:
        self.fail_at = fail_at
        self.calls = 0
        centres = np.linspace(20, 235, CHANNELS)[:, None]
        greens = np.arange(256) + shift * np.arange(4)[:, None, None]
        powers = np.exp(-0.3 * np.abs(greens - centres))
        self.tables = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)

    def __call__(self, photo: NDArray[np.uint8]) -> Iterator[Any]:
        self.calls += 1
        if self.calls == self.fail_at:
            raise KeyboardInterrupt
        half = photo.shape[0] // 2
        for rows in (photo[:half], photo[half:]):
            yield [(view // 2, table[:, rows[..., 1]]) for view, table in enumerate(self.tables)]


def stub(**options: Any) -> Models:
    """Two models, the first with the greater weight."""
    origins = [Origin("exp", "ab" * 32, 0.6), Origin("exp2", "cd" * 32, 0.4)]
    return Models(Stub(**options), origins)


def make_photos(folder: Path, count: int) -> None:
    """Photos of soft blotches, and their COCO file ``test.json`` without labels."""
    folder.mkdir()
    images = []
    for number in range(count):
        rng = np.random.default_rng(number)
        blotches = cv2.resize(rng.integers(0, 256, (5, 5, 3)).astype(np.uint8), (SIDE, SIDE))
        cv2.imwrite(str(folder / f"{number:06}.png"), blotches)
        name = f"{number:06}.png"
        images.append({"id": number, "file_name": name, "width": SIDE, "height": SIDE})
    categories = [{"id": k, "name": f"Class {k}"} for k in range(1, CHANNELS)]
    content = {"images": images, "annotations": [], "categories": categories}
    (folder / "test.json").write_text(json.dumps(content))


def label(folder: Path) -> None:
    """Label the photos in one process, as the memory and the killed runs are measured."""
    options = PseudoOptions(min_area=20, threshold=0.5, masks=True, keep_images=0.8, agree=True)
    pseudo(folder, options, models=stub())


def main(folder: Path, count: int) -> None:
    if count:
        make_photos(folder, count)
    label(folder)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(round(peak / (1 << 20 if sys.platform == "darwin" else 1 << 10), 1))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)
