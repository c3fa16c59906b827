"""``python -m benchmarks [NAME ...] [--data DIR] [--json OUT.json] [--quick]``."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks import copy_paste, from_masks, kfold, long_runs, masks, startup, stats, train
from benchmarks.harness import Bench, Figure
from benchmarks.inputs import FILES, RECYCLING, scratch_copy
from benchmarks.results import About, table, write_json

SUBJECTS: dict[str, Callable[[Bench], list[Figure]]] = {
    "copy-paste": copy_paste.measure,
    "long-runs": long_runs.measure,
    "masks": masks.measure,
    "from-masks": from_masks.measure,
    "kfold": kfold.measure,
    "stats": stats.measure,
    "train": train.measure,
    "startup": startup.measure,
}


def main() -> None:
    """Measure what is asked for, print one table."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="trashdata-benchmarks-") as scratch:
        source = scratch_copy(arguments.data, Path(scratch) / "data")
        bench = Bench(Path(scratch), quick=arguments.quick)
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
        "--quick", action="store_true", help="few photos and repeats: to see that it works"
    )
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in SUBJECTS]
    if unknown:
        parser.error(f"no benchmark called {unknown[0]}; there are {', '.join(SUBJECTS)}")
    lacking = [name for name in FILES if not (arguments.data / name).is_file()]
    if lacking and arguments.data != RECYCLING:
        parser.error(f"--data {arguments.data}: there is no {lacking[0]}")
    return arguments


if __name__ == "__main__":
    main()
