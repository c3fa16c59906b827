"""The benchmarks' own logic, without measuring: comparison, tables, estimates, generated files."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from helpers.paths import ROOT

from benchmarks import page, scale
from benchmarks.compare import compare
from benchmarks.generated import CLASSES, OBJECTS, copy_typed, write_generated
from benchmarks.harness import Figure, ratio, take_pairs
from benchmarks.peers.__main__ import PEERS, WORKS
from benchmarks.rates import RATES
from trashdata.coco.read import read_document


def run_of(*figures: dict[str, Any]) -> dict[str, Any]:
    usual = {"against": "floor", "result_unit": "x", "better": "more", "spread": None}
    return {"figures": [usual | figure for figure in figures]}


def test_only_ratios_that_both_runs_have_are_compared() -> None:
    old = run_of(
        {"name": "masks", "result": 3.0},
        {"name": "peak", "result": 90.0, "result_unit": "MB"},
        {"name": "gone", "result": 1.0},
    )
    new = run_of(
        {"name": "peak", "result": 900.0, "result_unit": "MB"},
        {"name": "masks", "result": 2.9},
        {"name": "new", "result": 1.0},
    )
    (change,) = compare(old, new)
    assert (change.name, change.before, change.after, change.worse) == ("masks", 3.0, 2.9, False)


@pytest.mark.parametrize(
    ("better", "before", "after", "worse"),
    [
        ("more", 3.0, 2.0, True),
        ("more", 3.0, 2.5, False),
        ("more", 3.0, 9.0, False),
        ("less", 2.0, 3.0, True),
        ("less", 2.0, 2.2, False),
        ("less", 2.0, 0.5, False),
    ],
)
def test_a_ratio_is_worse_beyond_the_tolerance(
    better: str, before: float, after: float, *, worse: bool
) -> None:
    old = run_of({"name": "masks", "result": before, "better": better})
    new = run_of({"name": "masks", "result": after, "better": better})
    assert [change.worse for change in compare(old, new)] == [worse]
    swapped = compare(new, old)
    assert swapped[0].factor == pytest.approx(1 / compare(old, new)[0].factor)


def test_spread_that_overlaps_excuses() -> None:
    old = run_of({"name": "masks", "result": 3.0, "spread": [2.1, 3.5]})
    close = run_of({"name": "masks", "result": 2.0, "spread": [1.8, 2.2]})
    far = run_of({"name": "masks", "result": 2.0, "spread": [1.8, 2.0]})
    assert [change.worse for change in compare(old, close)] == [False]
    assert [change.worse for change in compare(old, far)] == [True]


def test_pairs_stand_beside_the_mean_of_their_neighbours() -> None:
    others, own = iter([4.0, 6.0, 10.0]), iter([1.0, 2.0])
    pairs = take_pairs(lambda: next(others), lambda: next(own), 2)
    assert pairs == ((5.0, 1.0), (8.0, 2.0))
    assert ratio("masks", "loop", pairs).result == 4.5


def test_the_generated_file_is_the_same_each_time_and_sound(tmp_path: Path) -> None:
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    write_generated(one, 40)
    write_generated(two, 40)
    assert one.read_bytes() == two.read_bytes()
    document = read_document(one)
    assert len(document.images) == 40
    assert len(document.annotations) == 40 * OBJECTS
    assert len(document.categories) == CLASSES
    shifted = tmp_path / "shifted.json"
    write_generated(shifted, 40, first=1000)
    ids = {image.id for image in read_document(shifted).images}
    assert ids == set(range(1000, 1040))
    copy_typed(one, two)
    assert [a.id for a in read_document(two).annotations] == [a.id for a in document.annotations]


def kind(seconds: float) -> dict[str, Any]:
    return {
        "seconds": dict.fromkeys(scale.COMMANDS, seconds),
        "photo_bytes": 1e6,
        "new_photo_bytes": 2e6,
        "mask_bytes": 1e4,
        "json_bytes": 1e3,
        "json_bytes_new": 2e3,
        "process_mb": 1024,
    }


def test_estimates_grow_with_the_photos_and_shrink_with_the_cores() -> None:
    rates = {"kinds": {"512": kind(0.036)}, "slope": {"bytes_a_photo": 1024.0}}
    small = scale.estimate(scale.LargeSet("", 100_000, "512"), rates)
    large = scale.estimate(scale.LargeSet("", 1_000_000, "512"), rates)
    assert small.core_hours["masks"] == pytest.approx(1.0)
    assert large.core_hours["masks"] == pytest.approx(10.0)
    assert large.hours("masks", 10) == pytest.approx(1 / scale.EFFICIENCY)
    assert sum(small.disk_tb.values()) == pytest.approx((1e6 + 2e6 + 2e4 + 3e3) * 1e5 / 1e12)
    assert (small.parts, large.parts) == (1, 5)
    assert large.process_gb == pytest.approx(1 + 1_000_000 / 2**20)
    assert large.part_gb == pytest.approx(1 + 200_000 / 2**20)


def figure(**own: Any) -> dict[str, Any]:
    made = Figure("masks", "loop", 6.0, 2.0, "ms", "at least 2.5", 3.0, "x", spread=(2.0, 4.5))
    return {**made.__dict__, **own}


def test_tables_go_between_the_markers_and_nothing_else_changes() -> None:
    run = {
        "source": "a sample set",
        "commit": "abc",
        "load": 0.1,
        "machine": {"cpu": "a CPU", "cores": 2},
        "versions": {"python": "3.11"},
        "figures": [figure(), figure(name="peak", result=None, spread=None, note="of | one")],
    }
    start, end = "<!-- figures: made by benchmarks/page.py -->", "<!-- end of figures -->"
    made = page.filled(f"before\n{start}\nold\n{end}\nafter\n", {"figures": run})
    assert made.startswith(f"before\n{start}\n\nInput: a sample set.")
    assert made.endswith(f"{end}\nafter\n")
    assert "old" not in made
    assert "| masks | loop | 3.00x | 2.00–4.50 | at least 2.5 |" in made
    assert "| peak | loop | 2.00 ms |  | at least 2.5 |" in made
    assert page.filled(made, {"figures": run}) == made
    with pytest.raises(ValueError, match="needs the markers"):
        page.filled("no markers", {"figures": run})


def test_every_peer_has_its_script_and_its_version() -> None:
    pinned = (WORKS.parent / "constraints.txt").read_text(encoding="utf-8")
    for name, peer in PEERS.items():
        assert (WORKS / peer.script).is_file()
        assert re.search(rf"^{name}==\d", pinned, flags=re.MULTILINE)
        assert peer.supplied
    ours = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert "albumentationsx" not in ours.replace("_", "").lower()


@pytest.mark.parametrize("path", [*page.SOURCES.values(), RATES], ids=lambda path: path.stem)
def test_what_is_committed_was_measured_whole(path: Path) -> None:
    if not path.is_file():
        pytest.skip(f"{path.name} is not committed yet")
    content = json.loads(path.read_bytes())
    assert not content["quick"]
    assert content["machine"]["cores"] >= 1
    assert not content.get("code_changed_meanwhile", False)


def test_the_page_shows_the_committed_runs() -> None:
    runs = {n: json.loads(p.read_bytes()) for n, p in page.SOURCES.items() if p.is_file()}
    shown = page.PAGE.read_text(encoding="utf-8")
    assert page.filled(shown, runs) == shown


def test_the_page_on_scale_is_reckoned_from_the_committed_rates() -> None:
    assert scale.section(json.loads(RATES.read_bytes())) in scale.PAGE.read_text(encoding="utf-8")


def test_without_a_baseline_there_is_a_sentence(tmp_path: Path) -> None:
    new = tmp_path / "new.json"
    new.write_text(json.dumps(run_of()))
    words = [sys.executable, "-m", "benchmarks.compare", str(new), str(tmp_path / "none.json")]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "none.json: there is no such file" in done.stderr
    assert "Traceback" not in done.stderr
