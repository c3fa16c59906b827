"""Unique ids of merged records: the first record keeps its id, later ones get new ids."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import chain, count

import numpy as np
from numpy.typing import NDArray

from trashdata.coco.read import MAX_ID

Ids = NDArray[np.int64]


def unite_ids(
    files: Sequence[Sequence[tuple[Hashable, int]]], reserved: Iterable[int] = ()
) -> tuple[list[dict[int, int]], Iterator[int]]:
    """New ids of records that can be in several files.

    Parameters
    ----------
    files : for each file the key and the id of its records; records of equal keys are merged.
    reserved : further ids that must not be used as new ones.

    Returns
    -------
    For each file new id by old id, and an iterator over unused ids.

    Examples
    --------
    >>> unite_ids([[("Paper", 1), ("Glass", 2)], [("Battery", 1), ("Paper", 2)]])[0]
    [{1: 1, 2: 2}, {1: 3, 2: 1}]
    """
    seen = {*reserved, *(number for rows in files for _, number in rows)}
    free = free_ids(seen)
    new: dict[Hashable, int] = {}
    used: set[int] = set()
    for key, number in chain.from_iterable(files):
        if key not in new:
            new[key] = next(free) if number in used else number
            used.add(new[key])
    return [{number: new[key] for key, number in rows} for rows in files], free


def free_ids(seen: set[int]) -> Iterator[int]:
    """Unused ids, rising: above the largest one, or in gaps if that would be too large."""
    highest = max(seen, default=0)
    start = highest + 1 if highest < MAX_ID // 2 else 1
    return (number for number in count(max(start, 1)) if number not in seen)


def unite_unique_ids(files: Sequence[Ids], kept: Sequence[NDArray[np.bool_]]) -> list[Ids]:
    """New ids of records that are not merged, in the order of ``files``.

    Parameters
    ----------
    files : the ids of each file, rising, (M,) int64 each; a repeated id is replaced by a new one.
    kept : which of them are in the result, (M,) each; the others get 0.
    """
    used = np.empty(0, dtype=np.int64)
    clashing: list[NDArray[np.bool_]] = []
    for ids, keep in zip(files, kept, strict=True):
        first = np.zeros(len(ids), dtype=bool)
        indices = np.flatnonzero(keep)
        first[indices[np.unique(ids[keep], return_index=True)[1]]] = True
        clash = keep & (~first | np.isin(ids, used))
        clashing.append(clash)
        used = np.concatenate([used, ids[keep & ~clash]])
    free = _free_block(files, sum(int(clash.sum()) for clash in clashing))
    new, start = [], 0
    for ids, keep, clash in zip(files, kept, clashing, strict=True):
        new_ids = np.where(keep, ids, 0)
        stop = start + int(clash.sum())
        new_ids[clash] = free[start:stop]
        new.append(new_ids)
        start = stop
    return new


def _free_block(files: Sequence[Ids], needed: int) -> Ids:
    """A number of ids that no file has, rising."""
    every = np.concatenate([np.zeros(1, dtype=np.int64), *files])
    highest = int(every.max())
    if highest < MAX_ID // 2:
        return np.arange(highest + 1, highest + 1 + needed, dtype=np.int64)
    return np.setdiff1d(np.arange(1, len(every) + needed + 1), every)[:needed]
