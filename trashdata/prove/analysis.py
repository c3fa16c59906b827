"""From the kept results of trials to what was found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np
from scipy.stats import t

from trashdata.comparison import Result, difference, iou, judge, load, stack_folds
from trashdata.comparison.pixel_counts import Counts, Floats, with_mean
from trashdata.comparison.verdicts import ALPHA, MEAN
from trashdata.errors import UserError, printable
from trashdata.inference.confusion import channel_names
from trashdata.prove.arms import Arm, controls
from trashdata.prove.compared import Compared
from trashdata.prove.findings import Finding
from trashdata.prove.looks import question_of
from trashdata.prove.trials import Plan, Trial

Looks = Callable[[str, list[int], str], int]
"""The number of the look: question, seeds, and `Compared.seen`."""


def counts_of(plan: Plan, steps: int, results: Path) -> dict[str, Counts]:
    """The pixel counts (S, P, C, 3) of each arm's runs on all validation photos, by its name.

    Raises
    ------
    UserError : a result is missing, damaged, or of other photos.
    """
    found: dict[str, Counts] = {}
    for arm in plan.arms:
        runs = [
            stack_folds([result.counts for result in results_of_run])[0]
            for results_of_run in _results(plan, arm, steps, results)
        ]
        found[arm.name] = np.stack(runs)
        _check_photos(plan, arm, found[arm.name])
    return found


def precision_of(plan: Plan, steps: int, results: Path) -> dict[str, Floats]:
    """The average precision (S, C - 1) of regions of each class, of each arm's runs, by its name.

    Over folds it is the mean; NaN for a class without regions in validation.
    """
    found = {}
    for arm in plan.arms:
        runs = _results(plan, arm, steps, results)
        found[arm.name] = np.stack([_mean_known([one.ap for one in folds]) for folds in runs])
    return found


def _results(plan: Plan, arm: Arm, steps: int, results: Path) -> list[list[Result]]:
    """The results of an arm: for each seed, those of all folds."""
    return [
        [_result(plan.trial(arm, fold, seed, steps), results) for fold in plan.parts.folds]
        for seed in plan.options.seed_numbers()
    ]


def _mean_known(folds: Sequence[Floats]) -> Floats:
    """The mean over the folds, without NaN."""
    values = np.stack(folds)
    known = ~np.isnan(values)
    total = np.where(known, values, 0).sum(axis=0)
    number = known.sum(axis=0)
    mean: Floats = np.divide(total, number, out=np.full(len(total), np.nan), where=number > 0)
    return mean


def trial_counts(trial: Trial, results: Path) -> Counts:
    """The pixel counts (P, C, 3) of a run on its validation photos.

    Raises
    ------
    UserError : there is no result, or a damaged one.
    """
    return _result(trial, results).counts


def _result(trial: Trial, results: Path) -> Result:
    result = load(results, trial.content)
    if result is None:
        raise UserError(
            printable(str(results)),
            expected=f"the result of {printable(trial.name)}",
            found="none",
            advice="start again, and it is run",
        )
    return result


def _check_photos(plan: Plan, arm: Arm, counts: Counts) -> None:
    if counts.shape[1] != len(plan.parts.photos):
        raise UserError(
            f"arm {printable(arm.name)}",
            expected=f"results on the {len(plan.parts.photos)} validation photos",
            found=f"some on {counts.shape[1]}",
            advice="delete the folder of --out, and start again",
        )


def find(
    compared: Compared,
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
    judged : names of the arms; all of them if empty.
    """
    options, names = compared.options, channel_names(compared.parts.class_names)
    groups, fold_of = compared.parts.groups, compared.parts.fold_of
    found = []
    for arm in compared.arms:
        against = controls(arm, compared.arms, options.against)
        if arm.name == options.against or not against or (judged and arm.name not in judged):
            continue
        pairs = [
            difference(counts[arm.name], counts[control], groups, fold_of) for control in against
        ]
        seeds = options.seed_numbers()
        question = _question(compared, arm, against, steps)
        look = looks(question, seeds, compared.seen([arm.name, *against]))
        rows = judge(pairs, names, patch=_known(arm.patch or patch, names), looks=look)
        found.append(
            Finding(
                arm.name,
                tuple(against),
                steps,
                len(seeds),
                len(compared.parts.photos),
                look,
                tuple(rows),
                noise_floor(counts[against[0]], names),
            )
        )
    return found


def _known(patch: Sequence[str], names: Sequence[str]) -> list[str]:
    return [name for name in names if name in patch]


def _question(compared: Compared, arm: Arm, against: Sequence[str], steps: int) -> str:
    """The question by content, whatever arms are called; without the seeds."""
    asked = [arm, *(one for name in against for one in compared.arms if one.name == name)]
    contents = [compared.content_of(one, steps) for one in asked]
    return question_of(contents=contents, folds=[one.digests for one in compared.parts.folds])


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


class Scores(msgspec.Struct, frozen=True):
    """Scores of an arm's runs, a dict by name for each seed: ``iou`` of the mean and each channel,
    ``ap`` of regions of the mean and each class; from 0 to 1, None where it is not known."""

    seeds: list[int]
    iou: list[dict[str, float | None]]
    ap: list[dict[str, float | None]]


def scores_of(plan: Compared, counts: Counts, precision: Floats | None) -> Scores:
    """The scores of an arm.

    Parameters
    ----------
    counts, precision : see `counts_of` and `precision_of`; None where no regions were scored.
    """
    names = plan.parts.class_names
    return Scores(
        plan.options.seed_numbers(),
        _by_name(with_mean(iou(counts.sum(axis=1))), [MEAN, *channel_names(names)]),
        [] if precision is None else _by_name(with_mean(precision), [MEAN, *names]),
    )


def _by_name(table: Floats, names: Sequence[str]) -> list[dict[str, float | None]]:
    return [
        {name: None if np.isnan(value) else value for name, value in zip(names, row, strict=True)}
        for row in table.tolist()
    ]
