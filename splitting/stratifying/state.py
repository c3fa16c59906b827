"""Folds during refinement: their sums, and the swaps between them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .features import Features
from .labels import Labels

# Rows that are compared for one move while balancing sizes.
_SAMPLE = 512
_DISTURBED = 40


class Folds:
    """The fold of each row, and all sums that depend on it, updated with each swap.

    ``fold_of`` (N,); ``sizes`` (k,) photos, ``members`` (k,) rows; ``presence`` (k, C) photos with
    the class; ``excess`` (k, D) of each fold over its target, see `Features`; ``changes`` (k,)
    counts a fold's swaps.
    """

    def __init__(
        self,
        labels: Labels,
        start: NDArray[np.int64],
        targets: NDArray[np.float64],
        features: Features,
    ) -> None:
        self.features = features
        self.row_sizes = labels.sizes
        self.row_presence = labels.presence
        self._targets = targets
        self._unevenness_limit = np.inf
        self.changes = np.zeros(len(targets), dtype=np.int64)
        self.restore(start)

    def restore(self, fold_of: NDArray[np.int64]) -> None:
        """Set the folds."""
        folds = len(self._targets)
        self.fold_of = fold_of.copy()
        sizes = np.bincount(fold_of, weights=self.row_sizes, minlength=folds)
        self.sizes = sizes.astype(np.int64)
        self.members = np.bincount(fold_of, minlength=folds)
        self.over = self.sizes - self._targets * self.row_sizes.sum()
        presence = [self.row_presence[fold_of == fold].sum(axis=0) for fold in range(folds)]
        self.presence = np.stack(presence).astype(np.int64)
        self.changes += 1
        self.reweigh()

    def reweigh(self) -> None:
        """Adapt the features to the current folds."""
        self.excess = self.features.reweigh(self.fold_of)

    # --- sizes ---

    def balance(self, rng: np.random.Generator) -> None:
        """Move rows until no single move brings two folds nearer in size."""
        while self._move_one(rng):
            pass
        self._unevenness_limit = self._unevenness()

    def _unevenness(self) -> float:
        return float((self.over**2).sum())

    def _move_one(self, rng: np.random.Generator) -> bool:
        target = int(np.argmin(self.over))
        for fold in np.argsort(-self.over, kind="stable").tolist():
            gap = self.over[fold] - self.over[target]
            rows = np.flatnonzero((self.fold_of == fold) & (self.row_sizes < gap - 1e-9))
            if len(rows):
                if len(rows) > _SAMPLE:
                    rows = np.sort(rng.choice(rows, _SAMPLE, replace=False))
                self._move_best(fold, target, rows)
                return True
        return False

    def _move_best(self, a: int, b: int, rows: NDArray[np.int64]) -> None:
        """Move the row that changes the shares least, if possible one that empties no class."""
        vectors = self.features.vectors(rows)
        harm = vectors @ (self.excess[b] - self.excess[a]) + (vectors**2).sum(axis=1)
        order = np.argsort(harm, kind="stable").tolist()
        fine = (k for k in order if self._keeps_classes(a, b, self.row_presence[rows[k]]))
        best = next(fine, order[0])
        self._shift(a, b, vectors[best], self.row_presence[rows[best]])
        self._resize(a, b, int(self.row_sizes[rows[best]]))
        self.members[a] -= 1
        self.members[b] += 1
        self.fold_of[rows[best]] = b

    # --- swaps ---

    def exchange(self, a: int, b: int, rows_a: NDArray[np.int64], rows_b: NDArray[np.int64]) -> int:
        """Make the best swaps and moves between rows of two folds; returns their number."""
        # The last row of each holds nothing: a swap with it is a move.
        x, y = self._with_empty_row(rows_a), self._with_empty_row(rows_b)
        size_a, size_b = np.append(self.row_sizes[rows_a], 0), np.append(self.row_sizes[rows_b], 0)
        apart = self.excess[b] - self.excess[a]
        # Half the change of the quadratic form: u (E_b - E_a) + |u|^2 for u = x - y.
        change = (x @ y.T) * -2.0
        change += (x @ apart + np.einsum("ij,ij->i", x, x))[:, None]
        change += (np.einsum("ij,ij->i", y, y) - y @ apart)[None, :]
        low, high = self._size_limits(a, b)
        less = size_a[:, None] - size_b[None, :]
        change[(less < low) | (less > high)] = np.inf
        partner = change.argmin(axis=1)
        gain = change[np.arange(len(x)), partner]
        made = 0
        taken: set[int] = set()
        for i in np.argsort(gain, kind="stable").tolist():
            j = int(partner[i])
            if gain[i] >= 0:
                break
            if j in taken:
                continue
            row_a = int(rows_a[i]) if i < len(rows_a) else None
            row_b = int(rows_b[j]) if j < len(rows_b) else None
            if self._try(a, b, row_a, row_b, x[i] - y[j]):
                made += 1
                if row_b is not None:
                    taken.add(j)
        return made

    def disturb(self, rng: np.random.Generator) -> None:
        """Swap a few rows at random, where it is allowed."""
        for one, two in rng.integers(len(self.fold_of), size=(_DISTURBED, 2)).tolist():
            a, b = int(self.fold_of[one]), int(self.fold_of[two])
            if a != b:
                x, y = self.features.vectors(np.array([one, two]))
                self._try(a, b, one, two, x - y, worse=True)

    def _with_empty_row(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.vstack([self.features.vectors(rows), np.zeros((1, self.features.width))])

    def _try(
        self,
        a: int,
        b: int,
        row_a: int | None,
        row_b: int | None,
        vector: NDArray[np.float64],
        *,
        worse: bool = False,
    ) -> bool:
        """Swap two rows if it still lowers the form and is allowed."""
        change = vector @ (self.excess[b] - self.excess[a]) + vector @ vector
        if change >= 0 and not worse:
            return False
        if (row_b is None and self.members[a] == 1) or (row_a is None and self.members[b] == 1):
            return False
        nothing = np.zeros_like(self.row_presence[0])
        given = nothing if row_a is None else self.row_presence[row_a]
        presence = given - (nothing if row_b is None else self.row_presence[row_b])
        less = 0 if row_a is None else int(self.row_sizes[row_a])
        less -= 0 if row_b is None else int(self.row_sizes[row_b])
        low, high = self._size_limits(a, b)
        if not low <= less <= high or not self._keeps_classes(a, b, presence):
            return False
        self._shift(a, b, vector, presence)
        self._resize(a, b, less)
        for row, fold, former in ((row_a, b, a), (row_b, a, b)):
            if row is not None:
                self.fold_of[row] = fold
                self.members[fold] += 1
                self.members[former] -= 1
        return True

    def _size_limits(self, a: int, b: int) -> tuple[float, float]:
        """Least and largest net number of photos that may move from a to b without uneven sizes."""
        # (over_a - s)^2 + (over_b + s)^2 may grow by the slack: 2 s^2 + 2 s gap <= slack.
        gap = self.over[b] - self.over[a]
        slack = self._unevenness_limit - self._unevenness()
        root = np.sqrt(max(gap * gap + 2 * slack, gap * gap))
        return (-gap - root) / 2 - 1e-9, (-gap + root) / 2 + 1e-9

    def _keeps_classes(self, a: int, b: int, presence: NDArray[np.int32]) -> bool:
        """Whether moving this from a to b leaves no more pairs of class and fold empty."""
        after_a, after_b = self.presence[a] - presence, self.presence[b] + presence
        after = np.count_nonzero(after_a) + np.count_nonzero(after_b)
        now = np.count_nonzero(self.presence[a]) + np.count_nonzero(self.presence[b])
        return bool(after >= now)

    def _shift(
        self, a: int, b: int, vector: NDArray[np.float64], presence: NDArray[np.int32]
    ) -> None:
        self.excess[a] -= vector
        self.excess[b] += vector
        self.presence[a] -= presence
        self.presence[b] += presence
        self.changes[[a, b]] += 1

    def _resize(self, a: int, b: int, photos: int) -> None:
        self.sizes[a] -= photos
        self.sizes[b] += photos
        self.over[a] -= photos
        self.over[b] += photos
