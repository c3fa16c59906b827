"""From the kept results of trials to what was found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from scipy.stats import t

from trashdata.comparison import difference, iou, judge, load, stack_folds
from trashdata.comparison.pixel_counts import Counts, with_mean
from trashdata.comparison.verdicts import ALPHA, MEAN
from trashdata.errors import UserError, printable
from trashdata.inference.confusion import channel_names
from trashdata.prove.arms import Arm, controls
from trashdata.prove.findings import Finding
from trashdata.prove.looks import question_of
from trashdata.prove.trials import Plan, Trial

Looks = Callable[[str, list[int]], int]


def counts_of(plan: Plan, steps: int, results: Path) -> dict[str, Counts]:
    """The pixel counts (S, P, C, 3) of each arm's runs on all validation photos, by its name.

    Raises
    ------
    UserError : a result is missing, damaged, or of other photos.
    """
    found: dict[str, Counts] = {}
    for arm in plan.arms:
        runs = [
            stack_folds(
                [
                    trial_counts(plan.trial(arm, fold, seed, steps), results)
                    for fold in plan.parts.folds
                ]
            )[0]
            for seed in plan.options.seed_numbers()
        ]
        found[arm.name] = np.stack(runs)
        _check_photos(plan, arm, found[arm.name])
    return found


def trial_counts(trial: Trial, results: Path) -> Counts:
    """The pixel counts (P, C, 3) of a run on its validation photos.

    Raises
    ------
    UserError : there is no result, or a damaged one.
    """
    result = load(results, trial.content)
    if result is None:
        raise UserError(
            printable(str(results)),
            expected=f"the result of {printable(trial.name)}",
            found="none",
            advice="start again, and it is run",
        )
    return result.counts


def _check_photos(plan: Plan, arm: Arm, counts: Counts) -> None:
    if counts.shape[1] != len(plan.parts.photos):
        raise UserError(
            f"arm {printable(arm.name)}",
            expected=f"results on the {len(plan.parts.photos)} validation photos",
            found=f"some on {counts.shape[1]}",
            advice="delete the folder of --out, and start again",
        )


def find(
    plan: Plan,
    steps: int,
    counts: Mapping[str, Counts],
    patch: Sequence[str],
    looks: Looks,
    judged: Sequence[str] = (),
) -> list[Finding]:
    """Judge each arm against its controls.

    Parameters
    ----------
    counts : see `counts_of`.
    patch : the classes that arms are made for, if they name none.
    looks : the number of the look, for a question and the seeds.
    judged : names of the arms; all of them if empty.
    """
    options, names = plan.options, channel_names(plan.parts.class_names)
    groups, fold_of = plan.parts.groups, plan.parts.fold_of
    found = []
    for arm in plan.arms:
        against = controls(arm, plan.arms, options.against)
        if arm.name == options.against or not against or (judged and arm.name not in judged):
            continue
        pairs = [
            difference(counts[arm.name], counts[control], groups, fold_of) for control in against
        ]
        seeds = options.seed_numbers()
        look = looks(_question(plan, arm, against, steps), seeds)
        rows = judge(pairs, names, patch=_known(arm.patch or patch, names), looks=look)
        found.append(
            Finding(
                arm.name,
                tuple(against),
                steps,
                len(seeds),
                len(plan.parts.photos),
                look,
                tuple(rows),
                noise_floor(counts[against[0]], names),
            )
        )
    return found


def _known(patch: Sequence[str], names: Sequence[str]) -> list[str]:
    return [name for name in names if name in patch]


def _question(plan: Plan, arm: Arm, against: Sequence[str], steps: int) -> str:
    """The question by content, whatever arms are called; without the seeds."""
    fold, first = plan.parts.folds[0], plan.options.seed
    asked = [arm, *(one for name in against for one in plan.arms if one.name == name)]
    contents = [plan.trial(one, fold, first, steps).content for one in asked]
    return question_of(contents=contents, folds=[one.digests for one in plan.parts.folds])


def noise_floor(control: Counts, names: Sequence[str]) -> dict[str, float]:
    """How far apart the means of two sets of runs of one arm can be, as seeds alone have it.

    Parameters
    ----------
    control : (S, P, C, 3) counts of its runs.
    names : of the C channels.

    Returns
    -------
    For the mean and each channel the half width of a 95 % interval, as a difference of IoU: that
    of the mean of S differences of runs that differ in nothing but the seed.
    """
    scores = with_mean(iou(control.sum(axis=1)))
    seeds = len(scores)
    error = np.sqrt(2 * scores.var(axis=0, ddof=1) / seeds)
    widths = t.ppf(1 - ALPHA / 2, 2 * (seeds - 1)) * error
    return dict(zip([MEAN, *names], widths.tolist(), strict=True))
