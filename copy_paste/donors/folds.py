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


def check_sources_of_fold(
    train: Side,
    donors: Side | None,
    fold: int,
    *,
    allow_look_alikes: bool = False,
    workers: int = 1,
    reporter: Reporter | None = None,
) -> None:
    """Refuse what shares a photo with the fold's validation part: donors from another file, and
    synthetic photos of the training part.

    Photos are compared by name, bytes and looks, those that synthetic photos were made of included.
    """
    path = train.document.path.with_name(f"kfold_{fold}_val.json")
    chosen = [train] if train.made_of else []
    chosen += [] if donors is None else [donors]
    if not chosen or not path.is_file():
        return
    validation = Side(read_document(path, masks=False), train.images)
    compared = compare(
        chosen,
        validation,
        allow_look_alikes=allow_look_alikes,
        workers=workers,
        reporter=reporter,
    )
    for side, found in zip(chosen, compared.overlaps, strict=True):
        if found:
            name = side.document.name
            where, way_out = (
                (name, "make the folds again with 'trashdata kfold'")
                if side is train
                else (f"--donors {name}", "drop --donors, or give a file without validation photos")
            )
            raise _shared(where, f"{path.name}, which validates fold {fold}", found, way_out)


def _shared(where: str, validation: str, found: Sequence[Overlap], way_out: str) -> UserError:
    # What no flag allows comes first.
    first = min(found, key=lambda overlap: (overlap.is_look_alike, overlap))
    alike = "pass --allow-look-alikes if they are different photos of one scene, or "
    return UserError(
        f"{where}: {printable(first.one_name)}",
        expected=f"no photo of {validation}",
        found=f"that it {first.sentence}",
        advice=(alike if first.is_look_alike else "") + way_out,
    )
