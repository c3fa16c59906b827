"""Symbolic links in paths of outputs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from trashdata.errors import UserError, printable


def refuse_outside(roots: Mapping[str, Path], files: Iterable[tuple[str, str]]) -> None:
    """Refuse files (root by name, path) that are outside of their root because of a link.

    The root itself may be a link, made by the user.
    """
    for _ in not_outside(roots, files):
        pass


def not_outside(
    roots: Mapping[str, Path], files: Iterable[tuple[str, str]]
) -> Iterator[tuple[str, str]]:
    """Yield the files, each checked as in `refuse_outside`."""
    seen: set[tuple[str, str]] = set()
    for root, path in files:
        folder = os.path.dirname(path)  # noqa: PTH120 - called for every file of a run
        if (root, folder) in seen:
            yield root, path
            continue
        seen.add((root, folder))
        real_root = os.path.realpath(roots[root])
        real = os.path.realpath(roots[root] / folder)
        if real != real_root and not real.startswith(real_root.rstrip("/") + "/"):
            raise UserError(
                printable(str(roots[root] / folder)),
                expected=f"a folder inside of {printable(str(roots[root]))} to write into",
                found=f"a link to {printable(real)}",
                advice="remove the link or choose another name",
            )
        yield root, path
