"""The refusal of arms that are made of validation photos, before anything is trained."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from trashdata.coco.read import read_document
from trashdata.console import Reporter
from trashdata.errors import UserError, printable
from trashdata.fingerprints import Side
from trashdata.leaks import leak
from trashdata.overlaps import compare
from trashdata.paths import DataFolders
from trashdata.prove.arms import Arm
from trashdata.prove.folds import Parts
from trashdata.prove.options import ProveOptions
from trashdata.prove.trials import made_tables


def refuse_leaks(
    folders: DataFolders,
    options: ProveOptions,
    parts: Parts,
    arms: Sequence[Arm],
    workers: int,
    reporter: Reporter,
) -> None:
    """Refuse training parts, donors and photos to label that share a photo with validation.

    Photos count as shared by their names, by their bytes and by their looks, under whatever names
    and ids.

    Raises
    ------
    UserError : it names the arm, the file and the photo.
    """
    for fold in parts.folds:
        sides = [
            (options.against, Side(fold.train, folders.images)),
            *_further(folders, options, arms),
        ]
        compared = compare(
            [side for _, side in sides],
            Side(fold.val, folders.images),
            allow_look_alikes=options.allow_look_alikes,
            workers=workers,
            reporter=reporter,
            prints=parts.prints,
        )
        for (arm, side), found in zip(sides, compared.overlaps, strict=True):
            if found:
                raise of_arm(arm, leak(side.document.name, fold.val.name, found))


def _further(
    folders: DataFolders, options: ProveOptions, arms: Sequence[Arm]
) -> Iterator[tuple[str, Side]]:
    """The files beside the training part that arms name, each once, with one of the arms."""
    known: set[tuple[str, str | None]] = set()
    for arm in arms:
        for name, table in made_tables(arm, 0, options, folders).items():
            pseudo = name == "pseudo"
            file = table.json if pseudo else table.donors
            root = str(folders.images) if pseudo else table.donor_images
            if file is not None and (file, root) not in known:
                known.add((file, root))
                yield arm.name, Side(read_document(Path(file)), Path(root))


def of_arm(arm: str, error: UserError) -> UserError:
    """The error, with the arm's name before it."""
    return UserError(
        f"arm {printable(arm)}: {error.where}",
        expected=error.expected,
        found=error.found,
        advice=error.advice,
    )
