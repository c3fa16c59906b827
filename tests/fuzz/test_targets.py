"""The fuzzer's targets, on their seeds, on what was found, and on what Hypothesis draws."""

from __future__ import annotations

import pytest
from fuzz.targets import TARGETS, Target
from hypothesis import given, settings
from hypothesis import strategies as st

ALL = pytest.mark.parametrize("target", TARGETS.values(), ids=list(TARGETS))


@ALL
def test_what_was_found_holds_now(target: Target) -> None:
    for path in target.found():
        target.check(path.read_bytes())


@ALL
def test_seeds_hold(target: Target) -> None:
    seeds = list(target.seeds())
    assert len(seeds) >= 5
    assert sum(len(seed) <= target.max_bytes for seed in seeds) >= len(seeds) - 1
    for seed in seeds:
        target.check(seed)


@ALL
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_seeds_with_a_changed_piece_hold(target: Target, data: st.DataObject) -> None:
    seed = data.draw(st.sampled_from(list(target.seeds())))
    place = data.draw(st.integers(0, len(seed)))
    piece = data.draw(st.binary(max_size=6) | st.sampled_from(target.dictionary).map(str.encode))
    target.check(seed[:place] + piece + seed[place + data.draw(st.integers(0, 6)) :])


def test_the_form_of_json_is_kept_where_it_has_one() -> None:
    target = TARGETS["reader"]
    (seed, *_) = target.seeds()
    changed = {target.mutate(seed, number) for number in range(40)}
    assert len(changed) > 20
    assert target.mutate(b"no JSON", 0) is None
    for content in changed:
        assert content is not None
        target.check(content)
