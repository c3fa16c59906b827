"""Report of a split: figures for programs, a table and sentences for people."""

from __future__ import annotations

from dataclasses import asdict
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trashdata.console import Reporter
from trashdata.outcome import Outcome

from .plan import HOLDOUT, SYNTHETIC, Plan
from .stratifying.objective import Figures, figures, fold_shares, objective


class Balance:
    """How even the folds of a plan are, over the photos in folds.

    ``shares``: each fold's share of each class's photos, objects and area, three (k, C) arrays,
    0 where the class has none; ``photos``, ``objects`` (C,); ``sizes`` (k,) photos.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.folds = plan.options.folds
        self.fold_of = plan.fold_of[plan.real]
        self.labels = plan.real_labels
        self.names = [category.name for category in plan.document.class_categories]
        self.shares = fold_shares(self.labels, self.fold_of, self.folds)
        self.photos = self.labels.presence.sum(axis=0)
        self.objects = self.labels.counts.sum(axis=0)
        self.sizes = np.bincount(self.fold_of, minlength=self.folds)
        self.targets = np.full(self.folds, 1 / self.folds)

    @cached_property
    def start(self) -> Figures:
        return figures(self.labels, self.plan.start, self.targets)

    @cached_property
    def end(self) -> Figures:
        return figures(self.labels, self.fold_of, self.targets)

    def objective_of(self, fold_of: NDArray[np.int64]) -> float:
        weights = self.plan.options.share_weights()
        return objective(self.labels, fold_of, self.targets, weights)

    @cached_property
    def order(self) -> list[int]:
        """Class indices from the most frequent class (photos, then objects) to the rarest."""
        return [int(index) for index in np.lexsort((-self.objects, -self.photos))]


def report_json(balance: Balance, warnings: list[str]) -> dict[str, Any]:
    """The content of ``<out>_report.json``; shares are rounded to six decimals."""
    plan = balance.plan
    return {
        "options": plan.options.of_split(),
        "photos": balance.sizes.tolist(),
        "trained_on": plan.trained.sum(axis=1).tolist(),
        **_counts(plan),
        "synthetic_left_out": plan.left_out.tolist(),
        "objective": {
            "start": round(balance.objective_of(plan.start), 6),
            "end": round(balance.objective_of(balance.fold_of), 6),
        },
        "mean_largest_deviation": {
            "start": _rounded(balance.start),
            "end": _rounded(balance.end),
        },
        "classes": [_class_row(balance, index) for index in range(len(balance.names))],
        "warnings": warnings,
    }


def _counts(plan: Plan) -> dict[str, int]:
    return {
        "groups": int(plan.inputs.groups.max()) + 1,
        "holdout": int((plan.fold_of == HOLDOUT).sum()),
        "synthetic": int((plan.fold_of == SYNTHETIC).sum()),
    }


def _rounded(figure: Figures) -> dict[str, float]:
    return {key: round(value, 6) for key, value in asdict(figure).items()}


def _class_row(balance: Balance, index: int) -> dict[str, Any]:
    photos, objects, area = (share[:, index].round(6).tolist() for share in balance.shares)
    return {
        "class": balance.names[index],
        "photos": int(balance.photos[index]),
        "objects": int(balance.objects[index]),
        "shares": {"photos": photos, "objects": objects, "area": area},
    }


def show(balance: Balance, reporter: Reporter) -> None:
    """Print the table, and a summary."""
    document = balance.plan.document
    title = f"{balance.folds} folds of {len(balance.fold_of)} photos of {document.name}"
    header = ("class", "photos", "objects", "photos %", "objects %", "area %")
    rows = [
        (
            balance.names[index],
            int(balance.photos[index]),
            int(balance.objects[index]),
            *(_range(share[:, index]) for share in balance.shares),
        )
        for index in balance.order
    ]
    _note_left_out(balance, reporter)
    reporter.table(title, header, rows)
    sizes, start, end = balance.sizes, balance.start, balance.end
    reporter.note(
        f"Photos in a fold: {sizes.min()} to {sizes.max()}. Mean over classes of the largest"
        f" deviation from 1/{balance.folds}: photos {end.photos:.1%}, objects {end.objects:.1%},"
        f" area {end.area:.1%} (before the refinement {start.photos:.1%}, {start.objects:.1%},"
        f" {start.area:.1%})."
    )


def _range(shares: NDArray[np.float64]) -> str:
    """Least and greatest share in percent.

    >>> _range(np.array([0.204, 0.196]))
    '19.6–20.4'
    """
    return f"{100 * shares.min():.1f}–{100 * shares.max():.1f}" if shares.any() else "-"


def _note_left_out(balance: Balance, reporter: Reporter) -> None:
    """Note how synthetic and pseudo-labelled photos are used."""
    synthetic = int((balance.plan.fold_of == SYNTHETIC).sum())
    if synthetic:
        left_out = balance.plan.left_out.tolist()
        reporter.note(
            f"{synthetic} synthetic or pseudo-labelled photos are in no validation part. Omitted"
            " of training, as a source or a near-duplicate is validated there or held out: "
            + ", ".join(f"{count} in fold {fold}" for fold, count in enumerate(left_out))
            + "."
        )


def plan_warnings(balance: Balance) -> list[str]:
    """Warnings about classes missing in folds, and donors that may leak into validation."""
    rarest_first = np.argsort(balance.photos, kind="stable").tolist()
    warnings = [
        warning for index in rarest_first if (warning := _missing_folds(balance, index)) is not None
    ]
    names = balance.plan.inputs.provenance.donor_files()
    if names:
        warnings.append(
            f"Donors from {', '.join(names)} can't be found among the images of"
            f" {balance.plan.document.name}; compare the folds with that file by"
            " 'trashdata kfold --check'."
        )
    return warnings


def _missing_folds(balance: Balance, index: int) -> str | None:
    """Warning about the folds without a class; None if there are none."""
    photos = int(balance.photos[index])
    missing = np.flatnonzero(balance.shares[0][:, index] == 0).tolist()
    if not photos:
        return f"Class {balance.names[index]} is on no photo: no fold validates it."
    if not missing:
        return None
    number = "1 photo" if photos == 1 else f"{photos} photos"
    one = len(missing) == 1
    return (
        f"Class {balance.names[index]} is on {number}:"
        f" fold{'' if one else 's'} {_listed(missing)} miss{'es' if one else ''} it."
    )


def _listed(folds: list[int]) -> str:
    """Join numbers to a phrase.

    >>> _listed([0, 2, 3])
    '0, 2 and 3'
    """
    *most, last = map(str, folds)
    return f"{', '.join(most)} and {last}" if most else last


def split_outcome(balance: Balance, outputs: list[str], reporter: Reporter) -> Outcome:
    """The outcome for ``--json-summary``: the report, and the files."""
    plan = balance.plan
    figures = report_json(balance, [])
    del figures["warnings"]
    return Outcome(
        command="kfold",
        inputs={plan.document.name: plan.document.sha256},
        outputs=outputs,
        counts={"photos": len(plan.fold_of), "folds": plan.options.folds, **_counts(plan)},
        warnings=reporter.warnings,
        figures=figures,
    )
