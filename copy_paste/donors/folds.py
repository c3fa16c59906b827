"""Checks for folds of `trashdata kfold`: no validation photo may enter the training part."""

from __future__ import annotations

from pathlib import Path

from trashdata.coco.document import Document
from trashdata.coco.read import read_document
from trashdata.errors import UserError, printable


def check_fold(path: Path, fold: int) -> None:
    """Refuse a fold that does not exist."""
    if not path.is_file():
        raise UserError(
            f"--fold {fold}",
            expected=f"the fold's training part, {path}",
            found="no such file",
            advice="make the folds with 'trashdata kfold', or choose one that exists",
        )


def check_donor_fold(donors: Document, train: Path, fold: int) -> None:
    """Refuse donors from a file that shares a photo with the fold's validation part."""
    path = train.with_name(f"kfold_{fold}_val.json")
    if not path.is_file():
        return
    validation = read_document(path, masks=False)
    shared = {i.file_name for i in donors.images} & {i.file_name for i in validation.images}
    if shared:
        raise UserError(
            f"--donors {donors.name}",
            expected=f"no photo of {path.name}, which validates fold {fold}",
            found=printable(min(shared)),
            advice="drop --donors, or give a file without the validation photos",
        )
