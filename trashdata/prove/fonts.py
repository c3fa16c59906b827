"""Fonts for names in pictures: one for all machines, and what is installed for what it lacks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

FONT = "DejaVu Sans"
"""matplotlib's own."""

# Hangul first, then fonts of many scripts; any other font comes after these.
_PREFERRED = (
    "Noto Sans CJK KR",
    "Noto Sans KR",
    "NanumGothic",
    "Malgun Gothic",
    "Apple SD Gothic Neo",
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Arial Unicode MS",
)


def families(texts: Iterable[str]) -> list[str]:
    """Families for these texts, as matplotlib takes them: its own, and one or none beside it.

    Pictures of names that matplotlib's font can write are the same on every machine. For others,
    the first installed font that holds all missing characters is taken, or that with most of them.
    """
    missing = frozenset(ord(c) for text in texts for c in text) - _characters(_own_path())
    if not missing:
        return [FONT]
    best = _best(missing, _installed())
    if best is None:
        _look_again()
        best = _best(missing, _installed())
    return [FONT] if best is None else [FONT, best]


def _best(missing: frozenset[int], installed: Mapping[str, str]) -> str | None:
    first = [name for name in _PREFERRED if name in installed]
    best, held = None, 0
    for name in [*first, *sorted(installed.keys() - {*_PREFERRED, FONT})]:
        count = len(missing & _characters(installed[name]))
        if count > held:
            best, held = name, count
        if held == len(missing):
            break
    return best


@cache
def _look_again() -> None:
    """Look for fonts that were installed after matplotlib made its list, which it keeps."""
    from matplotlib.font_manager import findSystemFonts, fontManager

    known = {face.fname for face in fontManager.ttflist}
    for path in sorted(set(findSystemFonts()) - known):
        # A file that FreeType can't read is no font for us.
        with suppress(OSError, RuntimeError):
            fontManager.addfont(path)
    _installed.cache_clear()


def can_write(text: str, names: Iterable[str]) -> bool:
    """Whether fonts of these families hold every character of a text."""
    installed = _installed()
    held = {FONT: _own_path()} | {name: installed[name] for name in names if name in installed}
    return all(any(ord(c) in _characters(path) for path in held.values()) for c in text)


@cache
def _installed() -> dict[str, str]:
    """Path of the regular face of each family."""
    from matplotlib.font_manager import fontManager

    faces = sorted(fontManager.ttflist, key=lambda face: (face.name, face.fname), reverse=True)
    # 400 is regular.
    return {
        face.name: face.fname
        for face in faces
        if face.style == "normal"
        and face.weight in (400, "normal", "regular")
        # A box for every character there is.
        and not face.name.startswith("Last Resort")
    }


def _own_path() -> str:
    import matplotlib

    return str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf")


@cache
def _characters(path: str) -> frozenset[int]:
    """Code points that a font file has a glyph for; none if it can't be read."""
    from matplotlib.ft2font import FT2Font

    try:
        return frozenset(FT2Font(path).get_charmap())
    except (OSError, RuntimeError):
        return frozenset()
