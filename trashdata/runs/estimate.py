"""Estimates of disk space and time of a run, for its dry run."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from trashdata.console import Reporter

Item = TypeVar("Item")

# Smaller estimates are not reported.
_WORTH_BYTES = 100_000_000
_WORTH_SECONDS = 60.0
_SAMPLES = 8


@dataclass(frozen=True)
class Estimate:
    """Bytes on the disk, and seconds; None if the time is unknown."""

    size: float
    seconds: float | None = None


def measured(
    items: Sequence[Item],
    make: Callable[[Item], int],
    workers: int = 1,
    *,
    samples: int = _SAMPLES,
) -> Estimate:
    """Make a few evenly spread items, and extrapolate.

    Parameters
    ----------
    make : makes an item in memory and returns its size in bytes.
    samples : the largest number of items to make.
    """
    step = max(1, len(items) // samples)
    made = items[::step][:samples]
    if not made:
        return Estimate(0.0, 0.0)
    start = time.perf_counter()
    size = sum(make(item) for item in made)
    each = (time.perf_counter() - start) / len(made)
    return Estimate(size / len(made) * len(items), each * len(items) / max(1, workers))


def note_estimate(estimate: Estimate | None, reporter: Reporter) -> None:
    """Note an estimate of more than 100 MB or a minute."""
    if estimate is None:
        return
    parts = []
    if estimate.size > _WORTH_BYTES:
        parts.append(f"{estimate.size / 1e9:,.1f} GB")
    if estimate.seconds is not None and estimate.seconds > _WORTH_SECONDS:
        parts.append(_duration(estimate.seconds))
    if parts:
        reporter.note(f"Would take about {' and '.join(parts)}.")


def _duration(seconds: float) -> str:
    """Minutes, or hours.

    >>> _duration(150), _duration(9000)
    ('3 minutes', '2.5 hours')
    """
    if seconds < 2 * 3600:
        return f"{math.ceil(seconds / 60)} minutes"
    return f"{seconds / 3600:.1f} hours"
