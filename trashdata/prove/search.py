"""The search for copy-paste options: halving inside of the confirmation's training part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from trashdata.comparison import iou
from trashdata.comparison.pixel_counts import with_mean
from trashdata.console import Reporter
from trashdata.prove.analysis import trial_counts
from trashdata.prove.arms import BACKGROUND_ONLY, PLAIN, Arm, controls, read_arms
from trashdata.prove.grid import Candidate, candidates
from trashdata.prove.halving import Rung, half, new_runs, rungs, survivors
from trashdata.prove.options import FEWEST_STEPS, MOST_SEEDS
from trashdata.prove.search_parts import first_fold, inner_parts, pasted_classes
from trashdata.prove.timing import Batch
from trashdata.prove.trials import Plan, Trial

_SHARES = 1 << 10


@dataclass(frozen=True)
class Search:
    """A search before its first run.

    ``inner``: on folds of the training part, with the candidates as arms; ``outer``: on the held
    out fold, with the controls; ``grid``: the candidates.
    """

    inner: Plan
    outer: Plan
    grid: Sequence[Candidate]

    def rungs(self, steps: int) -> list[Rung]:
        """The rungs, the last ones of ``steps`` steps."""
        return rungs(len(self.grid), steps, FEWEST_STEPS)

    def batches(self) -> list[Batch]:
        """The runs of each rung, and their share of the steps."""
        plan = self.rungs(_SHARES)
        number = new_runs(plan)
        return [Batch(n, rung.steps / _SHARES) for n, rung in zip(number, plan, strict=True)]

    def place_of(self, number: int) -> tuple[int, int]:
        """The fold and the seed of a try; no comparison has a seed as high with this ``seed``."""
        return number % len(self.inner.parts.folds), self.inner.options.seed + MOST_SEEDS + number

    def trials(self, rung: Rung, arms: Sequence[Arm] | None = None) -> list[Trial]:
        """The runs of a rung, by default of all candidates; those that count again among them."""
        arms = self.inner.arms if arms is None else arms
        return [self._trial(arm, number, rung.steps) for number in rung.tries for arm in arms]

    def samples(self, steps: int) -> list[Trial]:
        """For each list of pasted classes, one candidate on each fold.

        Whether there are donors depends on these; to check all candidates takes as long as some of
        their runs.
        """
        arms = {arm.patch: arm for arm in reversed(self.inner.arms)}
        folds = range(len(self.inner.parts.folds))
        return [self._trial(arm, fold, steps) for arm in reversed(arms.values()) for fold in folds]

    def _trial(self, arm: Arm, number: int, steps: int) -> Trial:
        fold, seed = self.place_of(number)
        return self.inner.trial(arm, self.inner.parts.folds[fold], seed, steps)

    def score(self, arm: Arm, rung: Rung, results: Path) -> float:
        """The mean IoU over all classes of an arm's runs in a rung, their pixels together.

        It is the mean over all classes, not over the pasted ones: these are on few photos, so that
        after short runs they say the least (many are at zero still), and a candidate that gains
        there what it loses elsewhere should not win. It is the first row of the comparison as well.
        """
        trials = [self._trial(arm, number, rung.steps) for number in rung.tries]
        runs = [trial_counts(self.inner, trial, results) for trial in trials]
        sums = np.sum([counts.sum(axis=0) for counts in runs], axis=0)
        return float(with_mean(iou(sums))[0])

    def confirmation(self, winner: Arm, steps: int | None = None) -> Plan:
        """The comparison of the winner with its controls, of a length if given."""
        options = self.outer.options
        arms = [*self.outer.arms, winner]
        wanted = [*controls(winner, arms, options.against), winner.name]
        if steps is not None:
            options = replace(options, steps=(steps,), budget=None)
        kept = [arm for arm in arms if arm.name in wanted]
        return replace(self.outer, options=options, arms=kept)


@dataclass(frozen=True)
class Round:
    """A rung that was carried out, and the score of each of its candidates by name."""

    rung: Rung
    scores: dict[str, float]


@dataclass(frozen=True)
class Found:
    """What a search found."""

    search: Search
    rounds: Sequence[Round]
    winner: Arm


def plan_search(
    plan: Plan, patch: Sequence[str], out: Path, workers: int, reporter: Reporter
) -> Search:
    """What is searched, and on which photos.

    Parameters
    ----------
    plan : a comparison on the user's parts; the first of its folds is held out.
    patch : the classes that it is about.

    Raises
    ------
    UserError : no folds can be made of the training part.
    """
    options, held_out = plan.options, plan.parts.folds[0]
    parts = inner_parts(held_out, plan.folders, options, out, workers, reporter)
    against = read_arms((PLAIN, BACKGROUND_ONLY), None, options.against, patch)
    training = [held_out.train, *(fold.train for fold in parts.folds)]
    grid = [
        one
        for one in candidates(patch, pasted_classes(training, patch))
        # It would be compared with itself.
        if not any(replace(one.arm, name=arm.name) == arm for arm in against)
    ]
    return Search(
        replace(plan, parts=parts, arms=[one.arm for one in grid]),
        replace(plan, parts=first_fold(plan.parts), arms=against),
        grid,
    )


def carry_out(
    search: Search, steps: int, train: Callable[[Sequence[Trial]], None], results: Path
) -> Found:
    """Halve the candidates until one is left.

    Parameters
    ----------
    train : carries out those of the trials whose results are missing.
    results : the folder of kept results; all that decides who stays is in it, so that a search that
        was stopped goes on where it was.
    """
    left, rounds = [one.arm for one in search.grid], []
    for rung in search.rungs(steps):
        train(search.trials(rung, left))
        scores = [search.score(arm, rung, results) for arm in left]
        rounds.append(Round(rung, {a.name: s for a, s in zip(left, scores, strict=True)}))
        left = [left[k] for k in survivors(scores, half(len(left)))]
    return Found(search, rounds, left[0])
