"""``python -m benchmarks.peers [NAME ...] [--data DIR] [--json OUT.json] [--quick]``.

Other packages on the same work as ours, in turns, each on one core. What a package has no code
for (reading or writing COCO, splitting a label map) its script here supplies, and the table says
so. The clock runs inside of each: starts and imports don't count, and neither does a first run.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.harness import Bench, Figure, one_core, ratio, take_pairs
from benchmarks.inputs import RECYCLING, memory_folder, scratch_copy
from benchmarks.peers import ours
from benchmarks.peers.environments import Installed, Missing, environment_of, run_work
from benchmarks.results import About, table, write_json

WORKS = Path(__file__).parent / "works"


@dataclass(frozen=True)
class Peer:
    """A package and its work.

    ``module``: what it must be possible to import; ``script``: in `WORKS`; ``ours``: does the same
    work, and returns the seconds that it took; ``supplied``: what of the work the script does for
    the package.
    """

    module: str
    work: str
    script: str
    ours: Callable[[Bench], float]
    supplied: str
    extra: tuple[str, ...] = ()


_CV2 = "opencv-python-headless"
# Not among the constraints: datumaro needs an older one.
_PILLOW = "pillow==13.0.0"
PEERS = {
    "pycocotools": Peer(
        "pycocotools",
        "COCO to label PNGs",
        "masks_pycocotools.py",
        ours.masks_seconds,
        "painting and writing the PNGs (Pillow)",
        (_PILLOW,),
    ),
    "supervision": Peer(
        "supervision",
        "label PNGs to COCO polygons",
        "trace_supervision.py",
        ours.trace_seconds,
        "reading PNGs, splitting them into regions (OpenCV), writing COCO",
        (_PILLOW, _CV2),
    ),
    "imantics": Peer(
        "imantics",
        "label PNGs to COCO polygons",
        "trace_imantics.py",
        ours.trace_seconds,
        "reading PNGs, splitting them into regions (OpenCV), writing COCO",
        (_PILLOW,),
    ),
    "datumaro": Peer(
        "datumaro",
        "two COCO files into one",
        "merge_datumaro.py",
        ours.merge_seconds,
        "nothing",
    ),
    "scikit-multilearn": Peer(
        "skmultilearn",
        "five folds of a COCO file",
        "folds_scikit_multilearn.py",
        ours.folds_seconds,
        "reading COCO, and the table of classes by photo",
        ("scikit-learn", "scipy", "numpy"),
    ),
    "cpauger": Peer(
        "cpauger.crop_obj, cpauger.paste_obj",
        "copy-paste, with COCO file",
        "paste_cpauger.py",
        ours.paste_seconds,
        "choosing donors and backgrounds, a folder without subfolders; it makes no label"
        " PNGs and leaves out the backgrounds' own objects",
    ),
    "albumentationsx": Peer(
        "albumentations",
        "copy-paste, with COCO file",
        "paste_albumentationsx.py",
        ours.paste_seconds,
        "reading and writing COCO, photos and PNGs, choosing donors",
        (_CV2, "pycocotools", "torch"),
    ),
    "segpaste": Peer(
        "torchvision_operators, segpaste",
        "copy-paste, with COCO file",
        "paste_segpaste.py",
        ours.paste_seconds,
        "reading and writing COCO, photos and PNGs, choosing donors",
        (_CV2, "pycocotools"),
    ),
}


def measure(name: str, bench: Bench) -> Figure:
    """One row; without a result, and with the reason, where the package can't do it."""
    peer = PEERS[name]
    found = environment_of(name, peer.module, peer.extra, WORKS)
    if isinstance(found, Missing):
        return _unmeasured(peer, name, found.reason)
    against = f"{name} {found.version}"
    try:
        with one_core():
            peer.ours(bench)  # imports
            pairs = take_pairs(
                lambda: _theirs(bench, peer, found), lambda: peer.ours(bench), bench.repeats(3)
            )
    except RuntimeError as error:
        return _unmeasured(peer, against, str(error))
    return replace(
        ratio(peer.work, against, pairs, unit="s"), note=f"{against}: supplied {peer.supplied}"
    )


def _theirs(bench: Bench, peer: Peer, found: Installed) -> float:
    with bench.folder("theirs") as out:
        return run_work(found, WORKS / peer.script, ours.given(bench) | {"out": str(out)})


def _unmeasured(peer: Peer, against: str, reason: str) -> Figure:
    return Figure(peer.work, against, 0, 0, "s", note=f"{against}: not measured, {reason}")


def main() -> None:
    """Measure what is asked for, print one table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(PEERS)}")
    parser.add_argument("--data", type=Path, default=RECYCLING, metavar="DIR")
    parser.add_argument("--json", type=Path, metavar="OUT.json", help="write the figures there")
    parser.add_argument("--quick", action="store_true", help="few photos: to see that it works")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in PEERS]
    if unknown:
        parser.error(f"no peer called {unknown[0]}; there are {', '.join(PEERS)}")
    with tempfile.TemporaryDirectory(prefix="trashdata-peers-", dir=memory_folder()) as scratch:
        source = scratch_copy(arguments.data, Path(scratch) / "data")
        bench = Bench(Path(scratch), quick=arguments.quick)
        about = About.now(source, quick=arguments.quick)
        ours.prepare(bench)
        figures = []
        for name in arguments.names or PEERS:
            print(f"{name} ...", file=sys.stderr, flush=True)
            figures.append(measure(name, bench))
            shutil.rmtree(Path(scratch) / "theirs", ignore_errors=True)
    print(table(figures, about))
    if arguments.json is not None:
        write_json(arguments.json, figures, about)


if __name__ == "__main__":
    main()
