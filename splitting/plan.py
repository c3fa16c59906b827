"""The plan: which photo is validated in which fold, and which is trained on where."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trashdata.coco.document import Document
from trashdata.console import Reporter
from trashdata.errors import UserError
from trashdata.provenance import Provenance

from .grouping.groups import find_groups
from .options import KfoldOptions
from .stratifying.labels import Labels, photo_labels
from .stratifying.split import holdout_part, split

HOLDOUT = -1
SYNTHETIC = -2
"""Synthetic and pseudo-labelled photos: they are trained on, never validated on."""


@dataclass(frozen=True)
class Plan:
    """Where every image of a document goes; images in the document's order, by rising id.

    ``fold_of`` (N,) int64: the fold that validates it, `HOLDOUT` or `SYNTHETIC`; ``group_of``
    (N,) int64: the smallest image id of its group; ``start`` (R,) int64: where the ``real`` (R,)
    rows in folds stood before the refinement; ``left_out`` (k,) int64: synthetic and
    pseudo-labelled photos that a fold doesn't train on, as one of their sources, or a
    near-duplicate, is validated there or held out.
    """

    options: KfoldOptions
    document: Document
    labels: Labels
    fold_of: NDArray[np.int64]
    group_of: NDArray[np.int64]
    real: NDArray[np.int64]
    start: NDArray[np.int64]
    trained: NDArray[np.bool_]
    """(k, N): whether a fold trains on the image."""
    left_out: NDArray[np.int64]

    @property
    def real_labels(self) -> Labels:
        """Labels of the rows in folds."""
        return self.labels.rows(self.real)


def make_plan(
    document: Document,
    options: KfoldOptions,
    images: Path,
    *,
    workers: int = 1,
    reporter: Reporter | None = None,
) -> Plan:
    """Decide on every image; nothing is written.

    Raises
    ------
    UserError : no annotations, an unknown key, more folds than photos or groups.
    """
    reporter = reporter or Reporter()
    labels = photo_labels(document)
    if not labels.counts.any():
        raise UserError(
            document.name,
            expected="annotations of at least one class",
            found="none",
            advice="choose another --json",
        )
    provenance = Provenance(document)
    unsound = provenance.synthetic | provenance.pseudo_labelled
    synthetic = np.array([image.id in unsound for image in document.images], dtype=bool)
    groups = find_groups(document, options.group_by, images, workers=workers, reporter=reporter)
    fold_of = np.full(len(labels), SYNTHETIC)
    real = np.flatnonzero(~synthetic)
    if options.holdout:
        side = holdout_part(labels.rows(real), _dense(groups[real]), options)
        fold_of[real[side == 0]] = HOLDOUT
        real = real[side == 1]
    own = _dense(groups[real])
    _check_folds(document, options, len(real), int(own.max(initial=-1)) + 1)
    folded = split(labels.rows(real), own, options)
    fold_of[real] = folded.fold_of
    trained = _trained(document, provenance, options.folds, fold_of, groups)
    left_out = np.array([(~trained[f] & synthetic).sum() for f in range(options.folds)])
    ids = np.array([image.id for image in document.images])
    first = np.unique(groups, return_index=True)[1]
    group_ids = ids[first[groups]]
    return Plan(
        options, document, labels, fold_of, group_ids, real, folded.start, trained, left_out
    )


def _dense(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """The groups numbered anew from 0, without gaps."""
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
        advice="make fewer folds" if what == "photo" else "make fewer folds or see --group-by",
    )


def _trained(
    document: Document,
    provenance: Provenance,
    folds: int,
    fold_of: NDArray[np.int64],
    groups: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Which images each fold trains on, (k, N)."""
    fold_by_id = {i.id: int(f) for i, f in zip(document.images, fold_of, strict=True)}
    trained = np.zeros((folds, len(fold_of)), dtype=bool)
    for fold in range(folds):
        trained[fold] = (fold_of >= 0) & (fold_of != fold)
    for index in np.flatnonzero(fold_of == SYNTHETIC).tolist():
        image = document.images[index]
        kept_from = {fold_by_id.get(source, SYNTHETIC) for source in provenance.sources(image.id)}
        if image.id in provenance.pseudo_labelled:
            kept_from.update(fold_of[groups == groups[index]].tolist())
        if HOLDOUT not in kept_from:
            trained[[fold for fold in range(folds) if fold not in kept_from], index] = True
    return trained
