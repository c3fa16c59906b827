"""Leaks: training photos that would make validation scores too high."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from trashdata.console import Reporter
from trashdata.errors import UserError, printable
from trashdata.fingerprints import Fingerprints, Side
from trashdata.overlaps import Overlap, compare

from .sources import Sources


def refuse_leaks(
    sources: Sources,
    images: Path,
    further: Sequence[Side] = (),
    *,
    allow_look_alikes: bool = False,
    workers: int = 1,
    reporter: Reporter | None = None,
) -> Fingerprints:
    """Refuse training photos that are in validation, look like one of its photos, or were made
    from one.

    Parameters
    ----------
    further : files that training photos are made of, beside the training files.
    allow_look_alikes : let photos be that only look like one of validation.

    Returns
    -------
    Fingerprints of all photos of the files.

    Raises
    ------
    UserError : names the first leak, and counts the others.
    """
    sides = [*(Side(source.document, images) for source in sources.train), *further]
    compared = compare(
        sides,
        Side(sources.val, images),
        allow_look_alikes=allow_look_alikes,
        workers=workers,
        reporter=reporter,
    )
    for side, found in zip(sides, compared.overlaps, strict=True):
        if found:
            raise _leak(side.document.name, sources.val.name, found)
    return compared.prints


def _leak(name: str, val_name: str, found: Sequence[Overlap]) -> UserError:
    # What no flag allows comes first.
    first = min(found, key=lambda overlap: (overlap.is_look_alike, overlap))
    more = f", and {len(found) - 1} more" if len(found) > 1 else ""
    listed = f"'trashdata kfold --check {name} {val_name}' lists all"
    way_out = (
        "pass --allow-look-alikes if they are different photos of one scene"
        if first.is_look_alike
        else "leave them out, or split one file of all photos with 'trashdata kfold'"
    )
    return UserError(
        f"{name}: {printable(first.one_name)}",
        expected=f"no photo of {val_name} in what is trained on",
        found=f"that it {first.sentence}{more}",
        advice=f"{way_out}; {listed}",
    )
