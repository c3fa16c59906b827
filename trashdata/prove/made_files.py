"""The files that an arm makes of a fold's training part before anything is trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from trashdata.paths import DataFolders

if TYPE_CHECKING:
    import copy_paste
else:
    from trashdata import copy_paste

OVERSAMPLED, PASTED = "oversample", "copy_paste"


def make_files(
    made: Mapping[str, Any],
    train: str,
    folders: DataFolders,
    *,
    oversampled: str = OVERSAMPLED,
    pasted: str = PASTED,
    workers: int = 1,
    dry_run: bool = False,
) -> tuple[str, list[str]]:
    """Make the files of the tables ``oversample`` and ``copy-paste``.

    Parameters
    ----------
    made : the options of what an arm makes, by the name of their table.
    train : the name of the training file; every file is made of it.
    dry_run : check everything, write nothing.
    oversampled, pasted : names of the files without their ending, and of the folders of photos.

    Returns
    -------
    The name of the training file, or of the one with its photos repeated; and the names of the
    files that hold new photos after those of the training file.
    """
    base, files = train, []
    usual: dict[str, Any] = {"images": folders.images, "workers": workers, "dry_run": dry_run}
    if "oversample" in made:
        table = replace(made["oversample"], json=train, out=oversampled, mode="add")
        if table.repeat_factor is None:
            copy_paste.oversample(folders.data, table, **usual)
            files.append(f"{oversampled}.json")
        else:
            copy_paste.repeat_factor(folders.data, table.repeats(), dry_run=dry_run)
            base = f"{oversampled}.json"
    if "copy-paste" in made:
        table = replace(made["copy-paste"], json=train, out=pasted, mode="add")
        copy_paste.copy_paste(folders.data, table, **usual)
        files.append(f"{pasted}.json")
    return base, files
