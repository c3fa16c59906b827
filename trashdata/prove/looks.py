"""How often a question was asked of the same photos; see `trashdata.comparison.judge`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from trashdata.comparison.store import key
from trashdata.errors import UserError, printable
from trashdata.runs.files import write_atomically

FILE = "looks.json"


class Look(msgspec.Struct, frozen=True, omit_defaults=True):
    """A table that was shown: the question, and the seeds of its runs.

    ``results``: which results it was made of, where the question and the seeds don't say that.
    """

    question: str
    seeds: list[int]
    results: str = ""


def number_of_look(looks: list[Look], question: str, seeds: list[int], results: str = "") -> int:
    """Which look this is, from 1; the same seeds again are the same look."""
    earlier = [look for look in looks if look.question == question]
    look = Look(question, seeds, results)
    return earlier.index(look) + 1 if look in earlier else len(earlier) + 1


def with_look(looks: list[Look], question: str, seeds: list[int], results: str = "") -> list[Look]:
    """The looks with this one, once."""
    look = Look(question, seeds, results)
    return looks if look in looks else [*looks, look]


def question_of(**parts: Any) -> str:
    """What is asked, as a key: arm, controls, steps and photos."""
    return key(parts)


def read_looks(folder: Path) -> list[Look]:
    """The looks so far.

    Raises
    ------
    UserError : the file is damaged.
    """
    path = folder / FILE
    if not path.exists():
        return []
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[Look])
    except (OSError, msgspec.DecodeError) as error:
        raise UserError(
            printable(str(path)),
            expected="the looks at these photos so far, as they were written",
            found=printable(str(error)),
            advice="restore the file, or start with another --out: looks that are not counted make"
            " false verdicts",
        ) from None


def write_looks(folder: Path, looks: list[Look]) -> None:
    """Keep the looks."""
    write_atomically(folder / FILE, msgspec.json.format(msgspec.json.encode(looks), indent=1))
