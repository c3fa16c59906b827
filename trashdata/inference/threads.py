"""Threads of PyTorch that suit the machine."""

from __future__ import annotations

import os
from pathlib import Path

_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def usable_cores(quota: Path = _QUOTA) -> int:
    """Cores that this process may use, at least 1: those it may run on, and a container's limit.

    ``quota`` : Linux's file with the limit of a control group: microseconds in a period, or max.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    try:
        allowed, period = quota.read_text().split()
        limit = int(allowed) / int(period)
    except (OSError, ValueError):
        return max(1, cores or 1)
    return max(1, min(cores or 1, round(limit)))


def suit_threads() -> None:
    """Let PyTorch compute with no more threads than there are cores, unless OMP_NUM_THREADS says
    how many: in a container it counts the cores of the whole machine, and is many times slower."""
    import torch

    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(min(torch.get_num_threads(), usable_cores()))
