"""The labels as columns of a quadratic form, in whole numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .labels import Labels, Values
from .objective import SMALL, ShareWeights, deviations, fold_sums

# float64 holds whole numbers up to here exactly; a sum of products must stay below.
_EXACT_BITS = 52
_CHUNK = 8192
# Vectors of small sets are kept, at most 32 MB of them.
_KEPT = 4_000_000


class Features:
    """Vectors whose squared distances are a majorant of the objective.

    With weights 1 / max(d, SMALL) for deviations d, the weighted sum of d^2 touches twice the
    objective and is nowhere below it, up to a constant: lowering it lowers the objective (majorise
    and minimise; Hunter and Lange 2004, "A Tutorial on MM Algorithms").

    The vectors hold whole numbers small enough that every product and sum is exact, so the choice
    of a swap does not depend on the number of BLAS threads or the order of a sum.
    """

    def __init__(self, labels: Labels, targets: NDArray[np.float64], weights: ShareWeights) -> None:
        self._targets = targets
        self._parts: list[tuple[Values, NDArray[np.int64], NDArray[np.float64], float]] = []
        for values, weight in zip(labels.balanced, weights, strict=True):
            totals = values.sum(axis=0, dtype=np.float64)
            held = np.flatnonzero(totals)
            if weight > 0 and len(held):
                # All shares count equally, whatever the number of classes that have them.
                self._parts.append((values, held, totals[held], weight / len(held)))
        self.size = len(labels)
        self._all: NDArray[np.float64] | None = None
        self.width = sum(len(held) for _, held, _, _ in self._parts)
        # No row has a larger sum over its shares of its classes than this.
        largest = sum(float((v.max(axis=0)[held] / t).sum()) for v, held, t, _ in self._parts)
        self._bits = (_EXACT_BITS - 4 - int(np.ceil(np.log2(largest + 1)))) // 2
        self._factors = [np.zeros(len(held)) for _, held, _, _ in self._parts]

    def reweigh(self, fold_of: NDArray[np.int64]) -> NDArray[np.float64]:
        """Set the weights so that the form touches the objective at these folds.

        Returns
        -------
        Excess of each fold over its target, (folds, D), whole numbers.
        """
        weights = []
        for values, held, totals, weight in self._parts:
            shares = fold_sums(values, fold_of, len(self._targets))[:, held] / totals
            off = deviations(shares, self._targets)
            weights.append(np.sqrt(weight / np.maximum(off, SMALL)))
        largest = max((float(part.max()) for part in weights), default=1.0)
        self._factors = [
            part / largest * 2.0**self._bits / totals
            for part, (_, _, totals, _) in zip(weights, self._parts, strict=True)
        ]
        self._all = None
        if self.size * self.width <= _KEPT:
            self._all = self._compute(np.arange(self.size))
        folds = len(self._targets)
        sums = np.zeros((folds, self.width))
        for start in range(0, self.size, _CHUNK):
            rows = np.arange(start, min(start + _CHUNK, self.size))
            vectors = self.vectors(rows)
            for fold in range(folds):
                sums[fold] += vectors[fold_of[rows] == fold].sum(axis=0)
        wanted = np.rint(self._targets[:, None] * sums.sum(axis=0))
        excess: NDArray[np.float64] = sums - wanted
        return excess

    def vectors(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """The vectors of these rows, (rows, D), whole numbers."""
        return self._compute(rows) if self._all is None else self._all[rows]

    def _compute(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        vectors = np.empty((len(rows), self.width))
        column = 0
        for (values, held, _, _), factors in zip(self._parts, self._factors, strict=True):
            part = vectors[:, column : column + len(held)]
            columns = values[rows] if len(held) == values.shape[1] else values[np.ix_(rows, held)]
            np.multiply(columns, factors, out=part)
            column += len(held)
        return np.rint(vectors, out=vectors)
