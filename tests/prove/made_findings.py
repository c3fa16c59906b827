"""Findings that were made by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trashdata.comparison.needs import Needs
from trashdata.comparison.verdicts import Family, Row, Verdict
from trashdata.prove.findings import Finding

NAN = float("nan")


def row(
    name: str,
    mean: float,
    half: float,
    *,
    family: Family = "exploratory",
    verdict: Verdict | None = None,
    groups: int = 40,
    needs: Needs | None = None,
) -> Row:
    """A row; by default its interval says the verdict."""
    found: Verdict = "no evidence" if abs(mean) <= half else "helps" if mean > 0 else "hurts"
    low, high = mean - half, mean + half
    return Row(name, family, verdict or found, mean, low, high, 0.05, 0.01, groups, needs)


def finding(rows: Sequence[Row] | None = None, **given: object) -> Finding:
    """A finding of four classes, or of these rows."""
    chosen = usual_rows() if rows is None else tuple(rows)
    values: dict[str, object] = {
        "arm": "copy-paste", "against": ("plain",), "steps": 400, "seeds": 5, "photos": 312,
        "look": 1, "noise": {one.name: 0.012 for one in chosen}, "mean_noise": 0.012,
    }  # fmt: skip
    return Finding(rows=chosen, **(values | given))  # type: ignore[arg-type]


def usual_rows() -> tuple[Row, ...]:
    """One of each verdict."""
    return (
        row("mean", 0.021, 0.012, family="mean"),
        row("Battery", 0.114, 0.053, family="patch"),
        row("Clothing", 0.008, 0.037, needs=Needs(9, 60)),
        row("Glass", -0.026, 0.018),
        row("Styrofoam", 0.3, 0.4, verdict="too few photos", groups=4, needs=Needs(None, 468)),
        row("Ghost", NAN, NAN, verdict="too few photos", groups=0, needs=Needs(None, None)),
    )


def many_rows(names: Sequence[str], spread: float = 0.03, seed: int = 0) -> tuple[Row, ...]:
    """The mean, two patch classes and others, at random."""
    rng = np.random.default_rng(seed)
    drawn = rng.normal(0, spread, len(names) + 1).tolist()
    halves = (spread * rng.uniform(0.4, 1.4, len(names) + 1)).tolist()
    rows = [row("mean", drawn[0] / 3, halves[0] / 4, family="mean")]
    for k, name in enumerate(names, 1):
        few = k % 9 == 8
        rows.append(
            row(
                name, drawn[k], halves[k], family="patch" if k <= 2 else "exploratory",
                verdict="too few photos" if few else None, groups=4 if few else 40,
                needs=Needs(None, 250) if few else None,
            )
        )  # fmt: skip
    return tuple(rows)
