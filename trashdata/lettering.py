"""Text drawn with Pillow: one font, the same on every machine."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from PIL import ImageFont


@cache
def font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    """DejaVu Sans of ``size`` pixels, from matplotlib's files without importing it."""
    package = find_spec("matplotlib")
    assert package is not None
    assert package.origin is not None
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    path = Path(package.origin).parent / "mpl-data" / "fonts" / "ttf" / name
    # Basic layout, since not every build of Pillow has the library for the other one.
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


@cache
def _character(character: str) -> str:
    """The character, its base letter if the font lacks the accented one, else a question mark."""
    missing = bytes(font(12).getmask("\U0010fffd"))
    for candidate in (character, unicodedata.normalize("NFKD", character)[0]):
        if candidate.isprintable() and bytes(font(12).getmask(candidate)) != missing:
            return candidate
    return "?"


def plain_text(text: str) -> str:
    """Replace the characters that the font lacks.

    Examples
    --------
    >>> plain_text("Plástico Батарея 漢字.jpg")
    'Plástico Батарея ??.jpg'
    """
    return "".join(_character(c) for c in unicodedata.normalize("NFC", text))


def text_width(text: str, size: int) -> float:
    """Width in pixels of plain text."""
    return float(font(size).getlength(text))


def elide(text: str, size: int, room: float) -> str:
    """Shorten a text in the middle if it is wider than ``room`` pixels."""
    if text_width(text, size) <= room:
        return text

    def without(cut: int) -> str:
        # More of the end is kept, with the number and the ending of a file name.
        head = (len(text) - cut) // 2
        return f"{text[:head]}...{text[head + cut :]}"

    cuts = range(1, len(text))
    fewest = bisect_left(cuts, True, key=lambda cut: text_width(without(cut), size) <= room)
    return without(cuts[fewest]) if fewest < len(cuts) else ""
