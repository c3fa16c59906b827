"""``python -m benchmarks [NAME ...] [--data DIR] [--json OUT.json] [--photos N] [--quick]``."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks import (
    copy_paste,
    filter_classes,
    from_masks,
    kfold,
    kfold_reading,
    large_masks,
    large_photos,
    long_runs,
    many_photos,
    masks,
    merge,
    paste_dataset,
    report,
    startup,
    stats,
    train,
)
from benchmarks.harness import Bench, Figure
from benchmarks.inputs import FILES, RECYCLING, ROOM, memory_folder, scratch_copy
from benchmarks.results import About, table, write_json

SUBJECTS: dict[str, Callable[[Bench], list[Figure]]] = {
    "copy-paste": copy_paste.measure,
    "paste-dataset": paste_dataset.measure,
    "long-runs": long_runs.measure,
    "large-photos": large_photos.measure,
    "masks": masks.measure,
    "large-masks": large_masks.measure,
    "from-masks": from_masks.measure,
    "kfold": kfold.measure,
    "kfold-reading": kfold_reading.measure,
    "stats": stats.measure,
    "report": report.measure,
    "merge": merge.measure,
    "filter": filter_classes.measure,
    "many-photos": many_photos.measure,
    "train": train.measure,
    "startup": startup.measure,
}


def main() -> None:
    """Measure what is asked for, print one table."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory(
        prefix="trashdata-benchmarks-", dir=arguments.scratch
    ) as scratch:
        source = scratch_copy(arguments.data, Path(scratch) / "data")
        bench = Bench(Path(scratch), arguments.quick, 1000 if arguments.quick else arguments.photos)
        about = About.now(source, quick=arguments.quick)
        figures: list[Figure] = []
        for name in arguments.names or SUBJECTS:
            print(f"{name} ...", file=sys.stderr, flush=True)
            figures += SUBJECTS[name](bench)
    print(table(figures, about))
    if arguments.json is not None:
        write_json(arguments.json, figures, about)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=main.__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(SUBJECTS)}")
    parser.add_argument(
        "--data",
        type=Path,
        default=RECYCLING,
        metavar="DIR",
        help="folder with train.json and train_all.json; it is copied, never changed "
        "(default: ../shared/data/recycling-512, or a generated sample set where that is missing)",
    )
    parser.add_argument("--json", type=Path, metavar="OUT.json", help="write the figures there")
    parser.add_argument(
        "--scratch",
        type=Path,
        default=memory_folder(),
        metavar="DIR",
        help="folder for all files that are read and written (default: /dev/shm where it has "
        f"{ROOM >> 30} GB free, so that no disk has a part in the figures, else the temporary one)",
    )
    parser.add_argument(
        "--photos",
        type=int,
        default=Bench.photos,
        metavar="N",
        help="of generated files and of the long run of small photos; LVIS's size takes 4 GB of "
        f"memory and scratch (default: LVIS's, {Bench.photos:,})",
    )
    parser.add_argument(
        "--quick", action="store_true", help="few photos and repeats: to see that it works"
    )
    arguments = parser.parse_args()
    if arguments.photos < 1000:
        parser.error(f"--photos {arguments.photos}: at least 1000")
    unknown = [name for name in arguments.names if name not in SUBJECTS]
    if unknown:
        parser.error(f"no benchmark called {unknown[0]}; there are {', '.join(SUBJECTS)}")
    lacking = [name for name in FILES if not (arguments.data / name).is_file()]
    if lacking and arguments.data != RECYCLING:
        parser.error(f"--data {arguments.data}: there is no {lacking[0]}")
    return arguments


if __name__ == "__main__":
    main()
