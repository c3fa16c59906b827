"""Copy-Paste against its floor: what the file formats alone cost for each new photo."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.harness import Bench, Figure, one_core, ratio, seconds, take_pairs
from benchmarks.inputs import photo_names, write_multiplied

if TYPE_CHECKING:
    # mypy knows the spokes under the names of their folders.
    from copy_paste import CopyPasteOptions
else:
    from trashdata.copy_paste import CopyPasteOptions

# What both runs have in common (reading the input, planning what is planned once, the first
# round of backgrounds) cancels out in the difference.
LENGTHS, BIG_LENGTHS, QUICK_LENGTHS = (100, 700), (100, 400), (10, 40)
OUTPUTS = 120
OUT = "benchmark"
BIG = "big.json"
FLOOR = "imread + 2 imwrite"


@dataclass(frozen=True)
class Output:
    """One of our photos, (H, W, 3) BGR, and its label map (H, W)."""

    photo: Any
    mask: Any


def measure(bench: Bench) -> list[Figure]:
    """Default options on the input, then on a set so big that no background serves twice."""
    lengths = QUICK_LENGTHS if bench.quick else LENGTHS
    big_lengths = QUICK_LENGTHS if bench.quick else BIG_LENGTHS
    photos = photo_names(bench.data / "train.json")
    default = CopyPasteOptions(out=OUT)
    with one_core():
        outputs = made_photos(bench.data, default, 10 if bench.quick else OUTPUTS)
        figure = compare(bench, bench.data, default, outputs, lengths)
        times = -(-big_lengths[1] // len(photos))
        write_multiplied(bench.data, bench.data, times, name=BIG, under="big/", put=shutil.copyfile)
        # Copies of one photo are duplicates, which would leave a few donors only.
        big = replace(default, json=BIG, filter_donors=False)
        few_donors = replace(big, donors="train.json")
        same_donors = compare(bench, bench.data, few_donors, outputs, big_lengths, 3)
        new_donors = compare(bench, bench.data, big, outputs, big_lengths, 3)
    count = len(photos)
    return [
        replace(figure, name="copy-paste", wanted="at least 0.7", note=_cached(count)),
        replace(
            same_donors,
            name="copy-paste, big set, small donor file",
            note=f"{count * times} backgrounds, none is read twice; donors from {count} photos",
        ),
        replace(
            new_donors,
            name="copy-paste, big set",
            note=f"{count * times} backgrounds, none is read twice; donors from as many photos, "
            "which the floor does not read",
        ),
    ]


def _cached(count: int) -> str:
    return f"the floor reads a background a photo; ours keeps its {count} in memory by default"


def compare(
    bench: Bench,
    data: Path,
    options: CopyPasteOptions,
    outputs: Sequence[Output],
    lengths: tuple[int, int],
    repeats: int = 5,
) -> Figure:
    """The floor against ours for the set in ``data``, the time of a photo from two ``lengths``."""
    backgrounds = [data / name for name in photo_names(data / options.json)]

    def floor() -> float:
        return _floor(bench, backgrounds, outputs, lengths[1] - lengths[0])

    def ours() -> float:
        short, long = (timed_run(data, replace(options, num=length)) for length in lengths)
        return 1000 * (long - short) / (lengths[1] - lengths[0])

    pairs = take_pairs(floor, ours, bench.repeats(repeats))
    return ratio("", FLOOR, pairs, unit="ms/photo")


def _floor(
    bench: Bench, backgrounds: Sequence[Path], outputs: Sequence[Output], count: int
) -> float:
    """Milliseconds a photo; to new files each time, as the command does."""
    import cv2

    quality = [cv2.IMWRITE_JPEG_QUALITY, 95]
    turns = zip(range(count), itertools.cycle(backgrounds), itertools.cycle(outputs), strict=False)
    with bench.folder("floor") as folder:

        def work() -> None:
            for number, background, output in turns:
                cv2.imread(str(background))
                cv2.imwrite(f"{folder}/{number:06}.jpg", output.photo, quality)
                cv2.imwrite(f"{folder}/{number:06}.png", output.mask)

        return 1000 * seconds(work) / count


def timed_run(data: Path, options: CopyPasteOptions) -> float:
    """Seconds of one whole run, planning and JSON included; what it wrote is deleted."""
    taken = seconds(_command(data, options))
    _delete(data)
    return taken


def _command(data: Path, options: CopyPasteOptions) -> Callable[[], object]:
    if TYPE_CHECKING:
        from copy_paste import copy_paste
    else:
        from trashdata.copy_paste import copy_paste

    return lambda: copy_paste(data, options, workers=1)


def _delete(data: Path) -> None:
    shutil.rmtree(data / OUT)
    (data / f"{OUT}.json").unlink()


def made_photos(data: Path, options: CopyPasteOptions, count: int) -> list[Output]:
    """Photos and masks as the command makes them; a run that warms everything up as well."""
    import cv2
    import numpy as np
    from PIL import Image

    _command(data, replace(options, num=count))()
    outputs = [
        Output(cv2.imread(str(photo)), np.array(Image.open(mask)))
        for photo, mask in zip(
            sorted((data / OUT / "images").iterdir()),
            sorted((data / OUT / "masks").glob("*.png")),
            strict=True,
        )
    ]
    _delete(data)
    return outputs
