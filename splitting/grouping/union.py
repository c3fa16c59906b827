"""Groups from pairs (connected components)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray


def join(size: int, pairs: Iterable[tuple[int, int]]) -> NDArray[np.int64]:
    """Group of each of 0 to ``size`` - 1, (size,): elements connected by pairs form one group.

    >>> join(5, [(1, 3), (4, 3)]).tolist()
    [0, 1, 2, 1, 1]
    """
    parent = list(range(size))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for one, two in pairs:
        low, high = sorted((root(one), root(two)))
        parent[high] = low
    roots = np.array([root(index) for index in range(size)], dtype=np.int64)
    return np.unique(roots, return_inverse=True)[1].astype(np.int64)


def same_values(values: Sequence[object]) -> list[tuple[int, int]]:
    """Pairs of each index with the first one of the same value; None equals nothing."""
    first: dict[object, int] = {}
    known = ((first.setdefault(v, i), i) for i, v in enumerate(values) if v is not None)
    return [(one, two) for one, two in known if one != two]
