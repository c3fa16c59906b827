"""``PasteDataset``: photos in memory, against ``copy-paste`` writing the same ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.copy_paste import LENGTHS, OUT, QUICK_LENGTHS, timed_run
from benchmarks.harness import Bench, Figure, one_core, ratio, seconds, take_pairs

if TYPE_CHECKING:
    # mypy knows the spokes under the names of their folders.
    from copy_paste import CopyPasteOptions
else:
    from trashdata.copy_paste import CopyPasteOptions


def measure(bench: Bench) -> list[Figure]:
    """Photo and label map alone, then with the target of a detection model; both on one core."""
    default = CopyPasteOptions(out=OUT)
    with one_core():
        for targets in (False, True):
            _made(bench.data, replace(default, num=2), targets=targets)
        return [_compare(bench, default, targets=targets) for targets in (False, True)]


def _compare(bench: Bench, options: CopyPasteOptions, *, targets: bool) -> Figure:
    lengths = QUICK_LENGTHS if bench.quick else LENGTHS

    def written() -> float:
        short, long = (timed_run(bench.data, replace(options, num=length)) for length in lengths)
        return 1000 * (long - short) / (lengths[1] - lengths[0])

    def ours() -> float:
        short, long = (
            _made(bench.data, replace(options, num=length), targets=targets) for length in lengths
        )
        return 1000 * (long - short) / (lengths[1] - lengths[0])

    return ratio(
        "PasteDataset, with torchvision's targets" if targets else "PasteDataset",
        "copy-paste to files",
        take_pairs(written, ours, bench.repeats(5)),
        unit="ms/photo",
        wanted="" if targets else "at least 1",
        note="the same photos of the input's size, in memory and written; planning included",
    )


def _made(data: Path, options: CopyPasteOptions, *, targets: bool) -> float:
    """Seconds to read the input and make all photos."""
    if TYPE_CHECKING:
        from copy_paste import PasteDataset
    else:
        from trashdata.copy_paste import PasteDataset

    def work() -> None:
        for number, made in enumerate(PasteDataset(data, options)):
            if targets:
                made.instances.torchvision_target(number)

    return seconds(work)
