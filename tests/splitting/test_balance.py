"""The refinement: properties over random sets, and figures on generated ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from trashdata.splitting.options import KfoldOptions
from trashdata.splitting.stratifying.labels import Labels, start_labels
from trashdata.splitting.stratifying.objective import figures, objective
from trashdata.splitting.stratifying.refine import refine
from trashdata.splitting.stratifying.split import split


def long_tailed(seed: int, photos: int, classes: int) -> Labels:
    """Photos with common and rare classes, some of them without objects."""
    rng = np.random.default_rng(seed)
    held = rng.random((photos, classes)) < np.minimum(0.4, 1 / np.arange(1, classes + 1) ** 1.3)
    counts = np.where(held, 1 + rng.poisson(rng.gamma(1, 1.5, held.shape)), 0).astype(np.int32)
    area = counts * rng.lognormal(-4, 1.2, held.shape)
    return Labels.of_photos(counts, area)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Labels, NDArray[np.int64], KfoldOptions]:
    folds = draw(st.integers(2, 6))
    photos = draw(st.integers(folds, 40))
    classes = draw(st.integers(1, 6))
    seed = draw(st.integers(0, 2**32))
    labels = long_tailed(seed, photos, classes)
    rng = np.random.default_rng(seed)
    highest = draw(st.sampled_from([photos, photos, max(folds, photos // 3)]))
    groups = np.concatenate([np.arange(highest), rng.integers(0, highest, photos - highest)])
    weights = draw(st.sampled_from([None, (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (1.0, 4.0, 1.0)]))
    return labels, groups, KfoldOptions(folds=folds, seed=seed, weights=weights)


@settings(max_examples=80, deadline=None)
@given(cases())
def test_properties_of_every_split(case: tuple[Labels, NDArray[np.int64], KfoldOptions]) -> None:
    labels, groups, options = case
    folded = split(labels, groups, options)
    sizes = np.bincount(folded.fold_of, minlength=options.folds)
    assert len(sizes) == options.folds
    assert sizes.min() > 0
    assert sizes.sum() == len(labels)
    for group in np.unique(groups):
        assert len(np.unique(folded.fold_of[groups == group])) == 1
    group_sizes = np.bincount(groups)
    assert np.ptp(sizes) <= max(1, group_sizes.max())
    if group_sizes.max() == 1:
        assert np.ptp(sizes) <= 1
    assert worth(labels, folded.fold_of, options) <= worth(labels, folded.start, options)
    again = split(labels, groups, options)
    assert np.array_equal(again.fold_of, folded.fold_of)


def worth(labels: Labels, fold_of: NDArray[np.int64], options: KfoldOptions) -> tuple[float, float]:
    """Unevenness of sizes first, then the objective: what the refinement lowers, in its order.

    Between them stand empty pairs of class and fold, but only as a bar to single swaps.
    """
    targets = np.full(options.folds, 1 / options.folds)
    sizes = np.bincount(fold_of, minlength=options.folds)
    return float(sizes @ sizes), objective(labels, fold_of, targets, options.share_weights())


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 5))
def test_from_a_balanced_start_the_objective_only_falls(seed: int, folds: int) -> None:
    labels = long_tailed(seed, 30, 5)
    start = np.random.default_rng(seed).permutation(np.arange(30) % folds)
    targets = np.full(folds, 1 / folds)
    before = start.copy()
    end = refine(labels, start, targets, (2, 1, 1), seed)
    assert np.array_equal(start, before)
    assert np.array_equal(np.sort(np.bincount(end)), np.sort(np.bincount(start)))
    weights = (2.0, 1.0, 1.0)
    assert objective(labels, end, targets, weights) <= objective(labels, start, targets, weights)
    assert empty(labels, end, folds) <= empty(labels, start, folds)


def empty(labels: Labels, fold_of: NDArray[np.int64], folds: int) -> int:
    return sum(int((labels.presence[fold_of == f].sum(axis=0) == 0).sum()) for f in range(folds))


@pytest.mark.parametrize("seed", [101, 102, 103])
def test_better_than_the_start_on_sets_not_seen_before(seed: int) -> None:
    labels = long_tailed(seed, 1200, 25)
    folded = split(labels, np.arange(1200), KfoldOptions(seed=seed))
    targets = np.full(5, 0.2)
    start, end = (figures(labels, own, targets) for own in (folded.start, folded.fold_of))
    assert end.objects < 0.7 * start.objects
    assert end.area < 0.7 * start.area
    assert end.photos <= 1.05 * start.photos
    assert end.empty <= start.empty


def test_labels_of_the_start() -> None:
    counts = np.array([[4, 1], [1, 0], [0, 0]], dtype=np.int32)
    wanted = start_labels(Labels.of_photos(counts, counts * 0.1))
    # Classes; the rarest class; one class, two classes, ...; one object, two, 3 to 4, 5 to 8, ...
    assert wanted[0].astype(int).tolist() == [1, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0]
    assert wanted[1].astype(int).tolist() == [1, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]
    assert not wanted[2].any()


def test_photos_without_objects_are_spread_evenly() -> None:
    labels = long_tailed(5, 400, 8)
    bare = labels.counts.sum(axis=1) == 0
    folded = split(labels, np.arange(400), KfoldOptions())
    assert bare.sum() > 50
    assert np.ptp(np.bincount(folded.fold_of[bare], minlength=5)) <= 1
