"""The photos of a search, inside of the training part of its confirmation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from trashdata.coco.document import Document
from trashdata.comparison import numbered
from trashdata.console import Reporter
from trashdata.paths import DataFolders
from trashdata.prove.folds import FRAMES_IN_FOLDS, Fold, Parts, read_parts
from trashdata.prove.options import ProveOptions

FOLDS = 3
"""Of the search; each try has another one."""
_FEWEST_OBJECTS = 10
_FRAMES = (
    "The search's folds have neighbouring frames of a video on both sides, so that its scores are"
    " too high; the confirmation's are not. --group-by with a key of videos keeps them together."
)


def first_fold(parts: Parts) -> Parts:
    """The first fold alone: what the winner of a search is confirmed on."""
    photos = parts.fold_of == 0
    names = [name for name, kept in zip(parts.photos, photos.tolist(), strict=True) if kept]
    groups = numbered(parts.groups[photos].tolist())
    return Parts(parts.folds[:1], names, groups, np.zeros_like(groups), parts.documents)


def inner_parts(
    fold: Fold,
    folders: DataFolders,
    options: ProveOptions,
    out: Path,
    workers: int,
    reporter: Reporter,
) -> Parts:
    """Folds of the training part of a fold, groups kept together; written under ``out``.

    Raises
    ------
    UserError : they can't be made.
    """
    json = str((fold.data / fold.train.name).resolve())
    inner = replace(options, json=json, val=None, folds=FOLDS)
    # What else there is to say of these photos has been said of the parts that they come from.
    silent = Reporter()
    parts = read_parts(folders, inner, out, workers, silent)
    if FRAMES_IN_FOLDS in silent.warnings and options.val is not None:
        reporter.warn(_FRAMES)
    return parts


def pasted_classes(training: Sequence[Document], patch: Sequence[str]) -> list[str]:
    """The classes of a candidate that pastes all classes, in their order.

    These are ``patch``, and every class with ten objects in each training part: of fewer, there may
    be none that can be pasted.
    """
    fewest = np.min([document.class_counts() for document in training], axis=0)
    names = [category.name for category in training[0].class_categories]
    return [
        name
        for name, count in zip(names, fewest.tolist(), strict=True)
        if name in patch or count >= _FEWEST_OBJECTS
    ]
