"""Verdicts as text."""

from __future__ import annotations

import math

from .needs import Needs
from .verdicts import Row


def points(value: float) -> str:
    """A difference of IoU in points, with its sign.

    >>> points(0.0213), points(-0.0004), points(float("nan"))
    ('+2.1', '0.0', '–')
    """
    if math.isnan(value):
        return "–"
    text = f"{100 * value:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text


def interval(row: Row) -> str:
    """The mean and the ends of the interval, in points; no interval on too few photos.

    The end that is nearer to zero shows a digit more where rounding would turn it into zero.
    """
    if row.verdict == "too few photos":
        return points(row.mean)
    return f"{points(row.mean)} [{_end(row.low)}, {_end(row.high)}]"


def verdict(row: Row) -> str:
    """The verdict, and what would tell where there is none."""
    if row.needs is None:
        return row.verdict
    few = row.verdict == "too few photos"
    told = _few(row.groups, row.needs.photos) if few else _more(row.needs)
    return f"{row.verdict}: {told}"


def _end(value: float) -> str:
    text = points(value)
    return f"{100 * value:+.2g}" if text == "0.0" and value else text


def _few(groups: int, photos: int | None) -> str:
    """Say how many photos a class lacks.

    >>> _few(4, 300)
    'on 4 groups; about 300 more validation photos are needed'
    """
    if photos is None:
        return "none in validation"
    number = f"{groups} group{'' if groups == 1 else 's'}"
    return f"on {number}; about {_rounded(photos)} more validation photos are needed"


def _more(needs: Needs) -> str:
    """Say which of the two would tell.

    >>> _more(Needs(9, 57))
    '9 more seeds, or 57 more validation photos, would tell'
    >>> _more(Needs(None, 1213))
    '1,300 more validation photos would tell; more seeds would not'
    """
    seeds, photos = _number(needs.seeds, "seed"), _number(needs.photos, "validation photo")
    if seeds and photos:
        return f"{seeds}, or {photos}, would tell"
    if seeds:
        return f"{seeds} would tell; more validation photos would not"
    if photos:
        return f"{photos} would tell; more seeds would not"
    return "neither more seeds nor more validation photos alone would tell"


def _number(number: int | None, thing: str) -> str:
    if number is None:
        return ""
    return f"{_rounded(number)} more {thing}{'' if number == 1 else 's'}"


def _rounded(number: int) -> str:
    """Rounded up to two digits, as it is an estimate."""
    step = 10 ** max(len(str(number)) - 2, 0)
    return f"{math.ceil(number / step) * step:,}"
