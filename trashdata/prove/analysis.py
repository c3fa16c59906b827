"""From the kept results of trials to what was found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np
from scipy.stats import t

from trashdata.comparison import Result, difference, iou, judge, load, stack_folds
from trashdata.comparison.pixel_counts import Counts, Floats, with_mean
from trashdata.comparison.verdicts import ALPHA
from trashdata.errors import UserError, printable
from trashdata.inference.confusion import channel_names
from trashdata.inference.predictor import evaluated_images
from trashdata.prove.arms import Arm, controls
from trashdata.prove.compared import Compared
from trashdata.prove.findings import Finding
from trashdata.prove.folds import Fold
from trashdata.prove.looks import question_of
from trashdata.prove.trials import Plan, Trial

ByArm = Mapping[str, Sequence[Sequence[Result]]]
Looks = Callable[[str, list[int], str], int]
"""The number of the look: question, seeds, and `Compared.seen`."""


def results_of(plan: Plan, steps: int, results: Path) -> ByArm:
    """The results of all runs of a length by arm: for each seed, those of all folds.

    Raises
    ------
    UserError : a result is missing, damaged, or of other photos.
    """
    folds, seeds = plan.parts.folds, plan.options.seed_numbers()

    def result(arm: Arm, fold: Fold, seed: int) -> Result:
        return _result(plan, plan.trial(arm, fold, seed, steps), results)

    return {
        arm.name: [[result(arm, fold, seed) for fold in folds] for seed in seeds]
        for arm in plan.arms
    }


def counts_of(results: ByArm) -> dict[str, Counts]:
    """The pixel counts (S, P, C, 3) of each arm's runs on all validation photos."""
    return {
        arm: np.stack([stack_folds([one.counts for one in folds])[0] for folds in runs])
        for arm, runs in results.items()
    }


def precision_of(results: ByArm) -> dict[str, Floats]:
    """The average precision (S, C - 1) of regions of each class, of each arm's runs.

    Over folds it is the mean; NaN for a class without regions in validation.
    """
    return {
        arm: np.stack([_mean_known([one.ap for one in folds]) for folds in runs])
        for arm, runs in results.items()
    }


def _mean_known(folds: Sequence[Floats]) -> Floats:
    """The mean over the folds, without NaN."""
    values = np.stack(folds)
    known = ~np.isnan(values)
    total = np.where(known, values, 0).sum(axis=0)
    number = known.sum(axis=0)
    mean: Floats = np.divide(total, number, out=np.full(len(total), np.nan), where=number > 0)
    return mean


def trial_counts(plan: Plan, trial: Trial, results: Path) -> Counts:
    """The pixel counts (P, C, 3) of a run on its validation photos.

    Raises
    ------
    UserError : there is no result, or a damaged one.
    """
    return _result(plan, trial, results).counts


def _result(plan: Plan, trial: Trial, results: Path) -> Result:
    result = load(results, trial.content)
    images = evaluated_images(plan.parts.folds[trial.fold].val)
    if result is not None and result.photos == tuple(image.file_name for image in images):
        return result
    raise UserError(
        f"{printable(str(results))}: {printable(trial.name)}",
        expected=f"its result on {len(images)} validation photos",
        found="none" if result is None else "one on other photos",
        advice="start with another --out",
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
        mean_noise, noise = noise_floor(counts[against[0]], names)
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
                noise,
                mean_noise,
            )
        )
    return found


def _known(patch: Sequence[str], names: Sequence[str]) -> list[str]:
    return [name for name in names if name in patch]


def _question(compared: Compared, arm: Arm, against: Sequence[str], steps: int) -> str:
    """The question by content, whatever arms are called, on whatever folds, with any seeds."""
    asked = [arm, *(one for name in against for one in compared.arms if one.name == name)]
    contents = [compared.content_of(one, steps) for one in asked]
    return question_of(contents=contents, files=[one.sha256 for one in compared.parts.documents])


def noise_floor(control: Counts, names: Sequence[str]) -> tuple[float, dict[str, float]]:
    """How far apart the means of two sets of runs of one arm can be, as seeds alone have it.

    Parameters
    ----------
    control : (S, P, C, 3) counts of its runs.
    names : of the C channels.

    Returns
    -------
    For the mean, and for each channel by name, the half width of a 95 % interval, as a difference
    of IoU: that of the mean of S differences of runs that differ in nothing but the seed.
    """
    scores = with_mean(iou(control.sum(axis=1)))
    seeds = len(scores)
    error = np.sqrt(2 * scores.var(axis=0, ddof=1) / seeds)
    mean, *widths = (t.ppf(1 - ALPHA / 2, 2 * (seeds - 1)) * error).tolist()
    return mean, dict(zip(names, widths, strict=True))


class Values(msgspec.Struct, frozen=True):
    """A score of a run from 0 to 1: its mean over the classes, and by their names; None where it is
    not known."""

    mean: float | None
    classes: dict[str, float | None]


class Scores(msgspec.Struct, frozen=True):
    """Scores of an arm's runs, one for each seed: ``iou`` of channels, ``ap`` of regions."""

    seeds: list[int]
    iou: list[Values]
    ap: list[Values]


def scores_of(compared: Compared, counts: Counts, precision: Floats | None) -> Scores:
    """The scores of an arm.

    Parameters
    ----------
    counts, precision : see `counts_of` and `precision_of`; None where no regions were scored.
    """
    names = compared.parts.class_names
    return Scores(
        compared.options.seed_numbers(),
        _values(iou(counts.sum(axis=1)), channel_names(names)),
        [] if precision is None else _values(precision, names),
    )


def _values(table: Floats, names: Sequence[str]) -> list[Values]:
    """Of (S, C) scores of these names."""
    known = [[None if np.isnan(one) else one for one in row] for row in with_mean(table).tolist()]
    return [Values(mean, dict(zip(names, row, strict=True))) for mean, *row in known]
