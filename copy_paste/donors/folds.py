"""Checks for folds of `trashdata kfold`: no validation photo may enter the training part."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from trashdata.coco.read import read_document
from trashdata.console import Reporter
from trashdata.errors import UserError, printable
from trashdata.fingerprints import Side
from trashdata.overlaps import Overlap, compare


def check_fold(path: Path, fold: int) -> None:
    """Refuse a fold that does not exist."""
    if not path.is_file():
        raise UserError(
            f"--fold {fold}",
            expected=f"the fold's training part, {path}",
            found="no such file",
            advice="make the folds with 'trashdata kfold', or choose one that exists",
        )


def check_donor_fold(
    donors: Side,
    train: Side,
    fold: int,
    *,
    allow_look_alikes: bool = False,
    workers: int = 1,
    reporter: Reporter | None = None,
) -> None:
    """Refuse donors from a file that shares a photo with the fold's validation part.

    Photos are compared by name, bytes and looks, those that synthetic donor photos were made of
    included.
    """
    path = train.document.path.with_name(f"kfold_{fold}_val.json")
    if not path.is_file():
        return
    validation = Side(read_document(path, masks=False), train.images)
    (found,) = compare(
        [donors],
        validation,
        allow_look_alikes=allow_look_alikes,
        workers=workers,
        reporter=reporter,
    ).overlaps
    if found:
        raise _shared(donors.document.name, path.name, fold, found)


def _shared(name: str, val_name: str, fold: int, found: Sequence[Overlap]) -> UserError:
    # What no flag allows comes first.
    first = min(found, key=lambda overlap: (overlap.is_look_alike, overlap))
    alike = "pass --allow-look-alikes if they are different photos of one scene, or "
    return UserError(
        f"--donors {name}: {printable(first.one_name)}",
        expected=f"no photo of {val_name}, which validates fold {fold}",
        found=f"that it {first.sentence}",
        advice=(alike if first.is_look_alike else "")
        + "drop --donors, or give a file without the validation photos",
    )
