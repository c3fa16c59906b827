"""Leaks: training photos that would make validation scores too high."""

from __future__ import annotations

from pathlib import Path

from trashdata.console import Reporter
from trashdata.errors import UserError, printable
from trashdata.overlaps import overlaps

from .sources import Sources

_RELATION = {
    "same image": "is",
    "same bytes": "is a copy of",
    "near-duplicate": "looks like",
    "background": "has as its background",
    "donor": "holds objects of",
    "repeat": "repeats",
}


def refuse_leaks(
    sources: Sources, images: Path, *, workers: int = 1, reporter: Reporter | None = None
) -> None:
    """Refuse training photos that are in validation, look like one of its photos, or were made
    from one.

    Raises
    ------
    UserError : names the first leak, and counts the others.
    """
    for source in sources.train:
        document = source.document
        found = overlaps(document, sources.val, images, workers=workers, reporter=reporter)
        if found:
            first = found[0]
            one, other = printable(first.one_name), printable(first.other_name)
            more = f", and {len(found) - 1} more" if len(found) > 1 else ""
            raise UserError(
                f"{document.name}: {one}",
                expected=f"no photo of {sources.val.name} in what is trained on",
                found=f"that it {_RELATION[first.kind]} {other}{more}",
                advice=f"'trashdata kfold --check {document.name} {sources.val.name}' lists all,"
                " 'trashdata kfold' makes parts that share nothing",
            )
