"""How a benchmark measures: pairs within one run, their median ratio, and its spread."""

from __future__ import annotations

import os
import shutil
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal

# Does its work once, and returns what that took: milliseconds (a photo) or seconds.
Timer = Callable[[], float]
Pair = tuple[float, float]


@dataclass(frozen=True)
class Bench:
    """What a benchmark may use: a scratch folder, with a copy of the input in ``data``.

    ``quick`` asks for a mere try; ``photos``: of generated files and of long runs of small photos.
    """

    scratch: Path
    quick: bool = False
    photos: int = 100_000

    @property
    def data(self) -> Path:
        """The scratch copy of the input."""
        return self.scratch / "data"

    def repeats(self, wanted: int) -> int:
        """How many pairs to take."""
        return 1 if self.quick else wanted

    @contextmanager
    def folder(self, name: str) -> Iterator[Path]:
        """A new folder in the scratch folder, deleted afterwards."""
        path = self.scratch / name
        path.mkdir()
        try:
            yield path
        finally:
            shutil.rmtree(path)


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    ``other`` and ``ours`` are medians in ``unit``; ``result`` is what counts, in
    ``result_unit``, where that is not ``ours`` itself, and ``better`` if there is more or less
    of it; ``spread`` holds the least and the
    greatest result of a single pair.
    """

    name: str
    against: str
    other: float
    ours: float
    unit: str
    wanted: str = ""
    result: float | None = None
    result_unit: str = ""
    better: Literal["more", "less"] = "more"
    spread: Pair | None = None
    pairs: tuple[Pair, ...] = ()
    note: str = ""


def take_pairs(other: Timer, ours: Timer, repeats: int) -> tuple[Pair, ...]:
    """Measure the two in turns: other, ours, other, ours, ..., other.

    Each of ours stands beside the mean of the other before it and the other after it, so that
    a machine that slows down meanwhile meets both alike.
    """
    others, measured = [other()], []
    for _ in range(repeats):
        measured.append(ours())
        others.append(other())
    around = (statistics.mean(two) for two in pairwise(others))
    return tuple(zip(around, measured, strict=True))


def paired_seconds(
    other: Callable[[], object], ours: Callable[[], object], repeats: int
) -> tuple[Pair, ...]:
    """The wall times of both, in turns, on one core; ours runs once before, for its imports."""
    with one_core():
        ours()
        return take_pairs(lambda: seconds(other), lambda: seconds(ours), repeats)


def ratio(
    name: str,
    against: str,
    pairs: tuple[Pair, ...],
    *,
    unit: str = "ms",
    wanted: str = "",
    note: str = "",
) -> Figure:
    """The median of other/ours over the pairs: above 1, ours takes less.

    Examples
    --------
    >>> figure = ratio("masks", "loop", ((6.0, 2.0), (4.0, 2.0), (9.0, 2.0)))
    >>> figure.result, figure.spread, figure.other
    (3.0, (2.0, 4.5), 6.0)
    """
    ratios = [other / ours for other, ours in pairs]
    return Figure(
        name,
        against,
        other=statistics.median(other for other, _ in pairs),
        ours=statistics.median(ours for _, ours in pairs),
        unit=unit,
        wanted=wanted,
        result=statistics.median(ratios),
        result_unit="x",
        spread=(min(ratios), max(ratios)),
        pairs=pairs,
        note=note,
    )


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def cpu_seconds(work: Callable[[], object]) -> float:
    """Processor time of one call, in this process."""
    start = time.process_time()
    work()
    return time.process_time() - start


@contextmanager
def one_core() -> Iterator[None]:
    """Keep this process, and what it starts, on one core and OpenCV on one thread."""
    import cv2

    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    before = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    if before is not None:
        os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        if before is not None:
            os.sched_setaffinity(0, before)
        cv2.setNumThreads(threads)
