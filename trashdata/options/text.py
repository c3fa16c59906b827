"""Options whose value is written as text and parsed to something else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from trashdata.errors import UserError, printable


@dataclass(frozen=True)
class Text:
    """Parsing of a field from the text on the command line or in a TOML file.

    ``parse`` makes a value from text, ``show`` text from a value.
    """

    parse: Callable[[str], Any]
    show: Callable[[Any], str] = str


def split_list(text: str) -> tuple[str, ...]:
    """The items of a value such as ``presence,count``."""
    return tuple(item.strip() for item in text.split(",") if item.strip())


def join_list(items: Sequence[object]) -> str:
    """The text that `split_list` reads."""
    return ",".join(map(str, items))


def split_pairs(option: str, texts: Sequence[str], *, at_last: bool = False) -> dict[str, str]:
    """The values of an option such as ``OLD=NEW``, by left side, which must be unique.

    ``at_last``: the left side ends at the last equals sign, so that it may contain others.
    """
    pairs: dict[str, str] = {}
    for text in texts:
        left, sign, right = text.rpartition("=") if at_last else text.partition("=")
        if not sign or not left:
            raise UserError(
                f"{option} {printable(text)!r}",
                expected="two names with = between them",
                found="nothing before the =" if sign else "one",
                advice="put names with spaces in quotes",
            )
        if pairs.setdefault(left, right) != right:
            raise UserError(
                f"{option} {printable(text)!r}",
                expected=f"one value for {printable(left)}",
                found=f"{printable(pairs[left])} as well",
                advice="drop one of the two",
            )
    return pairs
