"""The axis of differences."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from prove.made_findings import NAN, finding, row, usual_rows

from trashdata.comparison import Row
from trashdata.prove.scale import Scale, scale_of


def axis(*rows: Row, noise: float = NAN) -> Scale:
    return scale_of([finding(rows, noise={one.name: noise for one in rows})])


def test_intervals_noise_and_marks_are_inside() -> None:
    # 0.114 + 0.053, then the noise, then a mark without an interval.
    assert axis(*usual_rows()[:4]).end == pytest.approx(0.167 * 1.04)
    assert axis(row("mean", 0.01, 0.02), noise=0.05).end == pytest.approx(0.05 * 1.04)
    few = row("Cup", -0.08, 0.5, verdict="too few photos")
    assert axis(row("mean", 0.01, 0.02), few).end == pytest.approx(0.08 * 1.04)


def test_all_findings_have_one_axis() -> None:
    one, two = finding([row("mean", 0.0, 0.01)]), finding([row("mean", 0.03, 0.01)])
    assert scale_of([one, two]).end == pytest.approx(0.04 * 1.04)


def test_nothing_to_draw_has_an_axis_as_well() -> None:
    assert axis(row("mean", NAN, NAN)).ticks()[0] == (-1.0, "-0.2")
    assert scale_of([finding([])]).position(0.0) == 0.0


def test_no_axis_goes_beyond_what_can_be() -> None:
    scale = axis(row("mean", 0.5, 3.0))
    assert scale.end == 1.0
    assert scale.position(3.5) == 1.0
    assert scale.position(-2.5) == -1.0


def test_a_few_large_differences_leave_room_for_the_usual_ones() -> None:
    small = [row(f"class {k}", 0.0, 0.005) for k in range(5)]
    scale = axis(*small, row("Giant", 0.6, 0.1))
    assert scale.compressed
    assert scale.position(0.005) > 0.2
    assert scale.position(0.7) < 1.0
    # As inverse sinh has it: ln(x + sqrt(x^2 + 1)), here of 2 and of 0.728 / 0.0025.
    expected = math.log(2 + 5**0.5) / math.log(291.2 + (291.2**2 + 1) ** 0.5)
    assert scale.position(0.005) == pytest.approx(expected)
    assert not axis(*small, row("Large", 0.03, 0.005)).compressed


@pytest.mark.parametrize("end", [0.002, 0.0123, 0.05, 0.3, 1.0])
@pytest.mark.parametrize("bend", [math.inf, 0.001])
def test_ticks_are_few_even_and_inside(end: float, bend: float) -> None:
    ticks = Scale(end, bend).ticks()
    assert 3 <= len(ticks) <= 9
    positions = [position for position, _ in ticks]
    assert positions == sorted(positions)
    assert positions == [-position for position in reversed(positions)]
    assert positions[-1] <= 1
    assert [text for position, text in ticks if position == 0] == ["0"]
    gaps = [b - a for a, b in pairwise(positions)]
    assert min(gaps) > 0.2


def test_nan_stays_nan() -> None:
    assert math.isnan(Scale(0.1).position(NAN))
