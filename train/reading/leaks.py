"""Leaks: training photos that would make validation scores too high."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from trashdata.console import Reporter
from trashdata.fingerprints import Fingerprints, Side
from trashdata.leaks import leak
from trashdata.overlaps import compare

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
            raise leak(side.document.name, sources.val.name, found)
    return compared.prints
