"""The plan: which fold validates each photo, and which folds train on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trashdata.coco.document import Document
from trashdata.errors import UserError

from .inputs import Inputs
from .options import KfoldOptions
from .stratifying.labels import Labels
from .stratifying.split import holdout_part, split

HOLDOUT = -1
SYNTHETIC = -2
"""Synthetic and pseudo-labelled photos: they are trained on, never validated on."""


@dataclass(frozen=True)
class Plan:
    """The folds of every image; images in the document's order, by rising id.

    ``fold_of`` (N,) int64: the fold that validates it, `HOLDOUT` or `SYNTHETIC`; ``start`` (R,)
    int64: the folds of the ``real`` (R,) rows before the refinement; ``trained`` (k, N): whether a
    fold trains on the image; ``left_out`` (k,) int64: synthetic and pseudo-labelled photos that a
    fold doesn't train on, because a photo they were made of, or a near-duplicate, is validated
    there or held out.
    """

    inputs: Inputs
    fold_of: NDArray[np.int64]
    real: NDArray[np.int64]
    start: NDArray[np.int64]
    trained: NDArray[np.bool_]
    left_out: NDArray[np.int64]

    @property
    def options(self) -> KfoldOptions:
        """The options of the split."""
        return self.inputs.options

    @property
    def document(self) -> Document:
        """The document to split."""
        return self.inputs.document

    @property
    def real_labels(self) -> Labels:
        """Labels of the rows in folds."""
        return self.inputs.labels.rows(self.real)


def make_plan(inputs: Inputs) -> Plan:
    """Make the plan.

    Raises
    ------
    UserError : more folds than photos or groups, or a test part without a photo.
    """
    options, labels, groups = inputs.options, inputs.labels, inputs.groups
    synthetic = _synthetic(inputs)
    fold_of = np.full(len(labels), SYNTHETIC)
    real = np.flatnonzero(~synthetic)
    if options.holdout:
        side = holdout_part(labels.rows(real), _dense(groups[real]), options)
        fold_of[real[side == 0]] = HOLDOUT
        real = real[side == 1]
    real_groups = _dense(groups[real])
    _check_folds(inputs.document, options, len(real), int(real_groups.max(initial=-1)) + 1)
    folded = split(labels.rows(real), real_groups, options)
    fold_of[real] = folded.fold_of
    trained = _trained(inputs, fold_of)
    left_out = np.array([(~trained[f] & synthetic).sum() for f in range(options.folds)])
    return Plan(inputs, fold_of, real, folded.start, trained, left_out)


def _synthetic(inputs: Inputs) -> NDArray[np.bool_]:
    """Which images are synthetic or pseudo-labelled, (N,)."""
    ids = inputs.provenance.synthetic | inputs.provenance.pseudo_labelled
    return np.array([image.id in ids for image in inputs.document.images], dtype=bool)


def _dense(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """Renumber the groups from 0, without gaps."""
    return np.unique(groups, return_inverse=True)[1].astype(np.int64)


def _check_folds(document: Document, options: KfoldOptions, photos: int, groups: int) -> None:
    if groups >= options.folds:
        return
    what = "photo" if groups == photos else "group"
    rest = " outside the test part" if options.holdout else ""
    raise UserError(
        f"--folds {options.folds}",
        expected=f"at most a fold for each {what} of {document.name}{rest}",
        found=f"{groups} {what}{'' if groups == 1 else 's'}",
        advice=_advice(what, options.group_by),
    )


def _advice(what: str, group_by: str) -> str:
    if what == "photo":
        return "make fewer folds"
    if group_by in ("auto", "duplicates"):
        return (
            "make fewer folds, or pass --group-by none if they are different photos of one scene"
            " (and --allow-look-alikes to 'trashdata train')"
        )
    return "make fewer folds or see --group-by"


def _trained(inputs: Inputs, fold_of: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which images each fold trains on, (k, N)."""
    document, provenance, groups = inputs.document, inputs.provenance, inputs.groups
    folds = inputs.options.folds
    fold_by_id = {i.id: int(f) for i, f in zip(document.images, fold_of, strict=True)}
    trained = np.zeros((folds, len(fold_of)), dtype=bool)
    for fold in range(folds):
        trained[fold] = (fold_of >= 0) & (fold_of != fold)
    for index in np.flatnonzero(fold_of == SYNTHETIC).tolist():
        image = document.images[index]
        sources = provenance.sources(image.id) | inputs.sources.get(image.id, frozenset())
        kept_from = {fold_by_id.get(source, SYNTHETIC) for source in sources}
        if image.id in provenance.pseudo_labelled:
            kept_from.update(fold_of[groups == groups[index]].tolist())
        if HOLDOUT not in kept_from:
            trained[[fold for fold in range(folds) if fold not in kept_from], index] = True
    return trained
