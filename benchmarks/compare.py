"""``python -m benchmarks.compare NEW.json [BASELINE.json]``: ratios that got worse.

Only ratios are compared: two runs share neither a machine nor its load, so their times say
nothing about each other. A ratio is worse if it lies beyond the tolerance of the baseline's, and
beyond what the spread of either run explains.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BASELINE = Path(__file__).parent / "baseline.json"
TOLERANCE = 0.25


@dataclass(frozen=True)
class Change:
    """A ratio in both runs; ``factor``: how many times better it is now, below 1 is worse."""

    name: str
    before: float
    after: float
    factor: float
    worse: bool


def compare(
    baseline: dict[str, Any], new: dict[str, Any], tolerance: float = TOLERANCE
) -> list[Change]:
    """The ratios that both runs have, in the order of the new one.

    Examples
    --------
    >>> def run(result, least, most):
    ...     return {"figures": [{"name": "masks", "against": "loop", "result": result,
    ...         "result_unit": "x", "better": "more", "spread": [least, most]}]}
    >>> [change.worse for change in compare(run(3.0, 2.9, 3.1), run(2.0, 1.9, 2.1))]
    [True]
    >>> [change.worse for change in compare(run(3.0, 2.0, 3.1), run(2.0, 1.9, 2.1))]
    [False]
    """
    before = {_key(figure): figure for figure in _ratios(baseline)}
    pairs = [(before[_key(one)], one) for one in _ratios(new) if _key(one) in before]
    return [_change(old, new_figure, tolerance) for old, new_figure in pairs]


def _key(figure: dict[str, Any]) -> tuple[str, str]:
    return figure["name"], figure["against"]


def _ratios(run: dict[str, Any]) -> list[dict[str, Any]]:
    return [f for f in run["figures"] if f["result_unit"] == "x" and f["result"]]


def _change(old: dict[str, Any], new: dict[str, Any], tolerance: float) -> Change:
    sign = 1 if new["better"] == "more" else -1
    factor = (new["result"] / old["result"]) ** sign
    # The best of the new pairs against the worst of the old ones, where there are pairs.
    ends = sorted(end**sign for end in new["spread"] or [new["result"]])
    old_ends = sorted(end**sign for end in old["spread"] or [old["result"]])
    worse = factor < 1 - tolerance and ends[-1] < old_ends[0]
    return Change(new["name"], old["result"], new["result"], factor, worse)


def main() -> int:
    """Print the comparison; 1 if anything is worse."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare", description=__doc__)
    parser.add_argument("new", type=Path, metavar="NEW.json")
    parser.add_argument("baseline", type=Path, nargs="?", default=BASELINE)
    parser.add_argument("--tolerance", type=float, default=TOLERANCE, metavar="SHARE")
    arguments = parser.parse_args()
    for path in (arguments.baseline, arguments.new):
        if not path.is_file():
            parser.error(f"{path}: there is no such file; make it with python -m benchmarks --json")
    runs = [json.loads(path.read_bytes()) for path in (arguments.baseline, arguments.new)]
    changes = compare(*runs, tolerance=arguments.tolerance)
    if not changes:
        print("No ratio stands in both files.", file=sys.stderr)
        return 1
    width = max(len(change.name) for change in changes)
    print(f"{'ratio':{width}}  baseline       now   factor")
    for change in changes:
        told = "  WORSE" if change.worse else ""
        row = f"{change.before:8.2f}  {change.after:8.2f}  {change.factor:7.2f}"
        print(f"{change.name:{width}}  {row}{told}")
    worse = sum(change.worse for change in changes)
    print(f"{len(changes)} ratios compared, {worse} worse by more than {arguments.tolerance:.0%}.")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
