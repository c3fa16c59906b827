"""``kfold`` against iterative stratification alone: balance on TACO, time on 100,000 photos."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.harness import Bench, Figure, one_core, seconds
from benchmarks.inputs import RECYCLING
from benchmarks.processes import environment

TACO = RECYCLING.parent / "taco" / "annotations.json"
SEEDS = (0, 1, 2)
FOLDS = 5
GENERATED = (201, 202, 203)
WEIGHTS = (2.0, 1.0, 1.0)


def measure(bench: Bench) -> list[Figure]:
    """Balance where the inputs are there, then time and objective of a large generated set."""
    figures = []
    if TACO.is_file():
        figures += _taco(bench)
    figures += _recycling(bench) + _unseen()
    return figures + _large(10_000 if bench.quick else 100_000)


def _taco(bench: Bench) -> list[Figure]:
    """The worst of three seeds, the library on the classes alone against ours."""
    from trashdata.splitting.stratifying.labels import photo_labels

    from trashdata.coco.read import read_document

    labels = photo_labels(read_document(TACO, masks=False))
    theirs = [_library(labels, seed) for seed in SEEDS]
    ours = [_ours(labels, seed) for seed in SEEDS]
    turned = [_ours(labels, seed, (1.0, 100.0, 1.0)) for seed in SEEDS]
    wanted = {"photos": "at most 3.3", "objects": "at most 5.1", "area": "at most 14.5"}
    figures = [
        _deviation(f"kfold, TACO, {share}", labels, theirs, ours, share, wanted[share])
        for share in wanted
    ]
    figures.append(
        _deviation(
            "kfold, TACO, --weights 1,100,1",
            labels,
            theirs,
            turned,
            "objects",
            "at most 3.8",
            "3.83 is the least possible: some photos alone hold more than a fifth of a class",
        )
    )
    with bench.folder("taco") as folder:
        times = [_command(folder, seed) for seed in SEEDS]
    return figures + _taco_parts(labels, theirs, ours, times)


def _command(folder: Path, seed: int) -> float:
    """Seconds that the command takes, from its start to its end."""
    data = folder / str(seed)
    data.mkdir(parents=True)
    shutil.copy(TACO, data / "train_all.json")
    words = [sys.executable, "-m", "trashdata", "kfold", "--quiet", "--seed", str(seed)]
    command = [*words, "--data", str(data)]
    return seconds(
        lambda: subprocess.run(
            command, check=True, stderr=subprocess.DEVNULL, cwd=folder, env=environment()
        )
    )


def _taco_parts(
    labels: Any, theirs: list[Any], ours: list[Any], times: list[float]
) -> list[Figure]:
    """Empty cells, fold sizes, time."""
    empty, other = (max(_figures(labels, f).empty for f in both) for both in (ours, theirs))
    apart, others_apart = (max(_size_spread(f) for f in both) for both in (ours, theirs))
    return [
        Figure("kfold, TACO, empty cells", "library", other, empty, "cells", "0"),
        Figure(
            "kfold, TACO, fold sizes", "library", others_apart, apart, "photos apart", "at most 1"
        ),
        Figure(
            "kfold, TACO, time",
            "none",
            other=0.0,
            ours=statistics.median(times),
            unit="s",
            wanted="at most 3",
            spread=(min(times), max(times)),
            note="the whole command: scikit-learn's import, the files and the picture included",
        ),
    ]


def _recycling(bench: Bench) -> list[Figure]:
    from trashdata.splitting.stratifying.labels import photo_labels

    from trashdata.coco.read import read_document

    labels = photo_labels(read_document(bench.data / "train_all.json", masks=False))
    return _in_kind("kfold, the input", [labels])


def _unseen() -> list[Figure]:
    return _in_kind("kfold, generated", [long_tailed(seed, 3000, 30) for seed in GENERATED])


def _in_kind(name: str, sets: list[Any]) -> list[Figure]:
    """The worst set and seed of ours / library, for each share."""
    rows = {"photos": "at most 1.05", "objects": "under 1", "area": "under 1"}
    figures = []
    for share, wanted in rows.items():
        pairs = tuple(
            (
                100 * getattr(_figures(labels, _library(labels, seed)), share),
                100 * getattr(_figures(labels, _ours(labels, seed)), share),
            )
            for labels in sets
            for seed in SEEDS
        )
        ratios = [ours / other for other, ours in pairs]
        figures.append(
            Figure(
                f"{name}, {share}",
                "library",
                other=statistics.median(other for other, _ in pairs),
                ours=statistics.median(ours for _, ours in pairs),
                unit="% off",
                wanted=wanted,
                result=max(ratios),
                result_unit="x",
                better="less",
                spread=(min(ratios), max(ratios)),
                pairs=pairs,
            )
        )
    return figures


def _large(photos: int) -> list[Figure]:
    """Time and objective of 60 classes, in turns on one core."""
    labels = long_tailed(3, photos, 60)
    results: dict[str, Any] = {}
    with one_core():
        _library(long_tailed(3, 500, 60), 0)  # imports it
        theirs = seconds(lambda: results.update(theirs=_library(labels, 0)))
        ours = seconds(lambda: results.update(ours=_ours(labels, 0)))
    before, after = (_objective(labels, results[key]) for key in ("theirs", "ours"))
    name = f"kfold, {photos:,} photos"
    return [
        _less(f"{name}, time", theirs, ours, "s", "at most 3"),
        _less(f"{name}, objective", before, after, "", "at most 0.7"),
    ]


def _less(name: str, theirs: float, ours: float, unit: str, wanted: str) -> Figure:
    quotient = ours / theirs
    return Figure(name, "library", theirs, ours, unit, wanted, quotient, "x", better="less")


def long_tailed(seed: int, photos: int, classes: int) -> Any:
    """Labels of photos with common and rare classes; numbers and areas of objects vary widely."""
    import numpy as np
    from trashdata.splitting.stratifying.labels import Labels

    rng = np.random.default_rng(seed)
    chance = np.minimum(0.5, 1 / np.arange(1, classes + 1) ** 1.6)
    held = rng.random((photos, classes)) < chance
    counts = np.where(held, 1 + rng.poisson(rng.gamma(1, 1.5, held.shape)), 0).astype(np.int32)
    return Labels.of_photos(counts, counts * rng.lognormal(-4, 1.2, held.shape))


def _library(labels: Any, seed: int) -> Any:
    """Fold of each photo by iterative stratification on the classes of the photo."""
    import numpy as np
    from iterstrat.ml_stratifiers import MultilabelStratifiedKFold

    present = labels.presence > 0
    fold_of = np.empty(len(labels), dtype=np.int64)
    splitter = MultilabelStratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    for fold, (_, validation) in enumerate(splitter.split(present, present)):
        fold_of[validation] = fold
    return fold_of


def _ours(labels: Any, seed: int, weights: tuple[float, ...] = WEIGHTS) -> Any:
    import numpy as np
    from trashdata.splitting.options import KfoldOptions
    from trashdata.splitting.stratifying.split import split

    options = KfoldOptions(folds=FOLDS, seed=seed, weights=weights)
    return split(labels, np.arange(len(labels)), options).fold_of


def _figures(labels: Any, fold_of: Any) -> Any:
    import numpy as np
    from trashdata.splitting.stratifying.objective import figures

    return figures(labels, fold_of, np.full(FOLDS, 1 / FOLDS))


def _objective(labels: Any, fold_of: Any) -> float:
    import numpy as np
    from trashdata.splitting.stratifying.objective import objective

    return objective(labels, fold_of, np.full(FOLDS, 1 / FOLDS), WEIGHTS)


def _size_spread(fold_of: Any) -> float:
    import numpy as np

    return float(np.ptp(np.bincount(fold_of, minlength=FOLDS)))


def _deviation(
    name: str,
    labels: Any,
    theirs: list[Any],
    ours: list[Any],
    share: str,
    wanted: str,
    note: str = "",
) -> Figure:
    """The worst of the seeds."""
    other = [100 * getattr(_figures(labels, folds), share) for folds in theirs]
    reached = [100 * getattr(_figures(labels, folds), share) for folds in ours]
    return Figure(
        name,
        "library",
        other=max(other),
        ours=max(reached),
        unit="% off",
        wanted=wanted,
        result=max(reached),
        spread=(min(reached), max(reached)),
        note=note,
    )
