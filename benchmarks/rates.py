"""``python -m benchmarks.rates``: what a photo costs, measured; `benchmarks.scale` reckons with it.

Rates are absolute, and so true of one machine only: its name, its load and the commit are written
beside them. Time is that of the processor, so that other programs on the machine take less part in
it than in the clock's; the start of the program is left out, as the difference of a longer and a
shorter run.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.harness import cpu_seconds, one_core
from benchmarks.inputs import (
    RECYCLING,
    load,
    photo_names,
    scratch_copy,
    write_enlarged,
    write_multiplied,
)
from benchmarks.processes import spend
from benchmarks.results import About, machine, versions

RATES = Path(__file__).parent / "rates.json"
# Lengths of the shorter and the longer run, in photos.
LENGTHS, LARGE_LENGTHS = (50, 250), (4, 16)
LARGE_PHOTOS = 12
# Under so many names each: of a large set, hardly a photo is still in memory when it comes again.
MANY = 20


@dataclass(frozen=True)
class Rates:
    """Of one kind of photo: core-seconds a photo by command, bytes of one photo and what belongs
    to it, MB of a process with and without the photos of a set."""

    seconds: dict[str, float]
    photo_bytes: float
    new_photo_bytes: float
    mask_bytes: float
    json_bytes: float
    json_bytes_new: float
    process_mb: float


@dataclass(frozen=True)
class Slope:
    """What a process holds for each photo of the input, in bytes, and as a multiple of its JSON."""

    bytes_a_photo: float
    times_json: float


def measure(folder: Path, repeats: int) -> dict[str, Any]:
    """All rates; ``folder``: an empty one for scratch."""
    source = scratch_copy(RECYCLING, folder / "data")
    about = About.now(source, quick=False)
    write_multiplied(folder / "data", folder / "many", MANY)
    kinds = {"512": _rates(folder / "data", folder / "many", LENGTHS, repeats)}
    slope = _slope(folder)
    write_enlarged(folder / "data", folder / "large", LARGE_PHOTOS)
    write_multiplied(folder / "large", folder / "many_large", MANY)
    kinds["12mp"] = _rates(folder / "large", folder / "many_large", LARGE_LENGTHS, repeats)
    return {
        **asdict(about),
        "load_at_the_end": round(os.getloadavg()[0], 2),
        "machine": machine(),
        "versions": versions(),
        "kinds": {name: asdict(rates) for name, rates in kinds.items()},
        "slope": asdict(slope),
    }


def _rates(data: Path, many: Path, lengths: tuple[int, int], repeats: int) -> Rates:
    """Of the photos in ``data``; ``many`` has them under many names, for Copy-Paste."""
    names = photo_names(data / "train.json")
    times = {
        "copy-paste": _median(lambda: _paste_seconds(many, lengths), repeats),
        "masks": _median(lambda: _masks_seconds(data), repeats),
        "validate": _median(lambda: _validate_seconds(data), repeats),
    }
    made = many / "copy_paste"
    new = load(many / "copy_paste.json")
    rates = Rates(
        seconds=times,
        photo_bytes=statistics.mean((data / name).stat().st_size for name in names),
        new_photo_bytes=_mean_size(made / "images"),
        mask_bytes=_mean_size(made / "masks"),
        json_bytes=(data / "train.json").stat().st_size / len(names),
        json_bytes_new=(many / "copy_paste.json").stat().st_size / len(new["images"]),
        process_mb=_peak(data, lengths[0]),
    )
    _forget(data)
    return rates


def _median(take: Callable[[], float], repeats: int) -> float:
    return statistics.median(take() for _ in range(repeats))


def _mean_size(folder: Path) -> float:
    return statistics.mean(path.stat().st_size for path in folder.iterdir())


def _paste(data: Path, num: int) -> float:
    from typing import TYPE_CHECKING

    if TYPE_CHECKING:
        from copy_paste import CopyPasteOptions, copy_paste
    else:
        from trashdata.copy_paste import CopyPasteOptions, copy_paste

    _forget(data)
    # The copies of a photo are duplicates, which would leave a few donors only.
    options = CopyPasteOptions(num=num, mode="self", filter_donors=False)
    with one_core():
        return cpu_seconds(lambda: copy_paste(data, options, workers=1))


def _forget(data: Path) -> None:
    shutil.rmtree(data / "copy_paste", ignore_errors=True)
    (data / "copy_paste.json").unlink(missing_ok=True)


def _paste_seconds(data: Path, lengths: tuple[int, int]) -> float:
    short, long = (_paste(data, length) for length in lengths)
    return (long - short) / (lengths[1] - lengths[0])


def _masks_seconds(data: Path) -> float:
    from trashdata.masks import MasksOptions, masks

    with one_core():
        taken = cpu_seconds(lambda: masks(data, MasksOptions(json="train.json"), workers=1))
    shutil.rmtree(data / "masks")
    return taken / len(photo_names(data / "train.json"))


def _validate_seconds(data: Path) -> float:
    from trashdata.validate import ValidateOptions, validate

    with one_core():
        taken = cpu_seconds(lambda: validate(data, ValidateOptions("train.json"), workers=1))
    return taken / len(photo_names(data / "train.json"))


def _peak(data: Path, num: int) -> float:
    words = ["copy-paste", "--data", data, "--num", str(num), "--workers", "1", "--quiet"]
    _forget(data)
    return spend([*words, "--mode", "self"], data).peak_mb


def _slope(folder: Path) -> Slope:
    """From the peaks of two dry runs, on a few and on many photos of the same labels."""
    sizes, peaks, counts = [], [], []
    for times in (2, 10):
        data = folder / f"times_{times}"
        data.mkdir()
        counts.append(write_multiplied(folder / "data", data, times))
        sizes.append((data / "train.json").stat().st_size)
        words = ["copy-paste", "--data", data, "--num", "50", "--workers", "1", "--dry-run"]
        peaks.append(spend([*words, "--no-filter-donors", "--quiet"], folder).peak_mb * 2**20)
    grown = peaks[1] - peaks[0]
    return Slope(grown / (counts[1] - counts[0]), grown / (sizes[1] - sizes[0]))


def main() -> None:
    """Measure, and write ``rates.json``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rates", description=__doc__)
    parser.add_argument("--json", type=Path, default=RATES, metavar="OUT.json")
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="trashdata-rates-") as scratch:
        rates = measure(Path(scratch), arguments.repeats)
    arguments.json.write_text(json.dumps(rates, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
