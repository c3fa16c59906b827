"""Tiny training runs, for tests of what is done with them."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from trashdata.train import TrainOptions, train

from trashdata.console import Reporter
from trashdata.outcome import Outcome

TINY: dict[str, Any] = {
    "arch": "Linknet",
    "encoder": "tu-test_efficientnet",
    "encoder_weights": "none",
    "size": 64,
    "epochs": 2,
    "batch_size": 4,
    "augment": "flip",
    "accelerator": "cpu",
    "workers": 0,
}


def run_tiny(
    data: Path,
    *,
    resume: str | None = None,
    reporter: Reporter | None = None,
    dry_run: bool = False,
    **changes: Any,
) -> Outcome:
    """Train beside the data folder, in ``runs``; a resumed run is told the changes only."""
    stated = frozenset(changes)
    options = TrainOptions(**{**TINY, **changes}, resume=resume)
    runs = data.parent / "runs"
    return train(data, options, runs=runs, stated=stated, reporter=reporter, dry_run=dry_run)


def history(folder: Path) -> list[dict[str, str]]:
    """The rows of a run's ``metrics.csv``."""
    with (folder / "metrics.csv").open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def interrupt(*_: object) -> None:
    """A step of training at which somebody presses Ctrl-C."""
    raise KeyboardInterrupt
