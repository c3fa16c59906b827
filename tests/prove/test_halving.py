"""Which candidates stay, and how long each is trained."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from trashdata.prove.grid import GRID, candidates
from trashdata.prove.halving import Rung, half, new_runs, rungs, survivors
from trashdata.prove.spokes import CopyPasteOptions

NAN = float("nan")


@pytest.mark.parametrize(
    ("scores", "number", "kept"),
    [
        ([0.1, 0.4, 0.3, 0.2], 2, [1, 2]),
        ([0.4, 0.1, 0.2, 0.3], 2, [0, 3]),
        ([0.4, 0.4, 0.4, 0.4], 2, [0, 1]),
        ([0.1, 0.4, 0.4, 0.4], 2, [1, 2]),
        ([NAN, 0.0, NAN, 0.1], 2, [1, 3]),
        ([NAN, 0.0, NAN], 2, [0, 1]),
        ([0.1, 0.2], 1, [1]),
        ([0.3], 1, [0]),
    ],
)
def test_the_best_stay_in_their_order(scores: list[float], number: int, kept: list[int]) -> None:
    before = list(scores)
    assert survivors(scores, number) == kept
    assert str(scores) == str(before)


def test_rungs_of_the_whole_grid() -> None:
    plan = rungs(24, 400)
    assert plan == [
        Rung(24, 100, (0,)),
        Rung(12, 200, (1,)),
        Rung(6, 400, (2,)),
        Rung(3, 400, (2, 3)),
        Rung(2, 400, (2, 3, 4, 5)),
    ]
    assert new_runs(plan) == [24, 12, 6, 3, 4]
    # A comparison of the winner with two controls and five seeds is 15 runs: two such are more.
    assert 24 / 4 + 12 / 2 + 6 + 3 + 4 <= 2 * 15


@pytest.mark.parametrize("number", range(1, 40))
def test_each_rung_has_half_of_the_candidates_until_one_is_left(number: int) -> None:
    plan = rungs(number, 400)
    left = [rung.candidates for rung in plan]
    assert left[:1] == [number] * (number > 1)
    assert [half(one) for one in left] == ([*left[1:], 1] if left else [])
    assert all(rung.steps == 400 for rung in plan[2:])


def test_short_runs_have_a_least_length() -> None:
    assert [rung.steps for rung in rungs(8, 5, fewest=2)] == [2, 2, 5]
    assert [rung.steps for rung in rungs(8, 2, fewest=2)] == [2, 2, 2]
    # Equal lengths are other tries still: nothing that was seen once chooses twice.
    assert [rung.tries for rung in rungs(8, 2, fewest=2)] == [(0,), (1,), (2,)]
    assert new_runs(rungs(8, 2, fewest=2)) == [8, 4, 2]


def test_a_good_candidate_wins_under_noise_as_the_documentation_says() -> None:
    """The noise of one seed is twice the spread of the candidates."""
    rng = np.random.default_rng(0)
    found = [_quality_of_winner(rng.standard_normal(24), 2.0, rng) for _ in range(2000)]
    assert np.mean(found) == pytest.approx(1.3, abs=0.1)


def _quality_of_winner(
    quality: NDArray[np.float64], noise: float, rng: np.random.Generator
) -> float:
    left = np.arange(len(quality))
    drawn = quality[:, None] + noise * rng.standard_normal((len(quality), 6))
    for rung in rungs(len(quality), 400):
        scores = drawn[left][:, list(rung.tries)].mean(axis=1)
        left = left[survivors(scores.tolist(), half(len(left)))]
    return float(quality[left[0]])


def test_two_values_of_the_grid_stand_together_equally_often() -> None:
    columns = ("size", "place", "share", "classes", "blend", "objects")
    values = {c: sorted({getattr(one, c) for one in GRID}, key=str) for c in columns}
    assert [len(values[c]) for c in columns] == [3, 2, 2, 2, 2, 2]
    for k, one in enumerate(columns):
        for other in columns[k + 1 :]:
            pairs = [(getattr(line, one), getattr(line, other)) for line in GRID]
            expected = len(GRID) / len(values[one]) / len(values[other])
            assert all(
                pairs.count((a, b)) == expected for a in values[one] for b in values[other]
            ), (one, other)
    assert len(set(GRID)) == len({line.name for line in GRID}) == 24


def test_candidates_have_the_options_of_their_line() -> None:
    found = {one.arm.name: one.arm for one in candidates(["b"], ["a", "b", "c"])}
    assert len(found) == 24
    usual = found["usual-anywhere-0.5-rare-gaussian-3"]
    assert (usual.share, usual.fresh) == (0.5, CopyPasteOptions(patch=("b",)))
    other = found["natural-row-0.25-all-gaussian-3"]
    assert other.share == 0.25
    assert other.fresh == CopyPasteOptions(
        patch=("a", "b", "c"),
        small_to_large=False,
        large_to_small=False,
        lsj_min=0.8,
        lsj_max=1.25,
        background_lsj_max=1.0,
        place="row",
        max_objects=3,
    )
    assert found["jitter-row-0.5-rare-poisson-6"].fresh == CopyPasteOptions(
        patch=("b",),
        small_to_large=False,
        large_to_small=False,
        lsj_min=0.5,
        lsj_max=1.5,
        background_lsj_max=1.25,
        place="row",
        blend="poisson",
        max_objects=6,
    )


@pytest.mark.parametrize("rare", [[], ["b", "a"], ["a", "b"]])
def test_where_all_classes_are_meant_lines_are_not_made_twice(rare: list[str]) -> None:
    found = candidates(rare, ["a", "b"])
    assert [one.choice for one in found] == [line for line in GRID if line.classes == "all"]
    assert {one.arm.patch for one in found} == {("a", "b")}
