"""The reading part of ``kfold`` on a file of LVIS's proportions, against a typed read."""

from __future__ import annotations

from pathlib import Path

from benchmarks.generated import generated, read_typed
from benchmarks.harness import Bench, Figure, paired_seconds, ratio


def measure(bench: Bench) -> list[Figure]:
    """From the file to what each photo holds, as arrays."""
    with generated(bench) as path:
        pairs = paired_seconds(lambda: read_typed(path), lambda: _ours(path), bench.repeats(5))
    name = f"kfold, reading {bench.photos:,} photos"
    return [ratio(name, "typed read", pairs, unit="s", wanted="at least 0.33")]


def _ours(path: Path) -> None:
    from trashdata.splitting.stratifying.labels import photo_labels

    from trashdata.coco.read import read_document

    photo_labels(read_document(path, masks=False))
