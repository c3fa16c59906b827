"""Many simulated comparisons, and how often their verdicts are wrong.

PYTHONPATH=tests:. python -m comparison.simulation prints all figures, in some minutes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from comparison.stub_trainer import CLASSES, Stub, draw_set
from numpy.typing import NDArray

from trashdata.comparison import Row, difference, judge

NAMES = tuple(f"class {number}" for number in range(CLASSES))
PATCH = ("class 3", "class 6", "class 10")
DRAWS = 200  # of the bootstrap; 2,000 would change the standard error of a set by 5 %


@dataclass(frozen=True)
class Setting:
    """What is simulated. ``effects``: what each arm adds to skill, the arm first, then controls."""

    stub: Stub = field(default_factory=Stub)
    effects: tuple[float, ...] = (0.0, 0.0)
    of_classes: tuple[int, ...] = tuple(range(CLASSES))
    folds: int = 1
    looks: tuple[int, ...] = ()

    @property
    def by_class(self) -> NDArray[np.float64]:
        added = np.zeros((len(self.effects), CLASSES))
        added[:, self.of_classes] = np.array(self.effects)[:, None]
        return added


def comparisons(setting: Setting, sets: int, seed: int = 0) -> Iterator[list[Row]]:
    """The rows of each set; with ``looks``, numbers of seeds, those of all looks."""
    rng = np.random.default_rng(seed)
    for _ in range(sets):
        drawn = draw_set(setting.stub, setting.by_class, rng)
        folds = drawn.groups % setting.folds
        rows: list[Row] = []
        for look, seeds in enumerate(setting.looks or (setting.stub.seeds,), 1):
            runs = drawn.counts[:, :seeds]
            pairs = [
                difference(runs[0], control, drawn.groups, folds, draws=DRAWS)
                for control in runs[1:]
            ]
            rows += judge(pairs, NAMES, patch=PATCH, looks=look, advise=False)
        yield rows


@dataclass(frozen=True)
class Rates:
    """Shares of the sets, or of the intervals. ``errors``: with a false verdict, by family;
    ``any_error``: in any of the three; ``covered``: intervals of 95 % that hold zero, of the mean
    and of single classes."""

    errors: dict[str, float]
    any_error: float
    covered: dict[str, float]


def error_rates(setting: Setting, sets: int, seed: int = 0) -> Rates:
    """Rates where no arm differs from the better control."""
    families = ("mean", "patch", "exploratory")
    wrong, inside = np.zeros((sets, 3), dtype=bool), {"mean": [], "class": []}
    for index, rows in enumerate(comparisons(setting, sets, seed)):
        for row in rows:
            if row.verdict == "too few photos":
                continue
            wrong[index, families.index(row.family)] |= row.verdict != "no evidence"
            inside["mean" if row.family == "mean" else "class"].append(row.p_value > 0.05)
    return Rates(
        dict(zip(families, wrong.mean(axis=0).tolist(), strict=True)),
        float(wrong.any(axis=1).mean()),
        {name: float(np.mean(held)) for name, held in inside.items()},
    )


def with_true_difference(stub: Stub, name: str, deviations: float = 2.0) -> Setting:
    """An arm that is better by so many standard deviations of the paired differences D_s.

    Of the mean, where ``name`` is "mean": then all classes are better. Else of one class alone.
    The standard deviation is that between seeds on the same photos.
    """
    index = 0 if name == "mean" else 1 + NAMES.index(name)
    of_classes = tuple(range(CLASSES)) if index == 0 else (index - 1,)
    effect = 0.5
    for _ in range(3):
        setting = Setting(stub, (effect, 0.0), of_classes)
        mean, deviation = _mean_and_deviation(setting, index)
        effect *= deviations * deviation / mean
    return replace(setting, effects=(effect, 0.0))


def _mean_and_deviation(setting: Setting, index: int, sets: int = 150) -> tuple[float, float]:
    rng = np.random.default_rng(99)
    found = []
    for _ in range(sets):
        drawn = draw_set(setting.stub, setting.by_class, rng)
        pair = difference(*drawn.counts, drawn.groups, draws=2)
        found.append((pair.mean[index], pair.by_seed[:, index].var(ddof=1)))
    mean, variance = np.mean(found, axis=0)
    return float(mean), float(variance**0.5)


@dataclass(frozen=True)
class Power:
    """``found``: share of the sets with "helps"; ``covered``: share of the intervals that hold the
    true difference, which is that of all sets on average."""

    found: float
    covered: float


def power(setting: Setting, name: str, sets: int, seed: int = 0) -> Power:
    """How often the true difference of the mean, or of a class, is found."""
    chosen = [
        next(row for row in rows if row.name == name) for rows in comparisons(setting, sets, seed)
    ]
    true = np.mean([row.mean for row in chosen])
    return Power(
        float(np.mean([row.verdict == "helps" for row in chosen])),
        float(np.mean([row.low <= true <= row.high for row in chosen])),
    )


UNEQUAL = Stub(groups=30, seed_noise=0.15, photo_noise=0.8, size_spread=1.4)
RARE = (0.95, 0.9, 0.85, 0.8, 0.8, 0.7, 0.6, 0.5, 0.05, 0.05, 0.05)
NO_DIFFERENCE = {
    "five seeds": Setting(),
    "three seeds": Setting(Stub(seeds=3)),
    "two seeds": Setting(Stub(seeds=2)),
    "eight seeds, three folds": Setting(Stub(seeds=8), folds=3),
    "14 groups, photos decide": Setting(Stub(groups=14, seed_noise=0.15)),
    "very unequal groups, photos decide": Setting(UNEQUAL),
    "the same, three folds": Setting(UNEQUAL, folds=3),
    "three classes on very few groups": Setting(Stub(frequencies=RARE)),
    "two controls like the arm": Setting(effects=(0.0, 0.0, 0.0)),
    "two controls, one much worse": Setting(effects=(0.0, 0.0, -1.5)),
    "looks at 5 and 8 seeds": Setting(Stub(seeds=8), looks=(5, 8)),
    "looks at 5, 8 and 12 seeds": Setting(Stub(seeds=12), looks=(5, 8, 12)),
}
A_DIFFERENCE = {
    "mean, 5 seeds": (Stub(), "mean"),
    "mean, 5 seeds, 20 groups": (Stub(groups=20), "mean"),
    "mean, 5 seeds, photos matter more": (Stub(seed_noise=0.2), "mean"),
    "patch class, 8 seeds": (Stub(seeds=8), "class 6"),
    "patch class, 8 seeds, 20 groups": (Stub(seeds=8, groups=20), "class 6"),
    "patch class, 8 seeds, photos matter more": (Stub(seeds=8, seed_noise=0.25), "class 6"),
    "rarest patch class, 8 seeds": (Stub(seeds=8), "class 10"),
}


def main(sets: int = 2000, names: Sequence[str] = ()) -> None:
    """Print all figures."""
    for name, setting in NO_DIFFERENCE.items():
        if not names or name in names:
            print(f"{name}: {error_rates(setting, sets)}", flush=True)
    for name, (stub, row) in A_DIFFERENCE.items():
        if names and name not in names:
            continue
        print(f"{name}: {power(with_true_difference(stub, row), row, sets)}", flush=True)


if __name__ == "__main__":
    main()
